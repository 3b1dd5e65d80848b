"""The open alarms: one per key, handled by operators, never lost and never hidden."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmEvent,
    AlarmKey,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Cause,
    Report,
)
from embereye.model.errors import AlarmActionError
from embereye.model.ids import AlarmId
from embereye.model.messages import (
    AcknowledgeAsked,
    RequestRefused,
    ResetAsked,
    SilenceAsked,
    StorageChanged,
)
from embereye.model.stamp import Stamp
from embereye.rules.alarm_cycle import latches, step
from embereye.runtime.engine import Engine
from embereye.services.alarm_board import AlarmBoard
from embereye.services.commits import AlarmStore, Commits
from embereye.services.sessions import Sessions

_log = logging.getLogger(__name__)

SYSTEM = "system"  # the actor of what nobody asked for
_SOURCE_FAULTS = (AlarmKind.CAMERA_FAULT, AlarmKind.DEVICE_FAULT)
_SETTLE = 60.0  # s after a start; what still fails then has been reported again


class Alarms:
    """Raises, merges, ends and restores alarms. Engine thread; `current` from any thread.

    Handles AcknowledgeAsked, ResetAsked, SilenceAsked and StorageChanged; publishes AlarmChanged,
    SilenceChanged and RequestRefused, after `current` holds what they tell.

    Args:
        merge_window: Seconds after the last report within which the next one belongs to it.
        deadline: Seconds that an announcement waits for the disk.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        store: AlarmStore,
        merge_window: float = 90.0,
        deadline: float = 0.05,
    ) -> None:
        self._engine = engine
        self._store = store
        self._open: dict[AlarmKey, Alarm] = {}
        self._keys: dict[AlarmId, AlarmKey] = {}
        self._sessions = Sessions(merge_window)
        self._board = AlarmBoard(engine, publish, lambda: self._commits.all_recorded)
        self._commits = Commits(engine, store, self._board.show, deadline)
        engine.on(AcknowledgeAsked, self._acknowledge)
        engine.on(ResetAsked, self._reset)
        engine.on(SilenceAsked, self._silence_asked)
        engine.on(StorageChanged, self._storage_changed)

    @property
    def current(self) -> AlarmTable:
        """All open alarms as they are shown; a frozen snapshot for any thread."""
        return self._board.current

    def restore(self) -> tuple[Alarm, ...]:
        """Bring back the open alarms with their states; what caused them is unknown now.

        Before the engine runs, after the store can be read. Unacknowledged ones are announced.
        """
        now = self._engine.clock.now()
        for stored in self._store.load_open():
            alarm = replace(stored, cause=Cause.UNKNOWN, recorded=True)
            self._sessions.restored(alarm, now)
            self._keep(alarm)
            self._board.put(alarm)
            self._change(alarm, stored, "restored", SYSTEM, alarm.unacknowledged, None)
        self._board.flush()
        self._engine.call_later(_SETTLE, self._end_faults_of_last_run)
        return self.current.alarms

    def report(self, report: Report) -> None:
        """Take the rules' verdict on one key, or a service's on one of its faults."""
        alarm = self._open.get(report.key)
        if report.cause is Cause.ACTIVE:
            self._cause(alarm, report)
        elif alarm is not None and alarm.cause is not report.cause:
            self._cause_left(alarm, report)

    def keep_faults(self, keys: Collection[AlarmKey]) -> None:
        """End the faults of cameras and devices under any other key.

        Call after `restore` and after each change of the settings with the keys of all cameras and
        devices that are switched on, at their present place: nobody would ever report on a source
        again that is gone, switched off or elsewhere.
        """
        now = self._now()
        for alarm in list(self._open.values()):
            if alarm.key.kind in _SOURCE_FAULTS and alarm.key not in keys:
                self.report(Report(alarm.key, Cause.CLEAR, alarm.priority, alarm.reasons, now))

    def adjust(self, merge_window: float, deadline: float) -> None:
        """Follow changed settings, both in seconds."""
        self._sessions.window = merge_window
        self._commits.deadline = deadline

    # --- causes ------------------------------------------------------------------------------

    def _cause(self, alarm: Alarm | None, report: Report) -> None:
        continues = self._sessions.note(report.key, report.origin.mono)
        if alarm is not None and alarm.cause is Cause.UNKNOWN and not continues:
            # Too long ago to be the same: the old one ended unseen, this is announced.
            self._end(alarm, alarm.reasons, report.origin)
            alarm = self._open.get(report.key)
        if alarm is None:
            self._raise(report, self._sessions.reopened(report.key, continues))
        else:
            self._merge(alarm, report)

    def _merge(self, alarm: Alarm, report: Report) -> None:
        event = AlarmEvent.CAUSE
        result = step(alarm.state, event, _latches(alarm))
        if report.priority > alarm.priority and not result.announced:
            event = AlarmEvent.HIGHER_PRIORITY
            result = step(alarm.state, event, _latches(alarm))
        changed = replace(
            alarm,
            state=result.state,
            cause=Cause.ACTIVE,
            priority=max(alarm.priority, report.priority),
            latching=alarm.latching or report.latching,
            reasons=report.reasons,
            cameras=_merged(report.cameras, alarm.cameras),
            sources=_merged(report.sources, () if result.announced else alarm.sources),
            acknowledged_by="" if result.announced else alarm.acknowledged_by,
            changed_utc=self._now().utc if result.announced else alarm.changed_utc,
            reports=alarm.reports + 1,
            last_report_utc=report.origin.utc,
        )
        if not result.announced and _same(changed, alarm):
            self._keep(changed)  # counted; nothing that a person or the disk must hear of
            return
        self._change(changed, alarm, event.value, SYSTEM, result.announced, report.origin)

    def _raise(self, report: Report, again: Alarm | None) -> None:
        now = self._now()
        alarm = Alarm(
            id=again.id if again is not None else self._store.next_id(),
            key=report.key,
            place_name=report.place_name,
            priority=report.priority,
            state=AlarmState.UNACKNOWLEDGED,
            cause=Cause.ACTIVE,
            reasons=report.reasons,
            raised_utc=now.utc,
            changed_utc=now.utc,
            reports=again.reports + 1 if again is not None else 1,
            last_report_utc=report.origin.utc,
            cameras=report.cameras,
            sources=report.sources,
            revision=again.revision if again is not None else 0,
            latching=report.latching,
        )
        before = replace(alarm, state=AlarmState.NORMAL)
        self._change(alarm, before, AlarmEvent.CAUSE.value, SYSTEM, True, report.origin)

    def _cause_left(self, alarm: Alarm, report: Report) -> None:
        self._sessions.note(report.key, report.origin.mono)
        if report.cause is Cause.CLEAR:
            self._end(alarm, report.reasons or alarm.reasons, report.origin)
        elif alarm.cause is Cause.ACTIVE:
            changed = replace(alarm, cause=Cause.UNKNOWN, last_report_utc=report.origin.utc)
            self._change(changed, alarm, "cause unknown", SYSTEM, False, None)

    def _end(self, alarm: Alarm, reasons: tuple[str, ...], at: Stamp) -> None:
        result = step(alarm.state, AlarmEvent.CAUSE_ENDS, _latches(alarm))
        changed = replace(
            alarm,
            state=result.state,
            cause=Cause.CLEAR,
            reasons=reasons,
            changed_utc=self._now().utc,
            last_report_utc=at.utc,
        )
        self._change(changed, alarm, AlarmEvent.CAUSE_ENDS.value, SYSTEM, False, None)

    def _end_faults_of_last_run(self) -> None:
        """Faults of this program that a restart has cured: nobody reported them again."""
        now = self._now()
        for alarm in list(self._open.values()):
            if alarm.key.kind is AlarmKind.SYSTEM_FAULT and alarm.cause is Cause.UNKNOWN:
                self._end(alarm, alarm.reasons, now)

    # --- operators ---------------------------------------------------------------------------

    def _acknowledge(self, asked: AcknowledgeAsked) -> None:
        alarm = self._asked_for(asked.alarm, asked.actor)
        if alarm is None:
            return
        if self._commits.announcing(alarm.id):
            text = "This alarm has changed just now. Look again, then acknowledge it."
            self._board.tell(RequestRefused(text, asked.actor))
            return
        self._act(alarm, AlarmEvent.ACKNOWLEDGE, asked.actor)

    def _reset(self, asked: ResetAsked) -> None:
        alarm = self._asked_for(asked.alarm, asked.actor)
        if alarm is not None:
            self._act(alarm, AlarmEvent.RESET, asked.actor)

    def _asked_for(self, alarm: AlarmId, actor: str) -> Alarm | None:
        key = self._keys.get(alarm)
        if key is None:
            self._board.tell(RequestRefused("This alarm is closed already.", actor))
            return None
        return self._open[key]

    def _act(self, alarm: Alarm, event: AlarmEvent, actor: str) -> None:
        try:
            result = step(alarm.state, event, _latches(alarm), alarm.cause)
        except AlarmActionError as refusal:
            self._board.tell(RequestRefused(str(refusal), actor))
            return
        by = actor if event is AlarmEvent.ACKNOWLEDGE else alarm.acknowledged_by
        changed = replace(
            alarm, state=result.state, changed_utc=self._now().utc, acknowledged_by=by
        )
        self._change(changed, alarm, event.value, actor, False, None)

    def _silence_asked(self, asked: SilenceAsked) -> None:
        sounding = [alarm for alarm in self._open.values() if alarm.unacknowledged]
        refusal = self._board.silence(asked) if sounding else "There is no alarm to silence."
        if refusal:
            self._board.tell(RequestRefused(refusal, asked.actor))
            return
        alarm = min(sounding, key=lambda a: (-a.priority, a.id))
        self._change(alarm, alarm, "silence", asked.actor, False, None)

    # --- what is kept and shown --------------------------------------------------------------

    def _change(
        self,
        alarm: Alarm,
        before: Alarm,
        event: str,
        actor: str,
        announced: bool,
        origin: Stamp | None,
    ) -> None:
        alarm = replace(alarm, revision=alarm.revision + 1)
        if alarm.state is AlarmState.NORMAL:
            self._close(alarm, by_reset=event == AlarmEvent.RESET.value)
        else:
            self._keep(alarm)
        action = AlarmAction(
            alarm.id, event, actor, self._now(), before.state, alarm.state, alarm.reasons
        )
        self._commits.submit(alarm, action, announced, origin)
        _log.info("alarm %d: %s by %s: now %s", alarm.id, event, actor, alarm.state.value)

    def _keep(self, alarm: Alarm) -> None:
        self._open[alarm.key] = alarm
        self._keys[alarm.id] = alarm.key

    def _close(self, alarm: Alarm, by_reset: bool) -> None:
        self._open.pop(alarm.key, None)
        self._keys.pop(alarm.id, None)
        self._sessions.closed(alarm, by_reset)

    def _storage_changed(self, message: StorageChanged) -> None:
        self._board.writable = message.usable
        self._board.refresh()

    def _now(self) -> Stamp:
        return self._engine.clock.now()


def _latches(alarm: Alarm) -> bool:
    return latches(alarm.key.kind, alarm.priority, alarm.latching)


def _same(alarm: Alarm, other: Alarm) -> bool:
    """Whether two versions differ in nothing but their count of reports."""
    return (alarm.cause, alarm.priority, alarm.reasons, alarm.cameras, alarm.sources) == (
        other.cause,
        other.priority,
        other.reasons,
        other.cameras,
        other.sources,
    )


def _merged(first: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *others)))
