"""A small HTTP camera for tests: multipart JPEG at 15 pictures a second; a process of its own.

Usage: python mjpeg_server.py. Prints {"port": N}; ends when standard input closes. Paths: /live
(pictures), /page (a web page), /list (a play list that names a local file), /secret (asks for a
password), anything else 404.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

_LIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


class Camera(BaseHTTPRequestHandler):
    """Answers one connection."""

    def do_GET(self) -> None:
        path = self.path.strip("/")
        if path == "live":
            self._stream()
        elif path == "page":
            self._body(200, "text/html", b"<html>camera set-up</html>" * 50)
        elif path == "list":
            self._body(200, "application/vnd.apple.mpegurl", _LIST)
        else:
            self._body(401 if path == "secret" else 404, "text/plain", b"no")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        return

    def _body(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for index in range(10_000):
            pixels = np.full((120, 160, 3), 40 + index % 100, dtype=np.uint8)
            jpeg = cv2.imencode(".jpg", pixels)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return
            time.sleep(1 / 15)


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
