"""A small RTSP server for tests, with faults on command; a process of its own.

Usage: python rtsp_server.py --port 0 --media FILE … [--auth basic|digest --user U --password P]
Serves each H.264 or H.265 file in a loop, in real time, at rtsp://127.0.0.1:PORT/STEM, over TCP
(interleaved) and UDP; STEM.ANYTHING is a further camera with the same video and faults of its own.
All clients of a file see the same moment, as of a camera: picture n of the endless loop is sent at
`epoch` + n intervals; a new client gets the next key frame first. Prints {"port": N, "epoch":
monotonic seconds} when it listens. Reads a command per line from standard input, FAULT or
FAULT MOUNT, and ends when that closes:

    ok        serve as usual              stall      connections stay open, nothing more is sent
    reset     cut all connections (RST)   refuse     cut, and refuse new ones (all mounts)
    garbage   random bytes for video      truncate   half of each RTP packet, wrong length
    blackhole accept, never answer        slow       answer DESCRIBE after 3 s
    codec     offer an unknown codec      audio      offer audio only
    slower    answer DESCRIBE after 8 s
    shut      accept and close            deny       cut, and ask for another password
    expire    refuse, and end the stream at the client's next request
    burst     hold everything back, send it all at the end of the fault
    loss      lose 5 % of all packets     bare       no parameter sets anywhere
    ahead, behind   time stamps leap by a day       zero, backwards   they stand still, fall
    show:STEM another file from the next key frame on, without a word to those connected
    unknown   an unknown codec in mid-stream
    lie:STEM  describe another file       profile, rate   describe a false one
    huge      a description of 100 MB     endless    header lines for ever
"""

import argparse
import asyncio
import base64
import hashlib
import json
import math
import os
import re
import socket
import struct
import sys
import threading
from pathlib import Path

from rtsp_faults import AT_OPENING, Mount
from rtsp_media import Media, Packetiser

_REALM, _NONCE = "tests", "0123456789abcdef"
_SLOW = {"slow": 3.0, "slower": 8.0}  # s before a DESCRIBE is answered
_SESSION = 2  # s; libav repeats a request after half of it
_HUGE = 100_000_000  # bytes
_LINE = b"a=x-nothing:" + b"y" * 86 + b"\r\n"


