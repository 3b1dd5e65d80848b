"""What operators do with alarms at once: acknowledge, reset, silence."""

from dataclasses import replace

from embereye.model.alarm import Alarm, AlarmEvent
from embereye.model.errors import AlarmActionError
from embereye.model.messages import AcknowledgeAsked, ResetAsked, SilenceAsked
from embereye.model.role import Operation
from embereye.rules.alarm_cycle import stays, step
from embereye.runtime.engine import Engine
from embereye.services.alarm_causes import AlarmCauses
from embereye.services.open_alarms import Happening, OpenAlarms


class AlarmHandling:
    """Handles AcknowledgeAsked, ResetAsked and SilenceAsked. Engine thread."""

    def __init__(self, engine: Engine, alarms: OpenAlarms, causes: AlarmCauses) -> None:
        self._clock = engine.clock
        self._alarms = alarms
        self._causes = causes
        engine.on(AcknowledgeAsked, self._acknowledge)
        engine.on(ResetAsked, self._reset)
        engine.on(SilenceAsked, self._silence)

    def _acknowledge(self, asked: AcknowledgeAsked) -> None:
        alarm = self._alarms.asked_for(asked.alarm, asked.actor, Operation.ACKNOWLEDGE)
        if alarm is None:
            return
        if self._alarms.commits.announcing(alarm.id):
            text = "This alarm has changed just now. Look again, then acknowledge it."
            self._alarms.refuse(text, asked.actor, f"alarm:{alarm.id}")
            return
        self._act(alarm, AlarmEvent.ACKNOWLEDGE, asked.actor)

    def _reset(self, asked: ResetAsked) -> None:
        alarm = self._alarms.asked_for(asked.alarm, asked.actor, Operation.RESET)
        if alarm is None:
            return
        wait = self._causes.waits(alarm.key)
        if wait > 0.0 and not alarm.unacknowledged:
            text = (
                "The cause came and went several times in a minute, so its end is waited for. "
                f"Reset again when it has stayed away for {wait:.0f} s more."
            )
            self._alarms.refuse(text, asked.actor, f"alarm:{alarm.id}")
            return
        self._act(alarm, AlarmEvent.RESET, asked.actor)

    def _act(self, alarm: Alarm, event: AlarmEvent, actor: str) -> None:
        try:
            result = step(alarm.state, event, stays(alarm), alarm.cause)
        except AlarmActionError as refusal:
            self._alarms.refuse(str(refusal), actor, f"alarm:{alarm.id}")
            return
        by = actor if event is AlarmEvent.ACKNOWLEDGE else alarm.acknowledged_by
        now = self._clock.now()
        changed = replace(alarm, state=result.state, changed_utc=now.utc, acknowledged_by=by)
        self._alarms.change(changed, alarm, Happening(event.value, actor))

    def _silence(self, asked: SilenceAsked) -> None:
        if not self._alarms.allowed(asked.actor, Operation.SILENCE):
            return
        sounding = [alarm for alarm in self._alarms if alarm.calling]
        refusal = "There is no alarm to silence."
        if sounding:
            refusal = self._alarms.board.silence(asked)
        if refusal:
            self._alarms.refuse(refusal, asked.actor)
            return
        alarm = min(sounding, key=lambda a: (-a.priority, a.id))
        self._alarms.change(alarm, alarm, Happening("silence", asked.actor))
