"""Who is told about what: pure decisions about notices."""

from dataclasses import dataclass

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmEvent,
    AlarmKind,
    AlarmState,
    Priority,
)
from embereye.model.notice import Notice, NoticeEvent
from embereye.rules.hours import Hours
from embereye.rules.overlays import ENDED, EXPIRED, in_test, uncovered

OWN_FAULTS = "notification"  # how the names of workers and faults about notices begin

_E = NoticeEvent
_RESTORED = "restored"  # after a restart; it was told before that
# An overlay ended: what calls under it is announced again.
_UNCOVERED = frozenset({*ENDED.values(), *EXPIRED.values()})
_ENDED = {AlarmState.RETURNED, AlarmState.LATCHED, AlarmState.NORMAL}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which notices a target is told.

    Attributes:
        least: Lowest priority.
        kinds, places: Empty: all.
        quiet: When nothing but fire is sent; None: never.
        tests: Walk tests too.
    """

    least: Priority
    events: frozenset[NoticeEvent]
    kinds: frozenset[AlarmKind] = frozenset()
    places: frozenset[str] = frozenset()
    quiet: Hours | None = None
    tests: bool = False


def events_of(alarm: Alarm, action: AlarmAction) -> frozenset[NoticeEvent]:
    """What a change of an alarm means to the world outside; empty: nothing."""
    found: set[NoticeEvent] = set()
    if action.event.startswith("escalat"):
        found.add(_E.ESCALATED)
    elif _announces(alarm, action):
        found.add(_E.ANNOUNCED)
    if action.event == AlarmEvent.ACKNOWLEDGE:
        found.add(_E.ACKNOWLEDGED)
    if action.event == AlarmEvent.CAUSE_ENDS and action.after in _ENDED:
        found.add(_E.RETURNED)
    if action.after is AlarmState.NORMAL and action.before is not AlarmState.NORMAL:
        found.add(_E.CLOSED)
    return frozenset(found)


def chosen_event(
    notice: Notice, selection: Selection, named: bool | None = None
) -> NoticeEvent | None:
    """Why a target is told of a notice; None: it is not.

    Args:
        named: Whether the rule behind the alarm names this target; None: it names none, and the
            target's own choice of priorities, kinds and places decides.
    """
    if named is False or concerns_notices(notice.alarm) or not _admits(notice.alarm, selection):
        return None
    if named is None and not suits(notice.alarm, selection):
        return None
    wanted = notice.events & selection.events
    return min(wanted, key=list(NoticeEvent).index) if wanted else None


def suits(alarm: Alarm, selection: Selection) -> bool:
    """Whether priority, kind and place are among those of a target."""
    return (
        alarm.priority >= selection.least
        and (not selection.kinds or alarm.key.kind in selection.kinds)
        and (not selection.places or alarm.key.place in selection.places)
    )


def is_quiet(alarm: Alarm, selection: Selection, weekday: int, minute: float) -> bool:
    """Whether quiet hours keep it from being sent. Fire is always sent.

    Args:
        weekday: 0 is Monday, of the notice, local time.
        minute: After midnight.
    """
    if is_fire(alarm) or selection.quiet is None:
        return False
    return selection.quiet.hold(weekday, minute)


def is_fire(alarm: Alarm) -> bool:
    """Whether nothing may silence it."""
    return alarm.key.kind is AlarmKind.FIRE or alarm.priority is Priority.EMERGENCY


def concerns_notices(alarm: Alarm) -> bool:
    """Whether it is a fault of the notices themselves, which must not make more of them."""
    worker = f"worker {OWN_FAULTS}"
    return alarm.key.kind is AlarmKind.SYSTEM_FAULT and alarm.key.source.startswith(worker)


def in_cooldown(cooldown: float, sent_ago: float | None) -> bool:
    """Whether an announcement comes too soon after the last one that was sent.

    Args:
        cooldown: s, counted from the notice that was sent; 0: none.
        sent_ago: s; None: none was sent. Below 0 the clock was put back: that is no reason to
            stay silent.
    """
    return sent_ago is not None and 0.0 <= sent_ago < cooldown


def _admits(alarm: Alarm, selection: Selection) -> bool:
    """Whether no overlay covers it; that of a walk test only where tests are not wanted."""
    if alarm.overlay is None:
        return True
    return in_test(alarm) and selection.tests


def _announces(alarm: Alarm, action: AlarmAction) -> bool:
    if action.event in _UNCOVERED:
        return alarm.overlay is None and uncovered(action.before, alarm.cause).announced
    if action.event == _RESTORED or action.after is not AlarmState.UNACKNOWLEDGED:
        return False
    return action.before is not action.after or action.event == AlarmEvent.HIGHER_PRIORITY
