"""A small RTSP server for tests, with faults on command; a process of its own.

Usage: python rtsp_server.py --port 0 --media FILE … [--auth basic|digest --user U --password P]
Serves each H.264 file in a loop, in real time, at rtsp://127.0.0.1:PORT/STEM, over TCP
(interleaved) and UDP. Prints {"port": N} when it listens. Reads one command per line from standard
input and ends when that closes:

    ok        serve as usual              stall      connections stay open, nothing more is sent
    reset     cut all connections (RST)   refuse     cut, and refuse new ones
    garbage   random bytes for video      truncate   half of each RTP packet, wrong length
    blackhole accept, never answer        slow       answer DESCRIBE after 3 s
    codec     offer an unknown codec      audio      offer audio only
"""

import argparse
import asyncio
import base64
import hashlib
import json
import os
import random
import re
import socket
import struct
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

_MTU = 1400  # bytes of one RTP payload
_REALM, _NONCE = "tests", "0123456789abcdef"
_SLOW = 3.0  # s before a DESCRIBE is answered


@dataclass
class Unit:
    """One encoded picture: when it is sent and when it is shown (s), and its NAL units."""

    at: float
    shown: float
    nals: list[bytes]


class Media:
    """An H.264 file cut into NAL units."""

    def __init__(self, path: Path) -> None:
        self.units: list[Unit] = []
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            if stream.codec_context.name != "h264":
                raise SystemExit(f"{path} is not H.264")
            annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
            interval = float(1 / stream.average_rate)
            for packet in container.demux(stream):
                for part in annex_b.filter(packet if packet.size else None):
                    at = len(self.units) * interval
                    shown = float((part.pts or 0) * part.time_base) if part.pts else at
                    self.units.append(Unit(at, shown, split_nals(bytes(part))))
        self.seconds = len(self.units) * interval
        first = [nal for unit in self.units[:2] for nal in unit.nals]
        self.sps = next(nal for nal in first if nal[0] & 31 == 7)
        self.pps = next(nal for nal in first if nal[0] & 31 == 8)

    def sdp(self, fault: str) -> str:
        sprop = ",".join(base64.b64encode(nal).decode() for nal in (self.sps, self.pps))
        lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=test", "c=IN IP4 0.0.0.0", "t=0 0"]
        if fault == "audio":
            lines += ["m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=control:track0"]
        elif fault == "codec":
            lines += ["m=video 0 RTP/AVP 96", "a=rtpmap:96 X-NOBODY/90000", "a=control:track0"]
        else:
            form = f"packetization-mode=1;profile-level-id={self.sps[1:4].hex()}"
            lines += ["m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000"]
            lines += [f"a=fmtp:96 {form};sprop-parameter-sets={sprop}", "a=control:track0"]
        return "\r\n".join(lines) + "\r\n"


