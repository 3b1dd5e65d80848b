"""Asks a detector on another machine: one picture, several, or how it is."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from embereye.model.frame import Pixels
from embereye.runtime.http_exchange import Allowance, Answer, ExchangeFailed, Trouble
from embereye.runtime.http_service import (
    ADVICE,
    NOTHING,
    Document,
    Endpoint,
    ask,
    is_packed,
    is_sendable,
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
_FAILURES = {
    Trouble.SILENT: Failure.TIMED_OUT,
    Trouble.UNENDING: Failure.TIMED_OUT,
    Trouble.TOO_MUCH: Failure.BAD_ANSWER,
    Trouble.NOT_HTTP: Failure.BAD_ANSWER,
    Trouble.UNTRUSTED: Failure.UNREACHABLE,
    Trouble.BROKEN: Failure.UNREACHABLE,
}
_STATUSES = {
    400: (Failure.BAD_PICTURE, "cannot read a picture that was sent (400)"),
    401: (Failure.REFUSED, "rejects the API key (401). Enter it again"),
    403: (Failure.REFUSED, "rejects the API key (403). Enter it again"),
    404: (Failure.REFUSED, "has no detector at this address (404). Check the path"),
    413: (Failure.TOO_LARGE, "takes no pictures as large as those of this camera (413)"),
    503: (Failure.NOT_LOADED, "has not loaded its model (503). Wait, or look at its log"),
}


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


def ask_detect(endpoint: Endpoint, picture: SentPicture, allowance: Allowance) -> RemoteVerdict:
    """What it sees in one picture; RemoteError when there is no usable answer."""
    form = _form("file", (picture,))
    answer = _asked(endpoint, "/detect", form, allowance)
    return read_answer(answer, picture.size, picture.source)


def ask_batch(
    endpoint: Endpoint, pictures: Sequence[SentPicture], allowance: Allowance
) -> list[RemoteVerdict]:
    """What it sees in several pictures, in their order; RemoteError as above."""
    answer = _asked(endpoint, "/detect/batch", _form("files", pictures), allowance)
    return read_batch(answer, [p.size for p in pictures], [p.source for p in pictures])


def ask_health(endpoint: Endpoint, allowance: Allowance) -> RemoteHealth:
    """How it is; RemoteError when there is no usable answer."""
    return read_health(_asked(endpoint, "/health", NOTHING, allowance))


def _form(name: str, pictures: Sequence[SentPicture]) -> Document:
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
    return Document(f"multipart/form-data; boundary={boundary}", b"".join(parts))


def _asked(endpoint: Endpoint, path: str, document: Document, allowance: Allowance) -> bytes:
    """The body of a good answer."""
    try:
        answer = ask(endpoint, path, _key(endpoint), document, LARGEST, allowance)
    except ExchangeFailed as error:
        raise _error(endpoint, _FAILURES[error.trouble], ADVICE[error.trouble]) from None
    if answer.status != 200:
        raise _refusal(endpoint, answer)
    if is_packed(answer):
        raise _error(endpoint, Failure.BAD_ANSWER, "packs its answers, which nobody asked for")
    return answer.body


def _key(endpoint: Endpoint) -> dict[str, str]:
    key = endpoint.key
    if not key:
        return {}
    if not is_sendable(key):
        raise RemoteError(
            Failure.REFUSED,
            "The API key of the remote detector contains blanks or other characters that cannot "
            "be sent. Enter it again.",
        )
    return {"X-API-Key": key}


def _refusal(endpoint: Endpoint, answer: Answer) -> RemoteError:
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


def _error(endpoint: Endpoint, failure: Failure, text: str) -> RemoteError:
    return RemoteError(failure, f"The remote detector at {endpoint.place} {text}.")
