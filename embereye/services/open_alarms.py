"""The open alarms by key: each change is covered, stored and shown the same way."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmEvent,
    AlarmKey,
    AlarmState,
    Overlay,
    Scope,
)
from embereye.model.ids import AlarmId
from embereye.model.messages import RequestRefused
from embereye.model.role import Operation
from embereye.model.stamp import Stamp
from embereye.rules.overlays import OverlayIndex, uncovered
from embereye.runtime.clock import Clock
from embereye.services.access import SYSTEM, Access
from embereye.services.alarm_board import AlarmBoard
from embereye.services.commits import Commits
from embereye.services.sessions import Sessions

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Happening:
    """What led to a change of an alarm.

    Attributes:
        announced: Popup and sound must come, unless something covers the alarm.
        origin: Arrival of the packet or frame behind it.
        reasons: Words of the action; None: the reasons of the alarm.
    """

    event: str
    actor: str = SYSTEM
    announced: bool = False
    origin: Stamp | None = None
    reasons: tuple[str, ...] | None = None


Listener = Callable[[Alarm, Alarm, Happening], None]


class OpenAlarms:
    """All alarms whose state is not NORMAL. Engine thread.

    Attributes:
        refused: The newest refusal, in words.

    Args:
        commits: Stores each change before it is shown.
        overlays: What lies over them; its owner changes it, then calls `lay`.
    """

    def __init__(
        self,
        clock: Clock,
        board: AlarmBoard,
        commits: Commits,
        sessions: Sessions,
        overlays: OverlayIndex,
        access: Access,
    ) -> None:
        self.board = board
        self.commits = commits
        self.sessions = sessions
        self.refused = ""
        self._clock = clock
        self._overlays = overlays
        self._access = access
        self._open: dict[AlarmKey, Alarm] = {}
        self._keys: dict[AlarmId, AlarmKey] = {}
        self._listeners: list[Listener] = []

    def __iter__(self) -> Iterator[Alarm]:
        """All as they are now; they may change meanwhile."""
        return iter(list(self._open.values()))

    def of(self, key: AlarmKey) -> Alarm | None:
        """The open alarm of a key."""
        return self._open.get(key)

    def numbered(self, number: AlarmId) -> Alarm | None:
        """The open alarm with this number."""
        key = self._keys.get(number)
        return None if key is None else self._open[key]

    def within(self, scope: Scope) -> list[Alarm]:
        """The open alarms that a scope covers."""
        if scope.kind is not None and scope.source is not None:  # one key: no search
            alarm = self._open.get(AlarmKey(scope.place, scope.kind, scope.source))
            return [] if alarm is None else [alarm]
        return [alarm for alarm in self._open.values() if scope.covers(alarm.key)]

    def listen(self, listener: Listener) -> None:
        """Call with (after, before, what happened) after each change, in its order."""
        self._listeners.append(listener)

    def asked_for(self, alarm: AlarmId, actor: str, operation: Operation) -> Alarm | None:
        """The alarm that somebody wants to handle; None after a refusal."""
        if not self.allowed(actor, operation, f"alarm:{alarm}"):
            return None
        found = self.numbered(alarm)
        if found is None:
            self.refuse("This alarm is closed already.", actor, f"alarm:{alarm}")
        return found

    def allowed(self, actor: str, operation: Operation, subject: str = "") -> bool:
        """Whether somebody may do this; told to them when not."""
        refusal = self._access.refusal(actor, operation)
        if refusal:
            self.refuse(refusal, actor, subject)
        return not refusal

    def refuse(self, text: str, actor: str, subject: str = "") -> None:
        """Tell why something asked for is not done."""
        self.refused = text
        self.board.tell(RequestRefused(text, actor, subject))

    def cover_of(self, alarm: Alarm) -> Overlay | None:
        """What lies over it now."""
        record = self._overlays.over(alarm.key, alarm.priority)
        return None if record is None else record.overlay

    def keep(self, alarm: Alarm) -> None:
        """Take a version that nobody must hear of."""
        self._open[alarm.key] = alarm
        self._keys[alarm.id] = alarm.key

    def change(self, alarm: Alarm, before: Alarm, what: Happening) -> Alarm:
        """Store and show a change; announced only where nothing covers the alarm."""
        overlay = self.cover_of(alarm)
        alarm = replace(alarm, revision=alarm.revision + 1, overlay=overlay)
        if alarm.state is AlarmState.NORMAL:
            self._close(alarm, by_reset=what.event == AlarmEvent.RESET.value)
        else:
            self.keep(alarm)
        reasons = alarm.reasons if what.reasons is None else what.reasons
        action = AlarmAction(
            alarm.id, what.event, what.actor, self._clock.now(), before.state, alarm.state, reasons
        )
        what = replace(what, announced=what.announced and overlay is None)
        self.commits.submit(alarm, action, what.announced, what.origin)
        _log.info("alarm %d: %s by %s: %s", alarm.id, what.event, what.actor, alarm.state.value)
        for listener in self._listeners:
            listener(alarm, before, what)
        return alarm

    def lay(self, alarm: Alarm, what: Happening) -> Alarm:
        """Follow a change of what lies over an alarm; announced where nothing does any more."""
        if alarm.overlay is None or self.cover_of(alarm) is not None:
            return self.change(alarm, alarm, what)
        step = uncovered(alarm.state, alarm.cause)
        changed = replace(
            alarm,
            state=step.state,
            acknowledged_by="" if step.announced else alarm.acknowledged_by,
            changed_utc=self._clock.now().utc if step.announced else alarm.changed_utc,
            escalation=0 if step.announced else alarm.escalation,
        )
        return self.change(changed, alarm, replace(what, announced=step.announced))

    def _close(self, alarm: Alarm, by_reset: bool) -> None:
        self._open.pop(alarm.key, None)
        self._keys.pop(alarm.id, None)
        self.sessions.closed(alarm, by_reset)