class Server:
    """All mounts, all clients."""

    def __init__(self, media: dict[str, Media], auth: str, login: tuple[str, str]) -> None:
        self.auth = auth
        self.login = login
        self.clients: set[Client] = set()
        self.accepting = "ok"  # the fault of the whole server
        self._media = media
        self._mounts: dict[str, Mount] = {}

    async def serve(self, port: int) -> None:
        self.epoch = asyncio.get_running_loop().time()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self._port = self._server.sockets[0].getsockname()[1]
        _say({"port": self._port, "epoch": self.epoch})

    def mount(self, name: str) -> Mount | None:
        """The camera of that name; None where there is none."""
        stem = name.split(".")[0]
        if stem in self._media and name not in self._mounts:
            self._mounts[name] = Mount(self._media[stem], self._media)
            self._mounts[name].set_fault(self.accepting)
        return self._mounts.get(name)

    async def command(self, line: str) -> None:
        words, _, name = line.partition(" ")
        mounts = [self.mount(name)] if name else list(self._mounts.values())
        for mount in mounts:
            assert mount is not None
            mount.set_fault(words)
        if words.partition(":")[0] in AT_OPENING | {"reset", "refuse"}:
            for client in list(self.clients):
                if not name or client.mount in mounts:
                    client.reset()
        if not name:
            await self._command_all(words)
        _say({"fault": line})

    async def _command_all(self, words: str) -> None:
        before, self.accepting = self.accepting, words
        if words == "refuse":
            self._server.close()
        elif before == "refuse":
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, reader, writer)
        self.clients.add(client)
        try:
            await client.converse()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            client.close()
            self.clients.discard(client)

    def allows(self, method: str, header: str) -> bool:
        """Whether an Authorization header proves the login."""
        user, password = self.login
        if self.auth == "none":
            return True
        if self.auth == "basic":
            wanted = base64.b64encode(f"{user}:{password}".encode()).decode()
            return header == f"Basic {wanted}"
        fields = dict(re.findall(r'(\w+)="([^"]*)"', header))
        first = _md5(f"{user}:{_REALM}:{password}")
        second = _md5(f"{method}:{fields.get('uri', '')}")
        wanted = _md5(f"{first}:{_NONCE}:{second}")
        return fields.get("username") == user and fields.get("response") == wanted

    def challenge(self) -> str:
        if self.auth == "basic":
            return f'Basic realm="{_REALM}"'
        return f'Digest realm="{_REALM}", nonce="{_NONCE}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Client:
    """One RTSP connection and its stream."""

    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.mount: Mount | None = None
        self._server = server
        self._reader = reader
        self._writer = writer
        self._stream: asyncio.Task[None] | None = None
        self._udp: socket.socket | None = None
        self._target: tuple[str, int] | None = None

    async def converse(self) -> None:
        while self._fault() != "shut":
            head = await self._reader.readexactly(1)
            if head == b"$":  # RTCP of the client
                _, size = struct.unpack("!BH", await self._reader.readexactly(3))
                await self._reader.readexactly(size)
                continue
            text = (head + await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            request, *rest = text.split("\r\n")
            method, url = request.split(" ")[:2]
            name = re.sub(r"rtsp://[^/]*/", "", url).split("/")[0]
            self.mount = self._server.mount(name) or self.mount
            if self._fault() not in ("blackhole", "shut"):
                await self._answer(method, url, rest)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
        if self._udp is not None:
            self._udp.close()
        self._writer.close()

    def reset(self) -> None:
        """Cut the connection with RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _fault(self) -> str:
        return self._server.accepting if self.mount is None else self.mount.fault

    async def _answer(self, method: str, url: str, lines: list[str]) -> None:
        headers = {
            name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)
        }
        status, extra, body = await self._reply(method, url, headers)
        head = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *extra]
        if method == "DESCRIBE" and self._fault() in ("huge", "endless"):
            await self._flood(head)
        if body:
            head.append(f"Content-Length: {len(body)}")
        self._writer.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())
        if method == "PLAY" and status.startswith("200"):
            self._stream = asyncio.create_task(self._play())
        if self._fault() == "expire" and self._stream is not None:
            self._stream.cancel()
        await self._writer.drain()

    async def _flood(self, head: list[str]) -> None:
        """More than any client wants."""
        self._writer.write(("\r\n".join(head) + "\r\n").encode())
        if self._fault() == "huge":
            self._writer.write(b"Content-Length: %d\r\n\r\n" % _HUGE)
        for _ in range(_HUGE // (1000 * len(_LINE))):
            self._writer.write(_LINE * 1000)
            await self._writer.drain()

    async def _reply(
        self, method: str, url: str, headers: dict[str, str]
    ) -> tuple[str, list[str], str]:
        if method == "OPTIONS":
            return "200 OK", ["Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"], ""
        allowed = self._server.allows(method, headers.get("authorization", ""))
        if not allowed or self._fault() in ("deny", "expire"):
            return "401 Unauthorized", [f"WWW-Authenticate: {self._server.challenge()}"], ""
        if self.mount is None:
            return "404 Not Found", [], ""
        if method == "DESCRIBE":
            await asyncio.sleep(_SLOW.get(self._fault(), 0.0))
            base = [f"Content-Base: {url}/", "Content-Type: application/sdp"]
            return "200 OK", base, self.mount.description()
        if method == "SETUP":
            session = f"Session: 1;timeout={_SESSION}"
            return "200 OK", [*self._set_up(headers["transport"]), session], ""
        return "200 OK", ["Session: 1"], ""

    def _set_up(self, transport: str) -> list[str]:
        ports = re.search(r"client_port=(\d+)-(\d+)", transport)
        if ports is None:
            return ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._target = ("127.0.0.1", int(ports[1]))
        own = self._udp.getsockname()[1]
        return [
            f"Transport: RTP/AVP;unicast;client_port={ports[1]}-{ports[2]};"
            f"server_port={own}-{own + 1}"
        ]

    async def _play(self) -> None:
        mount = self.mount
        assert mount is not None
        loop, packetiser = asyncio.get_running_loop(), Packetiser()
        media, held, begun = mount.media, list[bytes](), False
        number = math.ceil((loop.time() - self._server.epoch) / media.interval)
        while True:
            at = self._server.epoch + number * media.interval
            await asyncio.sleep(max(0.0, at - loop.time()))
            unit = mount.media.units[number % len(media.units)]
            if unit.key:
                media, begun = mount.media, True
            if begun:
                unit = media.units[number % len(media.units)]
                stamp = number // len(media.units) * media.seconds + unit.shown
                held += mount.packets(packetiser, unit, stamp)
            if mount.fault != "burst":
                for packet in held:
                    self._send(mount, packet)
                held.clear()
                await self._drain()
            number += 1

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            raise asyncio.CancelledError from None

    def _send(self, mount: Mount, packet: bytes) -> None:
        if self._udp is not None and self._target is not None:
            self._udp.sendto(mount.framed(packet), self._target)
        else:
            size = struct.pack("!cBH", b"$", 0, len(packet))
            self._writer.write(size + mount.framed(packet))


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--media", type=Path, nargs="+", required=True)
    parser.add_argument("--auth", choices=("none", "basic", "digest"), default="none")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    args = parser.parse_args()
    media = {path.stem: Media(path) for path in args.media}
    server = Server(media, args.auth, (args.user, args.password))
    await server.serve(args.port)
    loop = asyncio.get_running_loop()

    def listen() -> None:
        for line in sys.stdin:
            asyncio.run_coroutine_threadsafe(server.command(line.strip()), loop).result()
        os._exit(0)  # the test is gone

    threading.Thread(target=listen, daemon=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
