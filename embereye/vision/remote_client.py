"""Asks a detector on another machine: one picture, several, or how it is."""

import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from embereye.model.frame import Pixels
from embereye.runtime.http_exchange import (
    Allowance,
    Answer,
    ExchangeFailed,
    Peer,
    Request,
    Trouble,
    exchange,
)
from embereye.vision.remote_answer import (
    LARGEST,
    RemoteHealth,
    RemoteVerdict,
    read_answer,
    read_batch,
    read_health,
)
from embereye.vision.remote_retry import Failure, RemoteError

_LARGEST_PICTURE = 10 << 20  # bytes that a detector takes; source: its HTTP contract
_LONGEST_SIDE = 1920  # px; detectors reduce to 640–1280 themselves
_QUALITY = 90  # of JPEG; 75 blurs thin smoke, 100 takes three times the bytes
_TROUBLES = {
    Trouble.SILENT: (Failure.TIMED_OUT, "does not answer in time. Check that it is running"),
    Trouble.UNENDING: (Failure.TIMED_OUT, "does not end its answer in time. Check its load"),
    Trouble.TOO_MUCH: (Failure.BAD_ANSWER, "answers with too much. Check the address"),
    Trouble.NOT_HTTP: (Failure.BAD_ANSWER, "does not speak HTTP. Check the address and port"),
    Trouble.UNTRUSTED: (
        Failure.UNREACHABLE,
        "shows a certificate that this machine does not trust. Install its authority here",
    ),
    Trouble.BROKEN: (
        Failure.UNREACHABLE,
        "cannot be reached, or broke the connection. Check that it is running, and the network",
    ),
}
_STATUSES = {
    400: (Failure.BAD_PICTURE, "cannot read a picture that was sent (400)"),
    401: (Failure.REFUSED, "rejects the API key (401). Enter it again"),
    403: (Failure.REFUSED, "rejects the API key (403). Enter it again"),
    404: (Failure.REFUSED, "has no detector at this address (404). Check the path"),
    413: (Failure.TOO_LARGE, "takes no pictures as large as those of this camera (413)"),
    503: (Failure.NOT_LOADED, "has not loaded its model (503). Wait, or look at its log"),
}


@dataclass(frozen=True, slots=True)
class RemoteEndpoint:
    """Where the detector is and how it is talked to; checked before (`services.remote_setup`).

    Attributes:
        base: Path before "/detect", percent-encoded, without a slash at the end.
        connect: Longest wait for a connection, s.
        key: Sent as X-API-Key; empty: none is sent. Not in `repr`.
    """

    secure: bool
    host: str
    port: int
    place: str
    base: str
    connect: float
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class SentPicture:
    """A picture as it is sent.

    Attributes:
        size: Its width and height; smaller than the source where that is large.
        source: Width and height of the source, in whose pixels boxes are wanted.
    """

    jpeg: bytes = field(repr=False)
    size: tuple[int, int]
    source: tuple[int, int]


def as_sent(pixels: Pixels, source: tuple[int, int]) -> SentPicture:
    """A BGR picture as JPEG, 3 ms for 640×480; RemoteError when it cannot be made small enough."""
    height, width = pixels.shape[:2]
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, jpeg = cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    if jpeg.nbytes > _LARGEST_PICTURE:
        raise RemoteError(Failure.TOO_LARGE, "A picture is too large for the remote detector.")
    return SentPicture(jpeg.tobytes(), (pixels.shape[1], pixels.shape[0]), source)


def ask_detect(
    endpoint: RemoteEndpoint, picture: SentPicture, allowance: Allowance
) -> RemoteVerdict:
    """What it sees in one picture; RemoteError when there is no usable answer."""
    form = _form("file", (picture,))
    answer = _asked(endpoint, "POST", "/detect", form, allowance)
    return read_answer(answer, picture.size, picture.source)


def ask_batch(
    endpoint: RemoteEndpoint, pictures: Sequence[SentPicture], allowance: Allowance
) -> list[RemoteVerdict]:
    """What it sees in several pictures, in their order; RemoteError as above."""
    answer = _asked(endpoint, "POST", "/detect/batch", _form("files", pictures), allowance)
    return read_batch(answer, [p.size for p in pictures], [p.source for p in pictures])


def ask_health(endpoint: RemoteEndpoint, allowance: Allowance) -> RemoteHealth:
    """How it is; RemoteError when there is no usable answer."""
    return read_health(_asked(endpoint, "GET", "/health", _Form(), allowance))


@dataclass(frozen=True, slots=True)
class _Form:
    content: str = ""
    body: bytes = b""


def _form(name: str, pictures: Sequence[SentPicture]) -> _Form:
    """multipart/form-data. Source: RFC 7578."""
    boundary = secrets.token_hex(16)  # 128 bits: no picture contains it
    parts: list[bytes] = []
    for number, picture in enumerate(pictures):
        head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{name}"; filename="{number}.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        parts += [head.encode(), picture.jpeg, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return _Form(f"multipart/form-data; boundary={boundary}", b"".join(parts))


def _asked(
    endpoint: RemoteEndpoint, method: str, path: str, form: _Form, allowance: Allowance
) -> bytes:
    """The body of a good answer."""
    context = ssl.create_default_context() if endpoint.secure else None
    peer = Peer(endpoint.host, endpoint.port, context, endpoint.connect, LARGEST)
    headers = {"Accept": "application/json", **_key(endpoint)}
    if form.content:
        headers["Content-Type"] = form.content
    request = Request(method, endpoint.base + path, endpoint.place, headers, form.body)
    try:
        answer = exchange(peer, request, allowance)
    except ExchangeFailed as error:
        failure, text = _TROUBLES[error.trouble]
        raise _error(endpoint, failure, text) from None
    if answer.status != 200:
        raise _refusal(endpoint, answer)
    if answer.encoding not in ("", "identity"):  # unpacking it could fill the memory
        raise _error(endpoint, Failure.BAD_ANSWER, "packs its answers, which nobody asked for")
    return answer.body


def _key(endpoint: RemoteEndpoint) -> dict[str, str]:
    key = endpoint.key
    if not key:
        return {}
    if not key.isascii() or not key.isprintable() or " " in key:
        raise RemoteError(
            Failure.REFUSED,
            "The API key of the remote detector contains blanks or other characters that cannot "
            "be sent. Enter it again.",
        )
    return {"X-API-Key": key}


def _refusal(endpoint: RemoteEndpoint, answer: Answer) -> RemoteError:
    status = answer.status
    if status in _STATUSES:
        return _error(endpoint, *_STATUSES[status])
    if 300 <= status < 400:
        text = f"sends the caller elsewhere ({status}). Enter that address instead"
        return _error(endpoint, Failure.REFUSED, text)
    if 400 <= status < 500:
        return _error(endpoint, Failure.REFUSED, f"refuses requests ({status}). Look at its log")
    if status >= 500:
        return _error(endpoint, Failure.SERVER, f"has an error ({status}). Look at its log")
    return _error(endpoint, Failure.BAD_ANSWER, f"answers oddly ({status}). Check the address")


def _error(endpoint: RemoteEndpoint, failure: Failure, text: str) -> RemoteError:
    return RemoteError(failure, f"The remote detector at {endpoint.place} {text}.")
