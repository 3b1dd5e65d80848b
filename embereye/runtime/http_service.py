"""A service on another machine that is asked over HTTP: where it is, and what its troubles mean."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from embereye.runtime.http_exchange import Allowance, Answer, Peer, Request, Trouble, exchange

# What a person can do about it; follows "The … at …" and is followed by a full stop.
ADVICE = {
    Trouble.SILENT: "does not answer in time. Check that it is running",
    Trouble.UNENDING: "does not end its answer in time. Check its load",
    Trouble.TOO_MUCH: "answers with too much. Check the address",
    Trouble.NOT_HTTP: "does not speak HTTP. Check the address and port",
    Trouble.UNTRUSTED: (
        "shows a certificate that this machine does not trust. Install its authority here"
    ),
    Trouble.BROKEN: (
        "cannot be reached, or broke the connection. Check that it is running, and the network"
    ),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where it is; checked before (`services.remote_setup`, `services.llm_setup`).

    Attributes:
        place: Host and port, for texts and the Host header.
        base: Path before that of a question, percent-encoded, without a slash at the end.
        connect: Longest wait for a connection, s.
        key: Proves who asks; empty: nothing does. Not in `repr`.
    """

    secure: bool
    host: str
    port: int
    place: str
    base: str
    connect: float
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """What is sent along.

    Attributes:
        content: Its Content-Type; empty: there is none.
    """

    content: str = ""
    body: bytes = field(default=b"", repr=False)


NOTHING = Document()


def ask(
    endpoint: Endpoint,
    path: str,
    headers: Mapping[str, str],
    document: Document,
    largest: int,
    allowance: Allowance,
) -> Answer:
    """POST a document, or GET without one. Blocks for as long as allowed.

    Args:
        headers: With the key, as this service wants it.
        largest: Bytes of the answer's body.

    Raises:
        ExchangeFailed: There is no answer.
    """
    context = ssl.create_default_context() if endpoint.secure else None
    peer = Peer(endpoint.host, endpoint.port, context, endpoint.connect, largest)
    every = {"Accept": "application/json", **headers}
    if document.content:
        every["Content-Type"] = document.content
    method = "POST" if document.content else "GET"
    target = endpoint.base + path
    return exchange(peer, Request(method, target, endpoint.place, every, document.body), allowance)


def is_packed(answer: Answer) -> bool:
    """Whether its body is compressed, unasked; unpacking it could fill the memory."""
    return answer.encoding not in ("", "identity")


def is_sendable(key: str) -> bool:
    """Whether a key fits into a header as it is."""
    return key.isascii() and key.isprintable() and " " not in key
