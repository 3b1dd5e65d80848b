"""What sounds, what flashes and what pops up, as functions of the open alarms.

Source of the numbers: the project's alarm design, section "Presentation".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from embereye.model.alarm import Alarm, AlarmKind, AlarmState, AlarmTable, Priority
from embereye.model.ids import AlarmId

REPEAT = 30.0  # s between two sounds of an alarm that is no fire
FLOOD_COUNT = 10  # alarms …
FLOOD_SPAN = 600.0  # s … within this: a flood


@dataclass(frozen=True, slots=True)
class Sound:
    """What should be heard now.

    Attributes:
        alarm: The worst, oldest unacknowledged one.
        repeat: Seconds from one start to the next; 0.0 sounds without pause.
        announced: (id, moment) of each announcement at this priority; only compared for being the
            same, since people set clocks.
    """

    alarm: Alarm
    repeat: float
    announced: frozenset[tuple[AlarmId, float]]


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter of the bar: how many are not normal, and whether it flashes."""

    count: int
    flashing: bool = False


@dataclass(frozen=True, slots=True)
class Counters:
    """The permanent bar. `alarm` is high, medium and low."""

    fire: Counter
    alarm: Counter
    fault: Counter
    disabled: Counter
    test: Counter


@dataclass(frozen=True, slots=True)
class Popups:
    """The stack of popups.

    Attributes:
        shown: Highest priority first; one for each place.
        first_out: The alarm that came first of all that wait for somebody; it is always shown.
        more: How many places with waiting alarms are only summarised ("and 37 more").
        flood: Whether alarms come faster than people can read them.
    """

    shown: tuple[Alarm, ...]
    first_out: Alarm | None
    more: int
    flood: bool


def worst(table: AlarmTable) -> Alarm | None:
    """The worst, in it the oldest unacknowledged alarm; what the bar shows."""
    waiting = (alarm for alarm in table.alarms if alarm.unacknowledged)
    return min(waiting, key=_urgency, default=None)


def sound(table: AlarmTable, now: float) -> Sound | None:
    """What should be heard at monotonic second `now`; None is quiet.

    A higher priority pre-empts: compare the alarm with what is playing.
    """
    if table.silenced_until is not None and now < table.silenced_until:
        return None
    alarm = worst(table)
    if alarm is None:
        return None
    repeat = 0.0 if alarm.priority is Priority.EMERGENCY else REPEAT
    announced = frozenset(
        (other.id, other.changed_utc)
        for other in table.alarms
        if other.state is AlarmState.UNACKNOWLEDGED and other.priority is alarm.priority
    )
    return Sound(alarm, repeat, announced)


def starts(wanted: Sound | None, playing: Sound | None, started: float, now: float) -> bool:
    """Whether `wanted` must start (again) now, given what was started last and when.

    Args:
        playing: The sound that was started last, None after quiet.
        started: When that was, monotonic seconds.
    """
    if wanted is None:
        return False
    if playing is None or wanted.alarm.priority is not playing.alarm.priority:
        return True
    if wanted.repeat == 0.0:
        return False  # it sounds without pause
    return bool(wanted.announced - playing.announced) or now - started >= wanted.repeat


def counters(table: AlarmTable, disabled: int = 0, test: int = 0) -> Counters:
    """The counters of the bar.

    Args:
        disabled: Cameras and devices that are switched off.
        test: Sources in test.
    """
    fire, alarm, fault = [], [], []
    for one in table.alarms:
        if one.priority is Priority.EMERGENCY:
            fire.append(one.unacknowledged)
        elif one.priority is Priority.DIAGNOSTIC:
            fault.append(one.unacknowledged)
        else:
            alarm.append(one.unacknowledged)
    return Counters(
        Counter(len(fire), any(fire)),
        Counter(len(alarm), any(alarm)),
        Counter(len(fault), any(fault)),
        Counter(disabled),
        Counter(test),
    )


def popups(
    table: AlarmTable, now_utc: float, room: int = 4, least: Priority = Priority.LOW
) -> Popups:
    """The popups for what is unacknowledged.

    Alarms of one place share one popup: the worst, oldest of them. Nothing is hidden from the
    list, the rest of a flood is only summarised here.

    Args:
        now_utc: Seconds UTC, the scale of `Alarm.raised_utc`.
        room: Most popups at a time, at least 1.
        least: Lowest priority that pops up; faults stay in bar and list by default.
    """
    waiting = [a for a in table.alarms if a.unacknowledged and a.priority >= least]
    of_place: dict[str, Alarm] = {}
    for alarm in sorted(waiting, key=_urgency):
        of_place.setdefault(alarm.key.place, alarm)
    stack = list(of_place.values())
    # An intruder says nothing about where a fire began, and must not take the place of a fire.
    dangers = [alarm for alarm in stack if alarm.key.kind is not AlarmKind.INTRUSION]
    first = min(dangers or stack, key=lambda alarm: alarm.id, default=None)
    shown = stack[:room]
    if first is not None and first not in shown:
        shown[-1] = first
    return Popups(tuple(shown), first, len(stack) - len(shown), in_flood(table.alarms, now_utc))


def in_flood(alarms: Iterable[Alarm], now_utc: float) -> bool:
    """Whether at least ten alarms were raised in the last ten minutes."""
    recent = sum(1 for alarm in alarms if 0 <= now_utc - alarm.raised_utc <= FLOOD_SPAN)
    return recent >= FLOOD_COUNT


def summary(stack: Popups) -> str:
    """The line under the stack, empty when everything is shown."""
    return f"and {stack.more} more" if stack.more else ""


def _urgency(alarm: Alarm) -> tuple[int, int]:
    return (-alarm.priority, alarm.id)  # ids count up; the wall clock may be set back
