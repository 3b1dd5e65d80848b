"""Which alarms pop up, as functions of the open alarms.

Source of the rules: the project's alarm design, section "Presentation".
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter

from embereye.model.alarm import Alarm, AlarmKind, AlarmTable, Priority
from embereye.model.ids import AlarmId
from embereye.rules.alarm_digest import digest
from embereye.rules.flood import flood

NEW_MOST = 3  # popups that may open …
NEW_SPAN = 1.0  # s … within this; more would change under the hand that acknowledges
_FLOOD_ROOM = 2  # in a flood: the worst and the first-out; everything else is one line


@dataclass(frozen=True, slots=True)
class Popups:
    """The stack of popups.

    Attributes:
        shown: Highest priority first; one for each place.
        first_out: The alarm that came first of all that wait for somebody; it is always shown.
        oldest: The alarm that has waited longest, whatever it is; named where it has no popup.
        more: How many places with waiting alarms are only summarised ("and 37 more").
        flood: Whether alarms come faster than people can read them.
        beside: How many further alarms wait at the place of each that is shown.
        fires: How many of the places that are only summarised have an emergency.
    """

    shown: tuple[Alarm, ...]
    first_out: Alarm | None
    oldest: Alarm | None
    more: int
    flood: bool
    beside: tuple[int, ...] = ()
    fires: int = 0


def popups(
    table: AlarmTable, now_utc: float, room: int = 4, least: Priority = Priority.LOW
) -> Popups:
    """The popups for what calls.

    Alarms of one place share one popup: the worst, oldest of them. Nothing is hidden from the
    list, the rest of a flood is only summarised here.

    Args:
        now_utc: Seconds UTC, the scale of `Alarm.raised_utc`.
        room: Most popups at a time, at least 1.
        least: Lowest priority that pops up; faults stay in bar and list by default.
    """
    calling = digest(table.alarms).calling
    waiting = [alarm for alarm in calling if alarm.priority >= least]
    at_place: dict[str, int] = {}
    stack: list[Alarm] = []
    for alarm in waiting:  # the worst, oldest first
        place = alarm.key.place
        if place not in at_place:
            at_place[place] = 0
            stack.append(alarm)
        at_place[place] += 1
    # An intruder says nothing about where a fire began, and must not take the place of a fire.
    dangers = [alarm for alarm in stack if alarm.key.kind is not AlarmKind.INTRUSION]
    first = min(dangers or stack, key=_age, default=None)
    flooded = flood(digest(table.alarms).uncovered, now_utc) is not None
    shown = stack[: min(room, _FLOOD_ROOM) if flooded else room]
    if first is not None and first not in shown:
        shown[-1] = first
    return Popups(
        shown=tuple(shown),
        first_out=first,
        oldest=min(waiting, key=_age, default=None),
        more=len(stack) - len(shown),
        flood=flooded,
        beside=tuple(at_place[alarm.key.place] - 1 for alarm in shown),
        fires=_emergencies(stack) - _emergencies(shown),
    )


def admitted(
    wanted: Iterable[Alarm], before: Collection[Alarm], opened: Iterable[float], now: float
) -> frozenset[AlarmId]:
    """Which of these may be on the screen now: no more than three new ones in a second.

    One that is more urgent than all that are there never waits for that.

    Args:
        wanted: Worst first.
        before: The alarms whose popups are on the screen.
        opened: When popups opened, monotonic seconds; older ones may be left out.
        now: Monotonic seconds.
    """
    known = {alarm.id for alarm in before}
    highest = max((alarm.priority for alarm in before), default=None)
    free = NEW_MOST - sum(1 for at in opened if now - at < NEW_SPAN)
    found = []
    for alarm in wanted:
        urgent = highest is None or alarm.priority > highest
        if alarm.id not in known and not urgent and free <= 0:
            continue
        found.append(alarm.id)
        if alarm.id not in known:
            free -= 1
            highest = alarm.priority if urgent else highest
    return frozenset(found)


def summary(stack: Popups) -> str:
    """The line under the stack, empty when everything is shown."""
    if not stack.more:
        return ""
    text = "and 1 more place" if stack.more == 1 else f"and {stack.more} more places"
    if stack.fires:
        text += f", {stack.fires} with FIRE"
    places = {alarm.key.place for alarm in stack.shown}
    oldest = stack.oldest
    if oldest is None or oldest.key.place in places:
        return text
    return f"{text}, the oldest at {oldest.place_name or oldest.key.place}"


def _emergencies(alarms: Iterable[Alarm]) -> int:
    return sum(alarm.priority is Priority.EMERGENCY for alarm in alarms)


_age = attrgetter("id")  # ids count up; the wall clock may be set back
