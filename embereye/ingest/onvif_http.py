"""One HTTP exchange with a camera: bounded in time and size, no redirection, no proxy."""

import contextlib
import http.client
import io
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from embereye.ingest.onvif_xml import LARGEST
from embereye.ingest.url import Url
from embereye.model.errors import CameraUnreachable, CameraUnsupported
from embereye.runtime.clock import Clock

_CONNECT = 4.0  # s; two SYN retransmissions (RFC 6298: 1 s, then 2 s)
_SLICE = 0.25  # s between two looks at `cancelled`
_OVERHEAD = 64 << 10  # bytes of headers and chunk sizes beside the body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        peer: Numeric address of the camera.
        challenges: Every WWW-Authenticate header; not in `repr`.
        content: Content-Type in lower case, without parameters.
        location: The Location header; not in `repr`, it may carry a key.
    """

    status: int
    body: bytes
    peer: str
    challenges: tuple[str, ...] = field(default=(), repr=False)
    content: str = ""
    location: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take.

    Attributes:
        end: Monotonic seconds.
        cancelled: Asked four times a second; True ends it. Connecting is not interrupted (4 s).
    """

    clock: Clock
    end: float
    cancelled: Callable[[], bool]

    def left(self) -> float:
        """Seconds that remain.

        Raises:
            TimeoutError: none do, or it was cancelled.
        """
        left = self.end - self.clock.mono()
        if left <= 0 or self.cancelled():
            raise TimeoutError
        return left


def exchange(
    url: Url,
    headers: Mapping[str, str],
    body: bytes,
    allowance: Allowance,
    method: str = "POST",
) -> Answer:
    """Send `body` and read the whole answer.

    Raises:
        CameraUnreachable: nobody answers, or the connection broke.
        CameraUnsupported: what answers is no HTTP, too large, or does not come to an end.
    """
    place = url.place
    wire: _Wire | None = None
    try:
        with contextlib.closing(_connected(url, allowance)) as connection:
            wire = _Wire(connection, allowance)
            connection.settimeout(allowance.left())
            connection.sendall(_head(method, url, headers, len(body)) + body)
            return _read(wire, connection, method)
    except _TooMuch:
        raise CameraUnsupported(f"{place} sends more than a camera may.") from None
    except TimeoutError:
        if wire is not None and wire.taken:
            raise CameraUnsupported(f"{place} does not end its answer.") from None
        raise CameraUnreachable(
            f"The camera does not answer at {place}. Check its power, network and address."
        ) from None
    except (http.client.HTTPException, ValueError):
        raise CameraUnsupported(f"{place} does not speak HTTP. Check the port.") from None
    except OSError:
        raise CameraUnreachable(
            f"The camera at {place} cannot be reached, or broke the connection. "
            "Check its power, network, address and port."
        ) from None


class _TooMuch(Exception):
    """More bytes than allowed."""


class _Wire(io.RawIOBase):
    """A socket's bytes until the allowance is used up; what `http.client` reads from."""

    def __init__(self, connection: socket.socket, allowance: Allowance) -> None:
        self._connection = connection
        self._allowance = allowance
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            self._connection.settimeout(min(_SLICE, self._allowance.left()))
            with contextlib.suppress(TimeoutError):
                count = self._connection.recv_into(buffer)
                break
        self.taken += count
        if self.taken > LARGEST + _OVERHEAD:
            raise _TooMuch
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The one method of a socket that `HTTPResponse` uses."""
        return io.BufferedReader(self)


def _connected(url: Url, allowance: Allowance) -> socket.socket:
    """The first of the host's addresses that accepts. Looking up a name may block longer."""
    failure: OSError = OSError("no address")
    for family, kind, number, _, address in socket.getaddrinfo(
        url.host, url.port, type=socket.SOCK_STREAM
    ):
        connection = socket.socket(family, kind, number)
        try:
            connection.settimeout(min(_CONNECT, allowance.left()))
            connection.connect(address)
            return _encrypted(connection) if url.scheme == "https" else connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _encrypted(connection: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # cameras sign their certificates themselves
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


def _head(method: str, url: Url, headers: Mapping[str, str], length: int) -> bytes:
    own = {"Host": url.place, "User-Agent": "EmberEye", "Connection": "close"}
    lines = [f"{method} {url.target} HTTP/1.1", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in {**own, **headers}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _read(wire: _Wire, connection: socket.socket, method: str) -> Answer:
    answer = http.client.HTTPResponse(wire, method=method)  # type: ignore[arg-type]
    try:
        answer.begin()
        body = answer.read(LARGEST + 1)
        return Answer(
            answer.status,
            body,
            str(connection.getpeername()[0]),
            tuple(answer.headers.get_all("WWW-Authenticate", [])),
            answer.headers.get_content_type() if "Content-Type" in answer.headers else "",
            str(answer.headers.get("Location", "")),
        )
    finally:
        answer.close()
