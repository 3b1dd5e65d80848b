"""A detector on another machine asked about stored pictures: patiently, several at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from embereye.runtime.clock import Clock
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.http_service import Endpoint
from embereye.vision.remote_answer import RemoteVerdict
from embereye.vision.remote_client import SentPicture, ask_batch
from embereye.vision.remote_retry import RemoteError, pause_before

_TOGETHER = 8  # pictures in one request
_BYTES = 8 << 20  # of one request; a detector refuses more than 10 MB


@dataclass(frozen=True, slots=True)
class Patience:
    """How long stored pictures may take.

    Attributes:
        read: Longest wait for one answer, s.
        wait: Waits that many seconds; True: somebody wants it to end. `Event.wait` fits.
        ended: Whether somebody wants it to end.
    """

    clock: Clock
    read: float
    wait: Callable[[float], bool]
    ended: Callable[[], bool]


def detect_pictures(
    endpoint: Endpoint, pictures: Sequence[SentPicture], patience: Patience
) -> list[RemoteVerdict]:
    """What it sees in each picture, in their order; blocks.

    Raises:
        RemoteError: after three tries of one request, or one that is not worth repeating.
    """
    found: list[RemoteVerdict] = []
    for portion in _portions(pictures):
        found += _patiently(endpoint, portion, patience)
    return found


def _patiently(
    endpoint: Endpoint, portion: Sequence[SentPicture], patience: Patience
) -> list[RemoteVerdict]:
    """One request, up to three times with growing pauses."""
    attempt = 0
    while True:
        end = patience.clock.mono() + patience.read
        try:
            return ask_batch(endpoint, portion, Allowance(patience.clock, end, patience.ended))
        except RemoteError as error:
            attempt += 1
            pause = pause_before(attempt, error.failure, patience.read)
            if pause is None or patience.wait(pause):
                raise


def _portions(pictures: Sequence[SentPicture]) -> Iterator[list[SentPicture]]:
    portion: list[SentPicture] = []
    size = 0
    for picture in pictures:
        if portion and (len(portion) >= _TOGETHER or size + len(picture.jpeg) > _BYTES):
            yield portion
            portion, size = [], 0
        portion.append(picture)
        size += len(picture.jpeg)
    if portion:
        yield portion
