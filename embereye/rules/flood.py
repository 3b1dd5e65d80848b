"""When alarms come faster than people can read them.

Source of the numbers: EEMUA 191 and ISA-18.2, ten alarms in ten minutes for one operator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from embereye.model.alarm import FAULTS, Alarm, AlarmKind

FLOOD_COUNT = 10  # alarms …
FLOOD_SPAN = 600.0  # s … within this: a flood

_SECOND = FAULTS | {AlarmKind.INTRUSION}  # says nothing about where a danger began


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood that goes on.

    Attributes:
        count: Open alarms raised within `FLOOD_SPAN`.
        first_out: The danger among them that came first, acknowledged or not; a fault or an
            intruder only where there is nothing else.
    """

    count: int
    first_out: Alarm


def flood(alarms: Iterable[Alarm], now_utc: float) -> Flood | None:
    """The flood at `now_utc`, seconds UTC; None while people can follow.

    What is covered by an overlay calls nobody and so belongs to no flood.
    """
    recent = [
        alarm
        for alarm in alarms
        if alarm.overlay is None and 0 <= now_utc - alarm.raised_utc <= FLOOD_SPAN
    ]
    if len(recent) < FLOOD_COUNT:
        return None
    dangers = [alarm for alarm in recent if alarm.key.kind not in _SECOND]
    # Ids count up; the wall clock may be set back.
    return Flood(len(recent), min(dangers or recent, key=attrgetter("id")))
