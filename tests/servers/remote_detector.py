"""A detector on another machine for tests: looks for red, behaves or misbehaves.

A real HTTP server on a random loopback port, in threads of the caller. `mode` may be changed at
any time:

    good        red parts are "Flame", as the contract says it
    degraded    the same; its health says degraded      unloaded   health: no model; detect: 503
    400 … 503   this status                             redirect   302 to another port
    text        no JSON                                 nan        NaN as a confidence
    million     a million detections                    outside    boxes far outside
    long        10 MB                                   endless    a body without end
    drip        a byte each 50 ms                       hang       nothing, for ever
    reset       the connection breaks                   half       less than Content-Length says
    short       Content-Length says less than there is  bomb       gzip of 10 MB of zeros
    headers     header lines for ever                   banner     no HTTP at all
    chunks      a byte in 50 KB of chunk extensions, for ever
    wrong key   401 unless X-API-Key is "letmein42"

Usage by hand: remote_detector.py [MODE]. Prints {"port": N}; ends when standard input closes.
"""

import contextlib
import email.parser
import email.policy
import gzip
import json
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable

import cv2
import numpy as np

KEY = "letmein42"
_DRIP = 0.05  # s between bytes


class RemoteServer:
    """Answers until closed; `with` closes it.

    Attributes:
        mode: As above.
        label: What it calls red parts.
        delay: Seconds before each answer to /detect.
        asked: Path of each request, in order.
        keys: X-API-Key of each request, "" without one.
        most: Most requests to /detect that waited at the same time.
        sizes: Width and height of each picture.
    """

    def __init__(
        self, mode: str = "good", delay: float = 0.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.mode, self.delay, self.label = mode, delay, "Flame"
        self._tls = tls
        self.asked: list[str] = []
        self.keys: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._connections: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="remote server", daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "RemoteServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything; whoever asks is refused from here on."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            waiting = list(self._connections)
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5.0)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self._connections.add(connection)
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is None:
                self._answer(connection)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as secure:
                    self._answer(secure)
        except (OSError, ValueError, IndexError):
            return  # the client has had enough
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _answer(self, connection: socket.socket) -> None:
        method, path, headers, body = read_request(connection)
        with self._lock:
            self.asked.append(path)
            self.keys.append(headers.get("x-api-key", ""))
        if path == "/health" and method == "GET":
            self._health(connection)
            return
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._over.wait(self.delay)
        with self._lock:  # before the answer: who gets it may ask again at once
            self._now -= 1
        self._detect(connection, path, headers, body)

    def _health(self, connection: socket.socket) -> None:
        if self.mode in ("hang", "reset", "banner"):
            self._misbehave(connection)
            return
        degraded = self.mode == "degraded"
        loaded = self.mode != "unloaded"
        found = {
            "status": "degraded" if degraded or not loaded else "healthy",
            "model_loaded": loaded,
            "device": "test bench",
        }
        connection.sendall(http_answer(200, json.dumps(found).encode()))

    def _detect(
        self, connection: socket.socket, path: str, headers: dict[str, str], body: bytes
    ) -> None:
        wrong = self.mode == "wrong key" and headers.get("x-api-key") != KEY
        if wrong or self.mode not in ("good", "degraded", "wrong key"):
            self._misbehave(connection)
            return
        pictures = _pictures(headers["content-type"], body)
        if not pictures or path not in ("/detect", "/detect/batch"):
            connection.sendall(http_answer(400 if pictures else 404, b'{"detail": "no"}'))
            return
        with self._lock:
            self.sizes += [(p.shape[1], p.shape[0]) for p in pictures]
        results = [_look(picture, self.label) for picture in pictures]
        found = results[0] if path == "/detect" else {"results": results}
        connection.sendall(http_answer(200, json.dumps(found).encode()))

    def _misbehave(self, connection: socket.socket) -> None:
        mode = self.mode
        if mode.isdigit():
            connection.sendall(http_answer(int(mode), b'{"detail": "no"}'))
        elif mode in _BODIES:
            connection.sendall(_BODIES[mode]())
        elif mode == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif mode == "hang":
            self._over.wait(60.0)
        else:
            self._go_on(connection, mode)

    def _go_on(self, connection: socket.socket, mode: str) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        if mode == "headers":
            while not self._over.is_set():
                connection.sendall(head + b"X-More: " + b"a" * 1000 + b"\r\n")
        elif mode == "chunks":
            connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            while not self._over.is_set():
                connection.sendall(b"1;" + b"x" * 50_000 + b"\r\n \r\n")
        elif mode == "endless":
            connection.sendall(head + b"\r\n")
            while not self._over.is_set():
                connection.sendall(b" " * 10_000)
        else:  # drip
            for byte in http_answer(200, b'{"detections": []}' + b" " * 1000):
                connection.sendall(bytes([byte]))
                if self._over.wait(_DRIP):
                    return


