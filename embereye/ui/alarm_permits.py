"""Why a button of the alarm page cannot be pressed, in words; the engine decides in the end."""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication

from embereye.config.schema import Settings
from embereye.model.alarm import Alarm, AlarmState, OverlayKind, Priority
from embereye.model.role import Operation
from embereye.services.access import Access
from embereye.ui.wishes import may_reset


class Action(Enum):
    """What can be done to alarms; each has a button of its own."""

    ACKNOWLEDGE = auto()
    SILENCE = auto()
    RESET = auto()
    SHELVE = auto()
    OUT_OF_SERVICE = auto()
    ESCALATE = auto()
    COMMENT = auto()
    ASSIGN = auto()


_NEEDED = {
    Action.ACKNOWLEDGE: Operation.ACKNOWLEDGE,
    Action.SILENCE: Operation.SILENCE,
    Action.RESET: Operation.RESET,
    Action.SHELVE: Operation.SHELVE,
    Action.OUT_OF_SERVICE: Operation.OUT_OF_SERVICE,
    Action.ESCALATE: Operation.ESCALATE,
    Action.COMMENT: Operation.COMMENT,
    Action.ASSIGN: Operation.ASSIGN,
}
_ENDING = {
    OverlayKind.SHELVED: Operation.SHELVE,
    OverlayKind.OUT_OF_SERVICE: Operation.OUT_OF_SERVICE,
    OverlayKind.TEST: Operation.WALK_TEST,
}


class Permits:
    """What the operator of this console may do with alarms now. GUI thread."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._access = Access(settings)

    def obstacle(self, action: Action, alarms: Sequence[Alarm]) -> str:
        """Why this cannot be done to any of these; empty when it can."""
        refusal = self._refusal(_NEEDED[action])
        if refusal or action is Action.SILENCE:
            return refusal
        if not alarms:
            return _tr("Select an alarm first.")
        if all(alarm.state is AlarmState.NORMAL for alarm in alarms):
            return _tr("This alarm is closed.")
        if action is Action.SHELVE and all(a.priority is Priority.EMERGENCY for a in alarms):
            return self._refusal(Operation.SHELVE_FIRE) or _shelved(alarms)
        return _OBSTACLES.get(action, _none)(alarms)

    def obstacle_to_end(self, kind: OverlayKind) -> str:
        """Why an overlay cannot be ended before its time."""
        if kind is OverlayKind.SUPPRESSED:
            return _tr("A suppression by design ends with its condition.")
        return self._refusal(_ENDING[kind])

    def _refusal(self, operation: Operation) -> str:
        return self._access.refusal(self._settings().operator, operation)


def _none(alarms: Sequence[Alarm]) -> str:
    return ""


def _acknowledged(alarms: Sequence[Alarm]) -> str:
    if any(alarm.unacknowledged for alarm in alarms):
        return ""
    return _tr("It is acknowledged already.")


def _unresettable(alarms: Sequence[Alarm]) -> str:
    if any(may_reset(alarm) for alarm in alarms):
        return ""
    if any(alarm.unacknowledged for alarm in alarms):
        return _tr("Acknowledge first; reset is possible when the cause is gone.")
    return _tr("Reset is possible when the alarm is latched and its cause is gone.")


def _shelved(alarms: Sequence[Alarm]) -> str:
    covered = all(a.overlay is not None for a in alarms)
    return _tr("It is kept quiet already; see the list of shelved alarms.") if covered else ""


def _calm(alarms: Sequence[Alarm]) -> str:
    if any(alarm.calling for alarm in alarms):
        return ""
    return _tr("Only an alarm that nobody has acknowledged can be escalated.")


_OBSTACLES: dict[Action, Callable[[Sequence[Alarm]], str]] = {
    Action.ACKNOWLEDGE: _acknowledged,
    Action.RESET: _unresettable,
    Action.SHELVE: _shelved,
    Action.ESCALATE: _calm,
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("alarm_permits", text)
