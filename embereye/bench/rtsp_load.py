"""An RTSP server for load: many cameras in a process of its own, for next to no processor time.

It sends clips in real time over TCP (interleaved), never waits for a slow client, and tells what
it sent and what it had to leave out. Only for benchmarks and tests: it asks for no login.
"""

import asyncio
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

import psutil

from embereye.bench.rtp import Stream, stream_of
from embereye.bench.rtsp_sender import Pacer, Sender, Sent
from embereye.runtime.process import Child

_START = 30.0  # s for the process to start and cut its clips
_ANSWER = 5.0  # s for an answer of a process that is starved by what it loads
_SEND_BUFFER = 65_536  # bytes; else the kernel holds seconds of a sub stream
_BACKLOG = 512  # connections of a whole wall that starts at once
_LONGEST = 16_384  # bytes of one request
_CONTENT = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mount:
    """One camera: rtsp://…/NAME plays `clip` in a loop."""

    name: str
    clip: Path


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What the server did so far.

    Attributes:
        cpu: Its processor seconds.
        mounts: By name.
    """

    cpu: float
    mounts: dict[str, Sent]

    @property
    def dropped(self) -> int:
        """Pictures left out because clients fell behind."""
        return sum(mount.dropped for mount in self.mounts.values())

    @property
    def late(self) -> int:
        """Pictures that the server itself sent too late."""
        return sum(mount.late for mount in self.mounts.values())


class RtspLoad:
    """The running server. Belongs to one thread; close it.

    Attributes:
        port: On the loopback.
        pid: Of its process.
    """

    def __init__(self, mounts: Sequence[Mount]) -> None:
        """Start it; RuntimeError when it does not listen within 30 s."""
        self._child = Child("load server", serve, tuple(mounts))
        port = self._child.receive(_START)
        if not isinstance(port, int):
            self._child.kill()
            raise RuntimeError("the load server did not start")
        self.port = port
        self.pid = self._child.pid

    def url(self, name: str) -> str:
        """The address of a mount."""
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def figures(self) -> LoadFigures:
        """What it did so far; RuntimeError when it does not answer."""
        self._child.send("figures")
        found = self._child.receive(_ANSWER)
        if not isinstance(found, LoadFigures):
            raise RuntimeError("the load server does not answer")
        return found

    def close(self) -> None:
        """End the process and all its connections."""
        self._child.close()


def serve(pipe: Connection, mounts: tuple[Mount, ...]) -> None:
    """Serve until the pipe ends. The body of the process."""
    asyncio.run(_serve(pipe, mounts))


async def _serve(pipe: Connection, mounts: tuple[Mount, ...]) -> None:
    loop = asyncio.get_running_loop()
    site = _Site(mounts, Pacer(loop))
    server = await loop.create_server(lambda: _Client(site), "127.0.0.1", 0, backlog=_BACKLOG)
    pipe.send(server.sockets[0].getsockname()[1])
    over = asyncio.Event()
    # A thread, since event loops cannot watch pipes on every system.
    Thread(target=_listen, args=(pipe, site, loop, over), daemon=True).start()
    await over.wait()
    server.close()
    site.close()


def _listen(
    pipe: Connection, site: "_Site", loop: asyncio.AbstractEventLoop, over: asyncio.Event
) -> None:
    try:
        while True:
            pipe.recv()
            pipe.send(site.figures())
    except (EOFError, OSError):
        loop.call_soon_threadsafe(over.set)


class _Site:
    """Everything that clients share. Event loop; `figures` may be read from any thread."""

    def __init__(self, mounts: tuple[Mount, ...], pacer: Pacer) -> None:
        streams = {clip: stream_of(clip) for clip in {mount.clip for mount in mounts}}
        self.streams = {mount.name: streams[mount.clip] for mount in mounts}
        self.sent = {mount.name: Sent() for mount in mounts}
        self.pacer = pacer
        self.clients: set[_Client] = set()
        self._numbers = 0

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def figures(self) -> LoadFigures:
        times = psutil.Process().cpu_times()
        copies = {name: replace(sent) for name, sent in self.sent.items()}
        return LoadFigures(times.user + times.system, copies)

    def close(self) -> None:
        for client in list(self.clients):
            client.abort()


class _Client(asyncio.Protocol):
    """One connection: requests in, answers and pictures out."""

    def __init__(self, site: _Site) -> None:
        self._site = site
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._name = ""
        self._playing = 0

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._site.clients.add(self)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)

    def connection_lost(self, error: Exception | None) -> None:
        self._site.clients.discard(self)
        self._stop()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._request()) is not None:
            if request:
                self._answer(request)
        if len(self._received) > _LONGEST:
            self.abort()

    def _request(self) -> str | None:
        """The next request without its body, "" for a report (RTCP), None when none is whole."""
        waiting = self._received
        if waiting[:1] == b"$":
            size = 4 + int.from_bytes(waiting[2:4]) if len(waiting) >= 4 else _LONGEST
            head = size
        else:
            head = waiting.find(b"\r\n\r\n") + 4
            if head < 4:
                return None
            found = _CONTENT.search(waiting, 0, head)
            size = head + (int(found[1]) if found else 0)
        if len(waiting) < size:
            return None
        text = "" if waiting[:1] == b"$" else waiting[:head].decode(errors="replace")
        del waiting[:size]
        return text

    def _answer(self, text: str) -> None:
        request, *rest = text.split("\r\n")
        method, url = [*request.split(" "), "", ""][:2]
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)
        }
        status, lines, body = self._reply(method, url, fields.get("transport", ""))
        if body:
            lines.append(f"Content-Length: {len(body)}")
        head = [f"RTSP/1.0 {status}", f"CSeq: {fields.get('cseq', '0')}", *lines]
        if self._transport is None:
            return
        self._transport.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())
        if method == "PLAY" and status.startswith("200"):
            self._play(self._transport)
        elif method == "TEARDOWN":
            self._stop()

    def _reply(self, method: str, url: str, transport: str) -> tuple[str, list[str], str]:
        session = ["Session: 1;timeout=60"]
        if method == "OPTIONS":
            return "200 OK", ["Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"], ""
        name = re.sub(r"rtsp://[^/]*/", "", url).split("/")[0]
        stream = self._site.streams.get(name)
        if stream is None:
            return "404 Not Found", [], ""
        self._name = name
        if method == "DESCRIBE":
            facts = [f"Content-Base: {url}/", "Content-Type: application/sdp"]
            return "200 OK", facts, _description(stream)
        if method == "SETUP":
            if "TCP" not in transport:
                return "461 Unsupported Transport", [], ""
            return "200 OK", ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", *session], ""
        return "200 OK", session, ""

    def _play(self, transport: asyncio.Transport) -> None:
        if self._playing:
            return
        self._playing = self._site.number()
        sent = self._site.sent[self._name]
        sent.clients += 1
        now = asyncio.get_running_loop().time()
        sender = Sender(self._site.streams[self._name], transport, sent, self._playing, now)
        self._site.pacer.add(self._playing, sender)

    def _stop(self) -> None:
        if self._playing:
            self._site.pacer.remove(self._playing)
            self._site.sent[self._name].clients -= 1
            self._playing = 0


def _description(stream: Stream) -> str:
    head = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=load", "c=IN IP4 0.0.0.0", "t=0 0"]
    return "\r\n".join(head) + "\r\n" + stream.sdp
