"""Times of day, such as 06:00: when they were last, and when they come next."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from embereye.rules.hours import minutes


def around(utc: float, clocks: Sequence[str], zone: tzinfo | None = None) -> tuple[float, float]:
    """The last of these times of day, up to `utc`, and the next after it, s UTC.

    The wall clock decides, so over the night on which it is set an hour more or less lies between
    them. Without any it is midnight.

    Args:
        clocks: "HH:MM" of local time, in any order.
        zone: None: the zone of this machine.
    """
    local = datetime.fromtimestamp(utc, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    at = sorted({minutes(text) for text in clocks} or {0})
    marks = [
        (midnight + timedelta(days=days)).replace(hour=one // 60, minute=one % 60).timestamp()
        for days in (-1, 0, 1)
        for one in at
    ]
    return max(m for m in marks if m <= utc), min(m for m in marks if m > utc)
