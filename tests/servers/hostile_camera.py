"""HTTP cameras that mean no good, for tests; a process of its own.

Usage: python hostile_camera.py [CERTIFICATE KEY]. Prints {"port": N}; ends when standard input
closes. Paths (`good-` before one: ten good pictures come first):

    good      good pictures for ever          drip      the answer, a byte each 0.1 s
    headers   header lines of a part for ever noend     a picture without end
    length    a part of 2 GB                  bomb      pictures of 3.6 gigapixels
    empty     parts of no bytes               sizes     another size each second
    nothing   an answer of no bytes           garbage   bytes that are no picture
"""

import itertools
import json
import os
import random
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np

_ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
_PERIOD = 0.05  # s between pictures
_SIZES = ((160, 120), (320, 240), (64, 48))


def _picture(index: int, size: tuple[int, int] = (160, 120)) -> bytes:
    noise = np.random.default_rng(index).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


_PICTURE = _picture(1)


def _bomb() -> bytes:
    content = bytearray(_PICTURE)
    at = content.index(b"\xff\xc0")  # the frame header: length, precision, height, width
    content[at + 5 : at + 9] = (60_000).to_bytes(2, "big") * 2
    return bytes(content)


def _part(picture: bytes, length: int | None = None) -> bytes:
    length = len(picture) if length is None else length
    head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % length
    return head + picture + b"\r\n"


def _bytes(fault: str) -> Iterator[bytes]:
    """What is sent after the head of the answer, in portions."""
    if fault == "headers":
        yield b"--frame\r\n"
        yield from itertools.repeat(b"X-Header: " + b"a" * 1000 + b"\r\n")
    elif fault == "noend":
        yield _part(_PICTURE)[:-200]
        yield from itertools.repeat(b"\x55" * 10_000)
    elif fault == "length":
        yield _part(_PICTURE, 2_000_000_000)[:-200]
        yield from itertools.repeat(b"\x55" * 100_000)
    elif fault == "sizes":
        for index in itertools.count():
            yield _part(_picture(index, _SIZES[index // 20 % len(_SIZES)]))
    elif fault == "garbage":
        yield from iter(lambda: random.randbytes(10_000), b"")
    else:
        portion = {"bomb": _bomb(), "empty": b"", "good": _PICTURE}[fault]
        yield from itertools.repeat(_part(portion))


def _serve(connection: socket.socket) -> None:
    try:
        path = connection.recv(65_536).split(b" ")[1].decode().strip("/")
        fault = path.removeprefix("good-")
        if fault == "nothing":
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
            return
        if path == "drip":
            _drip(connection, _ANSWER * 50)
        connection.sendall(_ANSWER)
        for _ in range(10 if path != fault else 0):
            connection.sendall(_part(_PICTURE))
            time.sleep(_PERIOD)
        if fault == "drip":
            _drip(connection, _part(_PICTURE) * 50)
        for portion in _bytes(fault):
            connection.sendall(portion)
            if fault in ("bomb", "empty", "good", "sizes"):
                time.sleep(_PERIOD)
    except (OSError, IndexError):
        return
    finally:
        connection.close()


def _drip(connection: socket.socket, content: bytes) -> None:
    for byte in content:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=50)
    if len(sys.argv) == 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:])
        listening = context.wrap_socket(listening, server_side=True)
    sys.stdout.write(json.dumps({"port": listening.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # a failed handshake
            continue
        threading.Thread(target=_serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
