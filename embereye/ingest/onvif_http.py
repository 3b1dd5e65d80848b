"""One HTTP exchange with a camera: bounded in time and size, no redirection, no proxy."""

import ssl
from collections.abc import Mapping

from embereye.ingest.onvif_xml import LARGEST
from embereye.ingest.url import Url
from embereye.model.errors import CameraUnreachable, CameraUnsupported
from embereye.runtime.http_exchange import (
    Allowance,
    Answer,
    ExchangeFailed,
    Peer,
    Request,
    Trouble,
)
from embereye.runtime.http_exchange import exchange as exchange_with

__all__ = ["Allowance", "Answer", "exchange"]

_CONNECT = 4.0  # s; two SYN retransmissions (RFC 6298: 1 s, then 2 s)

_SILENT = (
    "The camera does not answer at {place}. Check its power, network and address.",
    CameraUnreachable,
)
_BROKEN = (
    "The camera at {place} cannot be reached, or broke the connection. "
    "Check its power, network, address and port.",
    CameraUnreachable,
)
_WORDS: dict[Trouble, tuple[str, type[CameraUnreachable | CameraUnsupported]]] = {
    Trouble.SILENT: _SILENT,
    Trouble.UNENDING: ("{place} does not end its answer.", CameraUnsupported),
    Trouble.TOO_MUCH: ("{place} sends more than a camera may.", CameraUnsupported),
    Trouble.NOT_HTTP: ("{place} does not speak HTTP. Check the port.", CameraUnsupported),
    Trouble.UNTRUSTED: _BROKEN,  # cannot occur: any certificate is taken
    Trouble.BROKEN: _BROKEN,
}


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
    context = _any_certificate() if url.scheme == "https" else None
    peer = Peer(url.host, url.port, context, _CONNECT, LARGEST)
    request = Request(method, url.target, url.place, headers, body)
    try:
        return exchange_with(peer, request, allowance)
    except ExchangeFailed as error:
        text, kind = _WORDS[error.trouble]
        raise kind(text.format(place=url.place)) from None


def _any_certificate() -> ssl.SSLContext:
    """Cameras sign their certificates themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
