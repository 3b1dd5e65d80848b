"""HTTP and HTTPS to cameras: nothing else, nowhere else, one deadline for the whole answer.

The time-outs of sockets count from byte to byte: a camera that drips its answer would hold a
reader for hours.
"""

import contextlib
import http.client
import socket
import ssl
import urllib.request
from collections.abc import Callable
from functools import partial
from threading import Timer
from types import TracebackType
from typing import Any

from embereye.ingest.source import Login

Made = Callable[[socket.socket], None]


class Deadline:
    """Cuts all connections made in its block after `seconds`. Its timer has a thread of its own.

    Attributes:
        passed: Whether it has cut them.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._sockets: list[socket.socket] = []  # appended by the caller, read by the timer
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()

    def kept(self, call: Callable[[], Any]) -> Any:
        """`call()`; TimeoutError when it was cut, whatever came of it."""
        try:
            answer = call()
        except (OSError, http.client.HTTPException):
            if self.passed:
                raise TimeoutError from None
            raise
        if self.passed:  # headers that were cut count as whole ones for `http.client`
            answer.close()
            raise TimeoutError
        return answer

    def watch(self, made: socket.socket) -> None:
        """Cut this one too, at once when the time is over already."""
        self._sockets.append(made)
        if self.passed:
            _shut(made)

    def _cut(self) -> None:
        self.passed = True
        for made in list(self._sockets):
            _shut(made)


def client(address: str, login: Login | None, deadline: Deadline) -> urllib.request.OpenerDirector:
    """HTTP and HTTPS only: no other scheme, no redirection elsewhere, no proxy."""
    director = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        _Plain(deadline.watch),
        _Secure(deadline.watch),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ]
    if login is not None:
        book = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        book.add_password(None, address, login.user, login.password)
        handlers += [
            urllib.request.HTTPDigestAuthHandler(book),
            urllib.request.HTTPBasicAuthHandler(book),
        ]
    for handler in handlers:
        director.add_handler(handler)
    return director


class _Connection(http.client.HTTPConnection):
    def __init__(self, made: Made, host: str, **options: Any) -> None:
        super().__init__(host, **options)
        self._made = made

    def connect(self) -> None:
        super().connect()
        self._made(self.sock)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        # As libav does: cameras sign their certificates themselves.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        wrapped = context.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = wrapped
        self._made(wrapped)  # the plain one is empty from here on
        wrapped.do_handshake()


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, made: Made) -> None:
        super().__init__()
        self._connection = partial(_Connection, made)

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, made: Made) -> None:
        super().__init__()
        self._connection = partial(_SecureConnection, made)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)


def _shut(made: socket.socket) -> None:
    """End it for whoever reads it; the method of TLS sockets would pull it from under them."""
    with contextlib.suppress(OSError, ValueError):
        socket.socket.shutdown(made, socket.SHUT_RDWR)
