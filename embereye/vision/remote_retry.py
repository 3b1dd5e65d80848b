"""What can go wrong with a detector on another machine, and whether asking again helps."""

from enum import Enum

from embereye.model.errors import DetectorError

TRIES = 3  # source: design of the remote detector (HTTP contract)
_LONGEST_PAUSE = 30.0  # s; the same source: min(2ⁿ, 30) s


class Failure(Enum):
    """Kinds of failures; the values are for logs and counters."""

    UNREACHABLE = "no connection"
    TIMED_OUT = "no answer in time"
    SERVER = "an error of the server"
    NOT_LOADED = "its model is not loaded"
    BAD_ANSWER = "an answer that cannot be used"
    BAD_PICTURE = "the picture was refused"
    TOO_LARGE = "the picture is too large"
    REFUSED = "the request was refused"


_AGAIN = frozenset(
    {
        Failure.UNREACHABLE,
        Failure.TIMED_OUT,
        Failure.SERVER,
        Failure.NOT_LOADED,
        Failure.BAD_ANSWER,
    }
)
_OF_THE_PICTURE = frozenset({Failure.BAD_PICTURE, Failure.TOO_LARGE})


class RemoteError(DetectorError):
    """The detector on another machine gave no usable answer; the text says what to do."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


def pause_before(attempt: int, failure: Failure, left: float) -> float | None:
    """Seconds until the next try after `attempt` failed ones; None when it is given up.

    Args:
        attempt: 1 after the first failure.
        left: Seconds that remain until nobody needs the answer any more; a pause that does not
            fit is none, so that the next live picture is asked about instead of an old one.
    """
    if failure not in _AGAIN or attempt >= TRIES:
        return None
    pause = min(2.0 ** min(attempt, 10), _LONGEST_PAUSE)
    return pause if pause < left else None


def concerns_detector(failure: Failure) -> bool:
    """Whether this says something against the detector, and not against one picture alone."""
    return failure not in _OF_THE_PICTURE
