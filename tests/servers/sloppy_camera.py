"""HTTP cameras with the faults of real ones, for tests; a process of its own.

Usage: python sloppy_camera.py. Prints {"port": N}; ends when standard input closes. The path names
the fault: see `_head`; /single and /auth answer one JPEG for each request, /once sends two pictures
and hangs up, /slow drips bytes, /endless sends header lines for ever, /away redirects.
"""

import base64
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

_LOGIN = "Basic " + base64.b64encode(b"viewer:secret 1").decode()


def _picture(index: int) -> bytes:
    noise = np.random.default_rng(index).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


_PICTURES = [_picture(index) for index in range(5)]


def _head(fault: str, length: int) -> bytes:
    """What stands in front of a picture."""
    kind, size = b"Content-Type: image/jpeg\r\n", b"Content-Length: %d\r\n" % length
    heads = {
        "nodashes": b"frame\r\n" + kind + size + b"\r\n",
        "notype": b"--frame\r\n" + size + b"\r\n",
        "noheaders": b"--frame\r\n\r\n",
        "shortlength": b"--frame\r\n" + kind + b"Content-Length: %d\r\n\r\n" % (length - 7),
        "longlength": b"--frame\r\n" + kind + b"Content-Length: %d\r\n\r\n" % (length + 9999),
        "jpg": b"--frame\r\nContent-Type: image/jpg\r\n" + size + b"\r\n",
        "nolength": b"--frame\r\n" + kind + b"\r\n",
        "raw": b"",
        "garbage": b"\x00\xff\xd8\xd8 noise \xff\xd8\xff\x00 " * 3,
    }
    return heads.get(fault, b"--frame\r\n" + kind + size + b"\r\n")


class Camera(BaseHTTPRequestHandler):
    """Answers one connection."""

    def do_GET(self) -> None:
        fault = self.path.strip("/")
        try:
            if fault in ("single", "auth"):
                self._single(fault)
            elif fault == "endless":
                self._endless()
            elif fault == "away":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
            else:
                self._stream(fault)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        return

    def _single(self, fault: str) -> None:
        if fault == "auth" and self.headers.get("Authorization") != _LOGIN:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        picture = _PICTURES[int(time.monotonic() * 10) % 5]
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(picture)))
        self.end_headers()
        self.wfile.write(picture)

    def _endless(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while True:
            self.wfile.write(b"X-Header: " + b"a" * 1000 + b"\r\n")

    def _stream(self, fault: str) -> None:
        self.send_response(200)
        kind = "multipart/x-mixed-replace; boundary=frame"
        self.send_header("Content-Type", "text/html" if fault == "page" else kind)
        self.end_headers()
        for index in range(2 if fault == "once" else 10_000):
            picture = _PICTURES[index % 5]
            head = _head("nodashes" if fault == "once" else fault, len(picture))
            self.wfile.write(head + picture + b"\r\n")
            time.sleep(0.03)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    sys.stdout.write(json.dumps({"port": server.server_port}) + "\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
