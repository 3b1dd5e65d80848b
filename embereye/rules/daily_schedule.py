"""When the daily self-test is due; a pure function of clocks that people set."""

from dataclasses import dataclass

from embereye.model.stamp import Stamp
from embereye.rules.times_of_day import around

LATEST = 26 * 3600.0  # s; older than this it is caught up, an hour of summer time included
SETTLE = 120.0  # s after a start, until cameras and devices are there
_PUNCTUAL = 3600.0  # s after its hour within which it is on time
_SHORTEST = 3600.0  # s between two; a clock that is set to and fro makes no more of them


@dataclass(frozen=True, slots=True)
class Before:
    """The last completed test.

    Attributes:
        utc: s, when it was; None: there was none.
        mono: The same on the clock of this run; None: it was in an earlier run.
    """

    utc: float | None = None
    mono: float | None = None


def due(at: str, before: Before, now: Stamp, started: float) -> bool:
    """Whether the test must run now.

    Args:
        at: Local time "HH:MM".
        started: When the program started, monotonic s.
    """
    if now.mono - started < SETTLE:
        return False
    if before.mono is not None:
        age = now.mono - before.mono
        if age < _SHORTEST or age > LATEST:
            return age > LATEST
    if before.utc is None or before.utc > now.utc + _PUNCTUAL:
        # None yet, or the clock was set back beyond it: only the hour tells.
        return before.mono is None or _on_time(at, now.utc)
    if now.utc - before.utc > LATEST:
        return True
    return _on_time(at, now.utc) and before.utc < _moment(at, now.utc)


def following(at: str, now_utc: float) -> float:
    """The next time that it is `at` o'clock, s UTC."""
    return around(now_utc, (at,))[1]


def _on_time(at: str, now_utc: float) -> bool:
    return now_utc - _moment(at, now_utc) < _PUNCTUAL


def _moment(at: str, now_utc: float) -> float:
    """The last time that it was `at` o'clock, s UTC."""
    return around(now_utc, (at,))[0]
