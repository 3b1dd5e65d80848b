"""When shifts change."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from embereye.rules.hours import minutes


def shift_at(utc: float, changes: Sequence[str], zone: tzinfo | None = None) -> tuple[float, float]:
    """Begin and end, s UTC, of the shift that a moment lies in.

    The wall clock decides, so a shift over the night on which it is set lasts an hour more or
    less. Without changes a shift lasts a day from midnight.

    Args:
        changes: "HH:MM" of local time, in any order.
        zone: None: the zone of this machine.
    """
    local = datetime.fromtimestamp(utc, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    at = sorted({minutes(text) for text in changes} or {0})
    marks = [
        (midnight + timedelta(days=days)).replace(hour=one // 60, minute=one % 60).timestamp()
        for days in (-1, 0, 1)
        for one in at
    ]
    return max(m for m in marks if m <= utc), min(m for m in marks if m > utc)