def split_nals(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream."""
    parts = re.split(b"\x00\x00\x00?\x01", data)
    return [part for part in parts if part]


class Packetiser:
    """RTP packets of H.264 (RFC 6184: single NAL units and FU-A)."""

    def __init__(self) -> None:
        self._seq = random.randrange(1 << 15)
        self._ssrc = random.randrange(1 << 32)

    def packets(self, unit: Unit, at: float) -> list[bytes]:
        stamp = int(at * 90_000) & 0xFFFFFFFF
        payloads = [piece for nal in unit.nals for piece in self._payloads(nal)]
        last = len(payloads) - 1
        return [self._packet(data, stamp, i == last) for i, data in enumerate(payloads)]

    def _payloads(self, nal: bytes) -> list[bytes]:
        if len(nal) <= _MTU:
            return [nal]
        indicator, kind = (nal[0] & 0xE0) | 28, nal[0] & 31
        pieces = [nal[i : i + _MTU] for i in range(1, len(nal), _MTU)]
        made = []
        for i, piece in enumerate(pieces):
            edge = 0x80 * (i == 0) | 0x40 * (i == len(pieces) - 1)
            made.append(bytes((indicator, edge | kind)) + piece)
        return made

    def _packet(self, payload: bytes, stamp: int, last: bool) -> bytes:
        self._seq = (self._seq + 1) & 0xFFFF
        return struct.pack("!BBHII", 0x80, 96 | last << 7, self._seq, stamp, self._ssrc) + payload


class Server:
    """All mounts, all clients; `fault` is what goes wrong at the moment."""

    def __init__(self, media: dict[str, Media], auth: str, login: tuple[str, str]) -> None:
        self.media = media
        self.fault = "ok"
        self.auth = auth
        self.login = login
        self.clients: set[Client] = set()

    async def serve(self, port: int) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self._port = self._server.sockets[0].getsockname()[1]
        _say(json.dumps({"port": self._port}))

    async def command(self, word: str) -> None:
        before, self.fault = self.fault, word
        if word in ("reset", "refuse"):
            for client in list(self.clients):
                client.reset()
        if word == "refuse":
            self._server.close()
        elif before == "refuse":
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        _say(json.dumps({"fault": word}))

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
        self._server = server
        self._reader = reader
        self._writer = writer
        self._stream: asyncio.Task[None] | None = None
        self._udp: socket.socket | None = None
        self._target: tuple[str, int] | None = None
        self._media: Media | None = None

    async def converse(self) -> None:
        while True:
            head = await self._reader.readexactly(1)
            if head == b"$":  # RTCP of the client
                _, size = struct.unpack("!BH", await self._reader.readexactly(3))
                await self._reader.readexactly(size)
                continue
            text = (head + await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            if self._server.fault == "blackhole":
                continue
            await self._answer(text)

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

    async def _answer(self, text: str) -> None:
        request, *rest = text.split("\r\n")
        method, url = request.split(" ")[:2]
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)
        }
        status, extra, body = await self._reply(method, url, headers)
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *extra]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        if method == "PLAY" and status.startswith("200"):
            self._stream = asyncio.create_task(self._play())
        await self._writer.drain()

    async def _reply(
        self, method: str, url: str, headers: dict[str, str]
    ) -> tuple[str, list[str], str]:
        if method == "OPTIONS":
            return "200 OK", ["Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"], ""
        if not self._server.allows(method, headers.get("authorization", "")):
            return "401 Unauthorized", [f"WWW-Authenticate: {self._server.challenge()}"], ""
        name = re.sub(r"rtsp://[^/]*/", "", url).split("/")[0]
        if name not in self._server.media:
            return "404 Not Found", [], ""
        self._media = self._server.media[name]
        if method == "DESCRIBE":
            if self._server.fault == "slow":
                await asyncio.sleep(_SLOW)
            base = [f"Content-Base: {url}/", "Content-Type: application/sdp"]
            return "200 OK", base, self._media.sdp(self._server.fault)
        if method == "SETUP":
            return "200 OK", [*self._set_up(headers["transport"]), "Session: 1;timeout=60"], ""
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
        assert self._media is not None
        loop = asyncio.get_running_loop()
        packetiser, begin, rounds = Packetiser(), loop.time(), 0
        while True:
            for unit in self._media.units:
                at = unit.at + rounds * self._media.seconds
                await asyncio.sleep(max(0.0, begin + at - loop.time()))
                shown = unit.shown + rounds * self._media.seconds
                for packet in packetiser.packets(unit, shown):
                    self._send(packet)
                await self._drain()
            rounds += 1

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            raise asyncio.CancelledError from None

    def _send(self, packet: bytes) -> None:
        fault = self._server.fault
        if fault in ("stall", "blackhole"):
            return
        if fault == "garbage":
            packet = packet[:12] + random.randbytes(len(packet) - 12)
        size = len(packet)
        if fault == "truncate":
            packet = packet[: size // 2]
        if self._udp is not None and self._target is not None:
            self._udp.sendto(packet, self._target)
        else:
            self._writer.write(struct.pack("!cBH", b"$", 0, size) + packet)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
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
