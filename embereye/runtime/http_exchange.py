"""One HTTP exchange with a peer that may mean no good: bounded in time and size.

No redirection, no proxy, no decompression: what a peer sends is what is read.
"""

import contextlib
import http.client
import io
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from embereye.runtime.clock import Clock

_SLICE = 0.25  # s between two looks at `cancelled`
_OVERHEAD = 64 << 10  # bytes of headers and chunk sizes beside the body


class Trouble(Enum):
    """Why there is no answer."""

    SILENT = "nobody answered in time"
    UNENDING = "the answer did not come to an end in time"
    TOO_MUCH = "more bytes than allowed"
    NOT_HTTP = "what answers is no HTTP"
    UNTRUSTED = "its certificate is not trusted"
    BROKEN = "it cannot be reached, or broke the connection"


class ExchangeFailed(Exception):
    """There is no answer; for the caller to translate, since only it knows who was asked."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is asked, and what it may do.

    Attributes:
        context: How the connection is encrypted; None: not at all.
        connect: Longest wait for a connection to one of its addresses, s.
        largest: Bytes of an answer's body.
    """

    host: str
    port: int
    context: ssl.SSLContext | None
    connect: float
    largest: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        target: Path and query, percent-encoded.
        headers: Beside Host, User-Agent, Connection and Content-Length; not in `repr`, they may
            carry a key.
    """

    method: str
    target: str
    place: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        body: One byte longer than `Peer.largest` when it is larger than that, but not by much.
        peer: Its numeric address.
        challenges: Every WWW-Authenticate header; not in `repr`.
        content: Content-Type in lower case, without parameters.
        location: The Location header; not in `repr`, it may carry a key.
        encoding: Content-Encoding in lower case; "" for none.
        retry_after: The Retry-After header as it is; "" for none.
    """

    status: int
    body: bytes
    peer: str
    challenges: tuple[str, ...] = field(default=(), repr=False)
    content: str = ""
    location: str = field(default="", repr=False)
    encoding: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take.

    Attributes:
        end: Monotonic seconds.
        cancelled: Asked four times a second; True ends it. Connecting is not interrupted.
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


def exchange(peer: Peer, request: Request, allowance: Allowance) -> Answer:
    """Send a request and read the whole answer; ExchangeFailed when there is none."""
    wire: BoundedReader | None = None
    try:
        with contextlib.closing(connected(peer, allowance)) as connection:
            wire = BoundedReader(connection, allowance, peer.largest)
            connection.settimeout(allowance.left())
            connection.sendall(_head(request) + request.body)
            return _read(wire, connection, request.method, peer.largest)
    except TooMuch:
        raise ExchangeFailed(Trouble.TOO_MUCH) from None
    except TimeoutError:
        begun = wire is not None and wire.taken
        raise ExchangeFailed(Trouble.UNENDING if begun else Trouble.SILENT) from None
    except ssl.SSLCertVerificationError:
        raise ExchangeFailed(Trouble.UNTRUSTED) from None
    except (http.client.HTTPException, ValueError):
        raise ExchangeFailed(Trouble.NOT_HTTP) from None
    except OSError:
        raise ExchangeFailed(Trouble.BROKEN) from None


class TooMuch(Exception):
    """More bytes than allowed."""


class BoundedReader(io.RawIOBase):
    """A socket's bytes until the allowance is used up; what `http.client` reads from.

    TimeoutError when it is; TooMuch after more than `largest` bytes and some for headers.
    """

    def __init__(self, connection: socket.socket, allowance: Allowance, largest: int) -> None:
        self._connection = connection
        self._allowance = allowance
        self._most = largest + _OVERHEAD
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
        if self.taken > self._most:
            raise TooMuch
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The one method of a socket that `HTTPResponse` uses."""
        return io.BufferedReader(self)


def connected(peer: Peer, allowance: Allowance) -> socket.socket:
    """The first of the host's addresses that accepts. Looking up a name may block longer.

    OSError when none does, or its certificate is not trusted.
    """
    failure: OSError = OSError("no address")
    for family, kind, number, _, address in socket.getaddrinfo(
        peer.host, peer.port, type=socket.SOCK_STREAM
    ):
        connection = socket.socket(family, kind, number)
        try:
            connection.settimeout(min(peer.connect, allowance.left()))
            connection.connect(address)
            if peer.context is None:
                return connection
            return peer.context.wrap_socket(connection, server_hostname=peer.host)
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _head(request: Request) -> bytes:
    own = {"Host": request.place, "User-Agent": "EmberEye", "Connection": "close"}
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"Content-Length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in {**own, **request.headers}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _read(wire: BoundedReader, connection: socket.socket, method: str, largest: int) -> Answer:
    # Now: who closes at once after the answer is not connected any more when it is read.
    numeric = str(connection.getpeername()[0])
    answer = http.client.HTTPResponse(wire, method=method)  # type: ignore[arg-type]
    try:
        answer.begin()
        return Answer(
            answer.status,
            answer.read(largest + 1),
            numeric,
            tuple(answer.headers.get_all("WWW-Authenticate", [])),
            answer.headers.get_content_type() if "Content-Type" in answer.headers else "",
            str(answer.headers.get("Location", "")),
            str(answer.headers.get("Content-Encoding", "")).strip().lower(),
            str(answer.headers.get("Retry-After", "")).strip(),
        )
    finally:
        answer.close()
