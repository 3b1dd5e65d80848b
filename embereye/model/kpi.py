"""How much an operator is asked to handle: key figures after ISA-18.2 and EEMUA 191."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.alarm import AlarmKey, Priority
from embereye.model.ids import AlarmId


class LogEvent(StrEnum):
    """What counts of the life of an alarm."""

    ANNOUNCED = "announced"
    ACKNOWLEDGED = "acknowledged"


class Grade(StrEnum):
    """How a figure compares with its limits."""

    GOOD = "good"
    HIGH = "high"
    TOO_HIGH = "too high"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event of one alarm.

    Attributes:
        priority: Highest of the occurrence.
    """

    at_utc: float
    event: LogEvent
    alarm: AlarmId
    key: AlarmKey
    place_name: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that was open at the end of the span.

    Attributes:
        raised_utc: First announcement of the occurrence, s.
    """

    alarm: AlarmId
    key: AlarmKey
    place_name: str
    priority: Priority
    raised_utc: float


@dataclass(frozen=True, slots=True)
class AlarmLog:
    """What figures are made of.

    Attributes:
        since, until: The span, s UTC; `since` is included, `until` is not.
        lines: In order of time; they begin before `since`, so that acknowledgements and floods
            that reach into the span are known.
        open: Alarms that were open at `until`.
        complete: False where there were too many lines to read all.
    """

    since: float
    until: float
    lines: tuple[LogLine, ...]
    open: tuple[Standing, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class BadActor:
    """A source of many alarms.

    Attributes:
        count: Announcements in the span.
        share: Of all announcements, 0–1.
        chattering: Whether three of them came within 60 s.
    """

    key: AlarmKey
    place_name: str
    priority: Priority
    count: int
    share: float
    chattering: bool


@dataclass(frozen=True, slots=True)
class FloodPeriod:
    """A time in which alarms came faster than people can read them.

    Attributes:
        begin_utc, end_utc: s; cut at the ends of the span.
        count: Announcements in it.
    """

    begin_utc: float
    end_utc: float
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures of one span.

    Attributes:
        since, until: s UTC.
        announced: Alarms announced in the span; again when they came back.
        per_hour: Of those, the mean.
        grade: Of `per_hour`.
        busiest_hour: Most announcements in any 60 min of the span.
        floods: In order of time.
        flood_share: Share of the span in flood, 0–1.
        chattering: Keys with three announcements within 60 s, most first.
        stale: Open for more than a day at the end, oldest first.
        worst: The ten sources with most announcements.
        split: Share of low, medium, high and emergency of all that are no faults; empty without.
        acknowledged: Announcements that were acknowledged in the span.
        acknowledge_median, acknowledge_p95: s from announcement to acknowledgement; None: none.
        complete: False where the log was too long to be read whole.
    """

    since: float
    until: float
    announced: int
    per_hour: float
    grade: Grade
    busiest_hour: int
    floods: tuple[FloodPeriod, ...]
    flood_share: float
    chattering: tuple[BadActor, ...]
    stale: tuple[Standing, ...]
    worst: tuple[BadActor, ...]
    split: dict[Priority, float]
    acknowledged: int
    acknowledge_median: float | None
    acknowledge_p95: float | None
    complete: bool = True
