"""What the rules report becomes alarms: raised, merged, ended."""

from dataclasses import replace

from embereye.model.alarm import Alarm, AlarmEvent, AlarmKind, AlarmState, Cause, Report
from embereye.model.stamp import Stamp
from embereye.rules.alarm_cycle import latches, step
from embereye.runtime.clock import Clock
from embereye.services.commits import AlarmStore
from embereye.services.open_alarms import Happening, OpenAlarms


class AlarmCauses:
    """Follows the causes of alarms. Engine thread."""

    def __init__(self, clock: Clock, store: AlarmStore, alarms: OpenAlarms) -> None:
        self._clock = clock
        self._store = store
        self._alarms = alarms
        self._sessions = alarms.sessions

    def report(self, report: Report) -> None:
        """Take the rules' verdict on one key."""
        alarm = self._alarms.of(report.key)
        if report.cause is Cause.ACTIVE:
            self._cause(alarm, report)
        elif alarm is not None and alarm.cause is not report.cause:
            self._cause_left(alarm, report)

    def end(self, alarm: Alarm, reasons: tuple[str, ...], at: Stamp) -> None:
        """The cause of an alarm is gone."""
        result = step(alarm.state, AlarmEvent.CAUSE_ENDS, _latches(alarm))
        changed = replace(
            alarm,
            state=result.state,
            cause=Cause.CLEAR,
            reasons=reasons,
            changed_utc=self._clock.now().utc,
            last_report_utc=at.utc,
        )
        self._alarms.change(changed, alarm, Happening(AlarmEvent.CAUSE_ENDS.value))

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
            reasons=report.reasons,
            cameras=_merged(report.cameras, alarm.cameras),
            sources=_merged(report.sources, () if result.announced else alarm.sources),
            reports=alarm.reports + 1,
            last_report_utc=report.origin.utc,
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

    def _raise(self, report: Report, again: Alarm | None) -> None:
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
        )
        before = replace(alarm, state=AlarmState.NORMAL)
        what = Happening(AlarmEvent.CAUSE.value, announced=True, origin=report.origin)
        self._alarms.change(alarm, before, what)

    def _cause_left(self, alarm: Alarm, report: Report) -> None:
        self._sessions.note(report.key, report.origin.mono)
        if report.cause is Cause.CLEAR:
            self.end(alarm, report.reasons or alarm.reasons, report.origin)
        elif alarm.cause is Cause.ACTIVE:
            changed = replace(alarm, cause=Cause.UNKNOWN, last_report_utc=report.origin.utc)
            self._alarms.change(changed, alarm, Happening("cause unknown"))


def _latches(alarm: Alarm) -> bool:
    return latches(alarm.key.kind, alarm.priority)


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
