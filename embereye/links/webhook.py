"""Hands one notice to another system over HTTP, signed so that it knows who speaks.

The signature is HMAC-SHA256 over the timestamp, a dot and the body; docs/notifications.md shows
how it is verified.
"""

import hmac
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from embereye.links.failure import DeliveryFailed
from embereye.runtime.http_exchange import (
    Allowance,
    Answer,
    ExchangeFailed,
    Peer,
    Request,
    exchange,
)
from embereye.runtime.http_service import ADVICE

_LARGEST = 64 << 10  # bytes of an answer; nothing in it is used but its status
# s; longest wait for a connection to one of its addresses: three tries of TCP at 0, 1 and 3 s
# (RFC 6298), and less than a stop of the program may take
_CONNECT = 4.0
_LONGEST_WAIT = 3600.0  # s of a Retry-After that is believed
# Statuses below 500 that mean "later": request timeout, too early, too many requests.
_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Hook:
    """Where notices are handed over; checked before (`services.notify_targets`).

    Attributes:
        target: Path and query, percent-encoded.
        place: "10.1.2.3:443", for texts and the Host header.
        headers: More of them, in the order of the settings; may carry a token, not in `repr`.
        secret: Key of the signature; "": it is not signed. Not in `repr`.
        context: What is trusted; None with `secure`: what this machine trusts.
    """

    secure: bool
    host: str
    port: int
    target: str
    place: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None


def post(hook: Hook, body: bytes, key: str, at_utc: float, allowance: Allowance) -> None:
    """Hand over one notice.

    Args:
        body: JSON.
        key: The same at each try of one notice (Idempotency-Key).
        at_utc: Now, s; goes into the signature, so that old requests cannot be played again.

    Raises:
        DeliveryFailed: it was not taken.
    """
    context = (hook.context or ssl.create_default_context()) if hook.secure else None
    peer = Peer(hook.host, hook.port, context, _CONNECT, _LARGEST)
    headers = {
        **hook.headers,
        "Content-Type": "application/json",
        "Accept": "*/*",
        "Idempotency-Key": key,
        **signature_headers(hook.secret, body, at_utc),
    }
    request = Request("POST", hook.target, hook.place, headers, body)
    try:
        answer = exchange(peer, request, allowance)
    except ExchangeFailed as error:
        raise DeliveryFailed(f"{_named(hook)} {ADVICE[error.trouble]}.") from None
    if not 200 <= answer.status < 300:
        raise _refusal(hook, answer, at_utc)


def signature_headers(secret: str, body: bytes, at_utc: float) -> dict[str, str]:
    """Timestamp (s since 1970 UTC) and signature; without a secret the timestamp alone."""
    timestamp = str(int(at_utc))
    headers = {"X-EmberEye-Timestamp": timestamp}
    if secret:
        signed = timestamp.encode() + b"." + body
        digest = hmac.digest(secret.encode(), signed, "sha256").hex()
        headers["X-EmberEye-Signature"] = f"sha256={digest}"
    return headers


def _refusal(hook: Hook, answer: Answer, at_utc: float) -> DeliveryFailed:
    status, name = answer.status, _named(hook)
    if status >= 500 or status in _LATER:
        after = _wait(answer.retry_after, at_utc)
        return DeliveryFailed(
            f"{name} cannot take it now ({status}). Look at its log.", after=after
        )
    if 300 <= status < 400:
        text = f"{name} sends the caller elsewhere ({status}). Enter that address instead."
        return DeliveryFailed(text, final=True)
    if status in (401, 403):
        text = f"{name} rejects the token or signature ({status}). Enter the secret again."
        return DeliveryFailed(text, final=True)
    if 400 <= status < 500:
        text = f"{name} refuses the notice ({status}). Check the address, and its log."
        return DeliveryFailed(text, final=True)
    return DeliveryFailed(f"{name} answers oddly ({status}). Check the address.")


def _wait(retry_after: str, at_utc: float) -> float | None:
    """Seconds that Retry-After asks for. Source: RFC 9110 section 10.2.3."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after[:9]), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(retry_after)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max(0.0, moment.timestamp() - at_utc), _LONGEST_WAIT)
    except (ValueError, OverflowError):
        return None


def _named(hook: Hook) -> str:
    return f"The webhook at {hook.place}"