def http_answer(status: int, body: bytes, length: int | None = None, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


def _item(**changes: object) -> dict[str, object]:
    return {"class": "fire", "confidence": 0.9, "bbox": [1, 2, 3, 4], **changes}


def _detections(*items: object) -> bytes:
    return json.dumps({"detections": items}).encode()


_GOOD = _detections(_item())
_BODIES: dict[str, Callable[[], bytes]] = {
    "unloaded": lambda: http_answer(503, b'{"detail": "model not loaded"}'),
    "wrong key": lambda: http_answer(401, b"{}"),
    "redirect": lambda: http_answer(302, b"", more="Location: http://127.0.0.1:1/detect\r\n"),
    "text": lambda: http_answer(200, b"<html>welcome</html>"),
    "nan": lambda: http_answer(200, _detections(_item(confidence=float("nan")))),
    "million": lambda: http_answer(200, b'{"detections":[' + b"7," * 400_000 + b"7]}"),
    "outside": lambda: http_answer(200, _detections(_item(bbox=[1e6, 1e6, 5, 5]))),
    "long": lambda: http_answer(200, b'{"detections": [], "x": "' + b"a" * 10_000_000 + b'"}'),
    "half": lambda: http_answer(200, _GOOD[:-9], len(_GOOD)),
    "short": lambda: http_answer(200, _GOOD, len(_GOOD) - 9),
    "bomb": lambda: http_answer(
        200, gzip.compress(bytes(10_000_000)), more="Content-Encoding: gzip\r\n"
    ),
    "banner": lambda: b"SSH-2.0-OpenSSH_9.2p1\r\n" * 3,
}


def read_request(connection: socket.socket) -> tuple[str, str, dict[str, str], bytes]:
    connection.settimeout(10.0)
    taken = b""
    while b"\r\n\r\n" not in taken:
        portion = connection.recv(65_536)
        if not portion:
            raise ValueError("no request")
        taken += portion
    head, _, body = taken.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    method, path, _ = first.split(" ")
    return method, path, headers, body


def _pictures(kind: str, body: bytes) -> list[np.ndarray]:
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    form = parser.parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = []
    for part in form.iter_parts():
        content = np.frombuffer(part.get_payload(decode=True), np.uint8)
        found.append(cv2.imdecode(content, cv2.IMREAD_COLOR))
    return found


def _look(picture: np.ndarray, label: str) -> dict[str, object]:
    """Where the picture is red."""
    blue, green, red = cv2.split(picture.astype(np.int16))
    mask = ((red > 150) & (green < 100) & (blue < 100)).astype(np.uint8)
    items = []
    if mask.any():
        x, y, width, height = cv2.boundingRect(mask)
        box = {"x": x, "y": y, "width": width, "height": height}
        items.append({"class": label, "confidence": 0.93, "bbox": box})
    height, width = picture.shape[:2]
    return {
        "detections": items,
        "inference_time_ms": 1.5,
        "image_width": width,
        "image_height": height,
    }


def main() -> None:
    with RemoteServer(*sys.argv[1:2]) as server:
        sys.stdout.write(json.dumps({"port": server.port}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
