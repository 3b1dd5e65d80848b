"""What the rules report becomes alarms: raised, merged, ended."""

from dataclasses import dataclass, replace
from functools import partial

from embereye.model.alarm import (
    Alarm,
    AlarmEvent,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Report,
)
from embereye.model.stamp import Stamp
from embereye.rules.alarm_cycle import stays, step
from embereye.rules.chatter import Chatter
from embereye.runtime.engine import Engine, Timer
from embereye.services.commits import AlarmStore
from embereye.services.open_alarms import Happening, OpenAlarms


@dataclass(frozen=True, slots=True)
class _Held:
    """The end of a cause that came and went too often: it counts later.

    Attributes:
        until: Monotonic s.
    """

    timer: Timer
    until: float


class AlarmCauses:
    """Follows the causes of alarms. Engine thread."""

    def __init__(self, engine: Engine, store: AlarmStore, alarms: OpenAlarms) -> None:
        self._engine = engine
        self._clock = engine.clock
        self._store = store
        self._alarms = alarms
        self._sessions = alarms.sessions
        self._chatter = Chatter()
        self._held: dict[AlarmKey, _Held] = {}

    def report(self, report: Report) -> None:
        """Take the rules' verdict on one key."""
        alarm = self._alarms.of(report.key)
        if report.cause is Cause.ACTIVE:
            self._release(report.key)
            self._cause(alarm, report)
        elif alarm is None or alarm.cause is report.cause:
            return
        elif report.cause is Cause.CLEAR:
            self._clear(alarm, report)
        elif alarm.cause is Cause.ACTIVE:
            self._lose(alarm, report)

    def end(self, alarm: Alarm, reasons: tuple[str, ...], at: Stamp) -> None:
        """The cause of an alarm is gone, and that counts at once."""
        self._release(alarm.key)
        self._chatter.ended(alarm.key)
        result = step(alarm.state, AlarmEvent.CAUSE_ENDS, stays(alarm))
        changed = replace(
            alarm,
            state=result.state,
            cause=Cause.CLEAR,
            reasons=reasons,
            changed_utc=self._clock.now().utc,
            last_report_utc=at.utc,
            chattering=False,
        )
        self._alarms.change(changed, alarm, Happening(AlarmEvent.CAUSE_ENDS.value))

    def waits(self, key: AlarmKey) -> float:
        """Seconds until the end of a cause that came and went counts; 0: none is waited for."""
        held = self._held.get(key)
        return 0.0 if held is None else max(0.0, held.until - self._clock.mono())

    def end_unknown_faults(self) -> None:
        """Faults of this program that a restart has cured: nobody reported them again."""
        for alarm in self._alarms:
            if alarm.key.kind is AlarmKind.SYSTEM_FAULT and alarm.cause is Cause.UNKNOWN:
                self.end(alarm, alarm.reasons, self._clock.now())

    def _cause(self, alarm: Alarm | None, report: Report) -> None:
        continues = self._sessions.note(report.key, report.origin.mono)
        if alarm is not None and alarm.cause is Cause.UNKNOWN and not continues:
            # Too long ago to be the same: the old one ended unseen, this is announced.
            self.end(alarm, alarm.reasons, report.origin)
            alarm = self._alarms.of(report.key)
        chattering = self._chatter.active(report.key, self._clock.mono())
        if alarm is None:
            again = self._sessions.reopened(report.key, continues)
            self._raise(report, again, chattering)
        else:
            self._merge(alarm, report, chattering)

    def _merge(self, alarm: Alarm, report: Report, chattering: bool) -> None:
        event = AlarmEvent.CAUSE
        result = step(alarm.state, event, stays(alarm))
        if report.priority > alarm.priority and not result.announced:
            event = AlarmEvent.HIGHER_PRIORITY
            result = step(alarm.state, event, stays(alarm))
        changed = replace(
            alarm,
            state=result.state,
            cause=Cause.ACTIVE,
            priority=max(alarm.priority, report.priority),
            reasons=report.reasons,
            cameras=_merged(report.cameras, alarm.cameras),
            sources=_merged(report.sources, () if result.announced else alarm.sources),
            reports=alarm.reports + 1,
            last_report_utc=report.origin.utc,
            chattering=chattering,
            latching=alarm.latching or report.latching,
        )
        if result.announced:
            changed = replace(
                changed, acknowledged_by="", escalation=0, changed_utc=self._clock.now().utc
            )
        elif _same(changed, alarm):
            self._alarms.keep(changed)  # counted; no person and no disk must hear of it
            return
        what = Happening(event.value, announced=result.announced, origin=report.origin)
        self._alarms.change(changed, alarm, what)

    def _raise(self, report: Report, again: Alarm | None, chattering: bool) -> None:
        now = self._clock.now()
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
            assigned_to=again.assigned_to if again is not None else "",
            chattering=chattering,
            latching=report.latching,
        )
        before = replace(alarm, state=AlarmState.NORMAL)
        what = Happening(AlarmEvent.CAUSE.value, announced=True, origin=report.origin)
        self._alarms.change(alarm, before, what)

    def _lose(self, alarm: Alarm, report: Report) -> None:
        """Nobody knows any more; that is told at once."""
        self._sessions.note(report.key, report.origin.mono)
        self._release(alarm.key)
        self._chatter.unknown(alarm.key)
        changed = replace(alarm, cause=Cause.UNKNOWN, last_report_utc=report.origin.utc)
        self._alarms.change(changed, alarm, Happening("cause unknown"))

    def _clear(self, alarm: Alarm, report: Report) -> None:
        if alarm.key in self._held:
            return
        self._sessions.note(report.key, report.origin.mono)
        wait = self._chatter.cleared(alarm.key, self._clock.mono())
        if wait <= 0.0:
            self.end(alarm, report.reasons or alarm.reasons, report.origin)
            return
        timer = self._engine.call_later(wait, partial(self._stayed_away, report))
        self._held[alarm.key] = _Held(timer, self._clock.mono() + wait)

    def _stayed_away(self, report: Report) -> None:
        alarm = self._alarms.of(report.key)
        if alarm is not None:
            self.end(alarm, report.reasons or alarm.reasons, report.origin)

    def _release(self, key: AlarmKey) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            held.timer.cancel()


def _same(alarm: Alarm, other: Alarm) -> bool:
    """Whether two versions differ in nothing but their count of reports."""
    return _told(alarm) == _told(other)


def _told(alarm: Alarm) -> tuple[object, ...]:
    return (
        alarm.cause,
        alarm.priority,
        alarm.chattering,
        alarm.latching,
        alarm.reasons,
        alarm.cameras,
        alarm.sources,
    )


def _merged(first: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *others)))
