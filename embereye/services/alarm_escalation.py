"""An emergency that nobody acknowledges is announced again, to more people."""

from dataclasses import replace
from functools import partial

from embereye.model.alarm import Alarm, Priority
from embereye.model.alarm_messages import EscalateAsked
from embereye.model.ids import AlarmId
from embereye.model.role import Operation
from embereye.rules.escalation import MOST, EscalationTimes, due_in, reached
from embereye.runtime.engine import Engine, Timer
from embereye.services.access import SYSTEM
from embereye.services.open_alarms import Happening, OpenAlarms

ESCALATED = "escalated"
RESTORED = "restored"


class AlarmEscalation:
    """Watches emergencies that call; handles EscalateAsked. Engine thread.

    Counted from the announcement. Acknowledging ends it, an overlay stops it; it begins anew with
    the next announcement.
    """

    def __init__(self, engine: Engine, alarms: OpenAlarms, times: EscalationTimes) -> None:
        self._engine = engine
        self._alarms = alarms
        self._times = times
        self._announced: dict[AlarmId, float] = {}  # monotonic s
        self._timers: dict[AlarmId, Timer] = {}
        alarms.listen(self._follow)
        engine.on(EscalateAsked, self._asked)

    def adjust(self, times: EscalationTimes) -> None:
        """Follow changed settings; alarms that call now follow them too."""
        self._times = times
        for alarm in self._alarms:
            if alarm.id in self._announced:
                self._arm(alarm)

    def _follow(self, alarm: Alarm, _before: Alarm, what: Happening) -> None:
        if not _escalates(alarm):
            self._forget(alarm.id)
        elif what.event == RESTORED:
            now = self._engine.clock.now()
            self._watch(alarm, now.mono - max(0.0, now.utc - alarm.changed_utc))
        elif what.announced and what.event != ESCALATED:
            self._watch(alarm, self._engine.clock.mono())

    def _watch(self, alarm: Alarm, announced: float) -> None:
        self._announced[alarm.id] = announced
        self._arm(alarm)

    def _arm(self, alarm: Alarm) -> None:
        self._cancel(alarm.id)
        waited = self._engine.clock.mono() - self._announced[alarm.id]
        delay = due_in(alarm.escalation, waited, self._times)
        if delay is not None:
            action = partial(self._due, alarm.id)
            self._timers[alarm.id] = self._engine.call_later(delay, action)

    def _due(self, number: AlarmId) -> None:
        alarm = self._alarms.numbered(number)
        if alarm is not None:
            waited = self._engine.clock.mono() - self._announced[number]
            self._escalate(alarm, reached(alarm.escalation, waited, self._times), SYSTEM)

    def _asked(self, asked: EscalateAsked) -> None:
        alarm = self._alarms.asked_for(asked.alarm, asked.actor, Operation.ESCALATE)
        if alarm is None:
            return
        if alarm.overlay is not None:
            text = f"This alarm is {alarm.overlay.kind.value}. End that before you escalate it."
        elif not alarm.unacknowledged:
            text = "This alarm is acknowledged already; somebody takes care of it."
        else:
            self._escalate(alarm, min(MOST, alarm.escalation + 1), asked.actor)
            return
        self._alarms.refuse(text, asked.actor, f"alarm:{alarm.id}")

    def _escalate(self, alarm: Alarm, escalation: int, actor: str) -> None:
        raised = replace(alarm, escalation=escalation)
        raised = self._alarms.change(raised, alarm, Happening(ESCALATED, actor, announced=True))
        if alarm.id in self._announced:
            self._arm(raised)

    def _forget(self, number: AlarmId) -> None:
        self._announced.pop(number, None)
        self._cancel(number)

    def _cancel(self, number: AlarmId) -> None:
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.cancel()


def _escalates(alarm: Alarm) -> bool:
    return alarm.calling and alarm.priority is Priority.EMERGENCY
