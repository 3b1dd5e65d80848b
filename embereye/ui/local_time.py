"""Days as people of this place count them; right also where the clocks change."""

from collections.abc import Sequence
from datetime import date, datetime, time

from embereye.rules.times_of_day import around


def local_day(utc: float) -> date:
    """The day of a moment, s UTC."""
    return datetime.fromtimestamp(utc).astimezone().date()


def midnight(utc: float) -> float:
    """When the day of a moment began, s UTC."""
    return _utc(local_day(utc), time())


def same_time(utc: float, day: date) -> float:
    """The same time on the clock, on another day, s UTC."""
    return _utc(day, datetime.fromtimestamp(utc).astimezone().time())


def seconds_until(clocks: Sequence[str], utc: float) -> float | None:
    """From a moment, s UTC, to the next of these times of day ("06:00"), s; None without any."""
    return around(utc, clocks)[1] - utc if clocks else None


def _utc(day: date, clock: time) -> float:
    # Without a zone it is local time, whose offset of that very day is then looked up.
    return datetime.combine(day, clock).astimezone().timestamp()
