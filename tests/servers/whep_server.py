"""A small WHEP server for tests: real WebRTC by aiortc; a process of its own.

Usage: python whep_server.py [CERTIFICATE KEY]. Prints {"port": N}; ends when standard input
closes. GET /watched tells {"watched": open streams}. POST paths: live (H.264), vp8, secret (Basic
bob:canary), token (Bearer canary), stops (ends the stream after 2 s), freezes (sends nothing more
after one, but stays), high (calls itself High profile); and faults: forged (fingerprint of
another), named (no numeric address), unreachable (gone after its answer), gone, error, method,
page, huge, elsewhere, silent, drip, novideo, junk (well-formed lines without sense).
"""

import asyncio
import base64
import json
import os
import re
import ssl
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
import numpy as np
from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)

_RATE = 15
_HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
_AUDIO = _HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000\r\n"
_JUNK = (
    _HEAD + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\na=sendonly\r\n"
    "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=fingerprint:none\r\na=setup:\r\n"
)


class Square(VideoStreamTrack):
    """An orange square that moves over green, 320×240."""

    def __init__(self, pictures: int, freezes: bool) -> None:
        super().__init__()
        self._pictures = pictures
        self._freezes = freezes
        self._count = 0

    async def recv(self) -> av.VideoFrame:
        if self._count >= self._pictures:
            if not self._freezes:
                self.stop()
            await asyncio.sleep(3600)
        await asyncio.sleep(1 / _RATE)
        pixels = np.zeros((240, 320, 3), dtype=np.uint8)
        pixels[:, :, 1] = 90
        left = self._count * 4 % 320
        pixels[60:120, left : left + 40] = (255, 80, 20)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = self._count * 90_000 // _RATE, Fraction(1, 90_000)
        self._count += 1
        return frame


class Streams:
    """All open connections. Lives in the loop."""

    def __init__(self) -> None:
        self.connections: dict[int, RTCPeerConnection] = {}

    async def answer(self, path: str, offer: str) -> tuple[int, str]:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        number = len(self.connections) + 1
        self.connections[number] = connection
        limited = path in ("stops", "freezes")
        connection.addTrack(Square(_RATE if limited else 10**9, path == "freezes"))
        (transceiver,) = connection.getTransceivers()
        wanted = "video/VP8" if path == "vp8" else "video/H264"
        codecs = RTCRtpSender.getCapabilities("video").codecs
        transceiver.setCodecPreferences([c for c in codecs if c.mimeType == wanted])
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        if path == "stops":
            self._ending = asyncio.create_task(self._end(number))
        return number, connection.localDescription.sdp

    async def _end(self, number: int) -> None:
        await asyncio.sleep(2.0)
        await self.leave(number)

    async def leave(self, number: int) -> None:
        connection = self.connections.pop(number, None)
        if connection is not None:
            await connection.close()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    streams: Streams
    loop: asyncio.AbstractEventLoop

    def do_POST(self) -> None:
        path = self.path.strip("/")
        offer = self.rfile.read(int(self.headers["Content-Length"]))
        if (fault := _FAULTS.get(path)) is not None:
            fault(self)
        elif path in ("secret", "token") and not self._may(path):
            self._body(401, "text/plain", b"no")
        else:
            number, text = self._in_loop(self.streams.answer(path, offer.decode()))
            if path == "unreachable":
                self._in_loop(self.streams.leave(number))
            elif path in _CHANGED:
                text = re.sub(*_CHANGED[path], text)
            self._body(201, "application/sdp", text.encode(), f"/session/{number}")

    def do_DELETE(self) -> None:
        self._in_loop(self.streams.leave(int(self.path.rpartition("/")[2])))
        self._body(200, "text/plain", b"")

    def do_GET(self) -> None:
        watched = json.dumps({"watched": len(self.streams.connections)})
        self._body(200, "application/json", watched.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        return

    def _may(self, path: str) -> bool:
        basic = "Basic " + base64.b64encode(b"bob:canary").decode()
        return self.headers["Authorization"] == (basic if path == "secret" else "Bearer canary")

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def _body(self, status: int, kind: str, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return

    def drip(self) -> None:
        try:
            self.wfile.write(b"HTTP/1.1 201 Created\r\n")
            for _ in range(600):
                self.wfile.write(b"X-A: b\r\n")
                time.sleep(0.1)
        except OSError:
            return


_CHANGED = {
    "high": ("profile-level-id=[0-9A-Fa-f]{6}", "profile-level-id=640029"),
    "forged": ("a=fingerprint:sha-256 ..:..", "a=fingerprint:sha-256 00:00"),
    "named": (r"(?m)^(a=candidate:.*? udp [0-9]+) [^ ]+", r"\1 camera.local"),
}
_FAULTS: dict[str, Callable[[Handler], None]] = {
    "gone": lambda h: h._body(404, "text/plain", b"no"),
    "error": lambda h: h._body(500, "text/plain", b"no"),
    "method": lambda h: h._body(405, "text/plain", b"no"),
    "page": lambda h: h._body(200, "text/html", b"<html>media server</html>" * 50),
    "huge": lambda h: h._body(201, "application/sdp", b"v=0\r\n" + b"a=x\r\n" * 2_000_000),
    "elsewhere": lambda h: h._body(307, "text/plain", b"", "http://192.0.2.1/whep"),
    "silent": lambda h: time.sleep(60),
    "drip": lambda h: h.drip(),
    "novideo": lambda h: h._body(201, "application/sdp", _AUDIO.encode()),
    "junk": lambda h: h._body(201, "application/sdp", _JUNK.encode()),
}


def main() -> None:
    loop = asyncio.new_event_loop()
    Handler.loop, Handler.streams = loop, Streams()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"port": server.server_port}) + "\n")
    sys.stdout.flush()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
