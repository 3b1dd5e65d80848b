"""What sounds, what flashes and what the counters say, as functions of the open alarms.

What an overlay covers calls nobody: it neither flashes nor sounds. Only an alarm in a walk test
is heard, as a single chime. Source of the numbers: the project's alarm design, "Presentation".
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from embereye.model.alarm import (
    Alarm,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Overlay,
    OverlayKind,
    Priority,
)
from embereye.model.daily_test import QUIET
from embereye.model.ids import AlarmId
from embereye.rules.alarm_digest import Digest, digest, worst_first
from embereye.rules.overlays import in_test

REPEAT = 30.0  # s between two sounds of an alarm that is no fire
ONCE = float("inf")  # s; the chime of a walk test is not repeated

Announced = frozenset[tuple[AlarmId, float]]


class Tone(StrEnum):
    """What is heard; the names of the sound files."""

    FIRE = "fire"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    FAULT = "fault"
    TEST = "test"


OF_PRIORITY = {
    Priority.EMERGENCY: Tone.FIRE,
    Priority.HIGH: Tone.HIGH,
    Priority.MEDIUM: Tone.MEDIUM,
    Priority.LOW: Tone.LOW,
    Priority.DIAGNOSTIC: Tone.FAULT,
}

_LOUDEST = tuple(OF_PRIORITY.values())  # the most urgent first


@dataclass(frozen=True, slots=True)
class Sound:
    """What should be heard now.

    Attributes:
        alarm: The worst, oldest one that calls and is audible.
        tone: What it sounds like: the most urgent sound of all at this priority.
        repeat: Seconds from one start to the next; 0.0 sounds without pause.
        announced: (id, moment) of each announcement at this priority; only compared for being the
            same, since people set clocks.
        escalated: (id, how often) of those at this priority that nobody answered.
        tested: (id, moment) of each alarm in a walk test.
    """

    alarm: Alarm
    tone: Tone
    repeat: float
    announced: Announced
    escalated: frozenset[tuple[AlarmId, int]] = frozenset()
    tested: Announced = frozenset()


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


def worst(table: AlarmTable) -> Alarm | None:
    """The worst, in it the oldest alarm that calls; what the bar shows."""
    return next(iter(digest(table.alarms).calling), None)


def sound(
    table: AlarmTable, now: float, tones: Mapping[str, Tone | None] | None = None
) -> Sound | None:
    """What should be heard at monotonic second `now`; None is quiet.

    A higher priority pre-empts: compare the alarm with what is playing.

    Args:
        tones: Of rules (by id) that do not sound like their priority; None: not at all.
    """
    if _silenced(table, now):
        return None
    known = digest(table.alarms)
    tests = worst_first([alarm for alarm in known.covered if _chimes(alarm)])
    tested = _announced(tests)
    equal = _loudest(known, tones)
    if not equal:
        return Sound(tests[0], Tone.TEST, ONCE, tested, tested=tested) if tests else None
    alarm = equal[0]
    # A rule with a softer sound must not take the voice of what burns beside it.
    voices = {_tone(one, tones) or Tone.FIRE for one in equal} if tones else {_tone(alarm, None)}
    return Sound(
        alarm=alarm,
        tone=next(tone for tone in _LOUDEST if tone in voices),
        repeat=0.0 if alarm.priority is Priority.EMERGENCY else REPEAT,
        announced=_announced(equal),
        escalated=frozenset((one.id, one.escalation) for one in equal if one.escalation),
        tested=tested,
    )


def siren(table: AlarmTable, now: float, tones: Mapping[str, Tone | None] | None = None) -> bool:
    """Whether `sound` gives more than the chime of a walk test."""
    if _silenced(table, now):
        return False
    return any(_tone(alarm, tones) is not None for alarm in digest(table.alarms).calling)


def starts(wanted: Sound | None, playing: Sound | None, started: float, now: float) -> bool:
    """Whether `wanted` must start (again) now, given what was started last and when.

    Args:
        playing: The sound that was started last, None after quiet.
        started: When that was, monotonic seconds.
    """
    if wanted is None:
        return False
    if playing is None:
        return True
    if wanted.tone is Tone.TEST:  # an alarm that ended does not chime those known already
        return bool(wanted.tested - playing.tested)
    if (wanted.alarm.priority, wanted.tone) != (playing.alarm.priority, playing.tone):
        return True
    if wanted.escalated - playing.escalated:
        return True
    if wanted.repeat == 0.0:
        return False  # it sounds without pause
    return bool(wanted.announced - playing.announced) or now - started >= wanted.repeat


def counters(table: AlarmTable, switched_off: int = 0) -> Counters:
    """The counters of the bar.

    What is covered counts as disabled or as test, with each overlay as one where no alarm is open
    under it; a place in test counts beside its alarms.

    Args:
        switched_off: Cameras and devices that are switched off.
    """
    known = digest(table.alarms)
    covered = Tally([alarm.overlay for alarm in known.covered if alarm.overlay is not None])
    disabled, test = _covered(covered, table.overlays)
    calls = [alarm.priority for alarm in known.calling]
    fires, faults = calls.count(Priority.EMERGENCY), calls.count(Priority.DIAGNOSTIC)
    alarms = len(known.uncovered) - known.fires - known.faults
    return Counters(
        Counter(known.fires, fires > 0),
        Counter(alarms, len(calls) > fires + faults),
        Counter(known.faults, faults > 0),
        Counter(disabled + switched_off),
        Counter(test),
    )


def urgency(alarm: Alarm) -> tuple[int, int]:
    """Sorts the worst first, in it the oldest."""
    return (-alarm.priority, alarm.id)  # ids count up; the wall clock may be set back


def _silenced(table: AlarmTable, now: float) -> bool:
    return table.silenced_until is not None and now < table.silenced_until


def _loudest(known: Digest, tones: Mapping[str, Tone | None] | None) -> list[Alarm]:
    """What is heard at the highest priority of all that is heard, the oldest first."""
    calling = known.calling
    if tones:
        calling = tuple([alarm for alarm in calling if _tone(alarm, tones) is not None])
    if not calling:
        return []
    highest = calling[0].priority
    return [alarm for alarm in calling if alarm.priority is highest]


def _chimes(alarm: Alarm) -> bool:
    """Whether it is of a test that may be heard; a quiet self-test is proved otherwise."""
    if alarm.overlay is None or not in_test(alarm) or not alarm.unacknowledged:
        return False
    return alarm.overlay.reason != QUIET


def _covered(covered: Tally[Overlay], overlays: Iterable[Overlay]) -> tuple[int, int]:
    """What the counters DISABLED and TEST say of overlays."""
    disabled, test = 0, 0
    for overlay in {*covered, *overlays}:
        if overlay.kind is OverlayKind.TEST:
            test += 1 + covered[overlay]
        else:
            disabled += max(1, covered[overlay])
    return disabled, test


def _tone(alarm: Alarm, tones: Mapping[str, Tone | None] | None) -> Tone | None:
    usual = OF_PRIORITY[alarm.priority]
    if alarm.key.kind is not AlarmKind.RULE or not tones:
        return usual
    return tones.get(alarm.key.source, usual)


def _announced(alarms: Iterable[Alarm]) -> Announced:
    return frozenset(
        (alarm.id, alarm.changed_utc)
        for alarm in alarms
        if alarm.state is AlarmState.UNACKNOWLEDGED
    )
