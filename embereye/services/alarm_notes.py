"""What people say about alarms and who takes care of them."""

from dataclasses import replace

from embereye.model.alarm import Alarm
from embereye.model.alarm_messages import AssignAsked, CommentAsked, HandOverAsked
from embereye.model.role import Operation
from embereye.model.shift import HandedOver
from embereye.rules.plain_text import clean_line, clean_text
from embereye.runtime.engine import Engine
from embereye.services.open_alarms import Happening, OpenAlarms

_COMMENT = 10_000  # characters of a comment or a note of a hand-over
_NAME = 120  # characters; as long as names in the settings


class AlarmNotes:
    """Handles CommentAsked, AssignAsked and HandOverAsked. Engine thread."""

    def __init__(self, engine: Engine, alarms: OpenAlarms) -> None:
        self._engine = engine
        self._alarms = alarms
        engine.on(CommentAsked, self._comment)
        engine.on(AssignAsked, self._assign)
        engine.on(HandOverAsked, self._hand_over)

    def _comment(self, asked: CommentAsked) -> None:
        alarm = self._alarms.asked_for(asked.alarm, asked.actor, Operation.COMMENT)
        if alarm is None:
            return
        text = clean_text(asked.text)
        refusal = _too_long(text) or ("" if text else "The comment is empty. Write something.")
        if refusal:
            self._alarms.refuse(refusal, asked.actor, f"alarm:{alarm.id}")
            return
        self._alarms.change(alarm, alarm, Happening("comment", asked.actor, reasons=(text,)))

    def _assign(self, asked: AssignAsked) -> None:
        alarm = self._alarms.asked_for(asked.alarm, asked.actor, Operation.ASSIGN)
        if alarm is None:
            return
        to = clean_line(asked.to)
        if len(to) > _NAME:
            text = f"The name has {len(to)} characters. Use at most {_NAME}."
            self._alarms.refuse(text, asked.actor, f"alarm:{alarm.id}")
        elif to == alarm.assigned_to:
            text = f"This alarm is assigned to {to} already." if to else "Nobody is assigned."
            self._alarms.refuse(text, asked.actor, f"alarm:{alarm.id}")
        else:
            self._give(alarm, to, Happening("assign", asked.actor, reasons=(to,)))

    def _hand_over(self, asked: HandOverAsked) -> None:
        if not self._alarms.allowed(asked.actor, Operation.HAND_OVER):
            return
        to, note = clean_line(asked.to), clean_text(asked.note)
        refusal = _too_long(note)
        if not 0 < len(to) <= _NAME:
            refusal = f"Name who takes over, with at most {_NAME} characters."
        elif to == asked.actor:
            refusal = "You cannot hand over to yourself. Name somebody else."
        if refusal:
            self._alarms.refuse(refusal, asked.actor)
            return
        reasons = (to, note) if note else (to,)
        for alarm in self._alarms:
            if alarm.assigned_to == asked.actor:
                self._give(alarm, to, Happening("hand over", asked.actor, reasons=reasons))
        self._engine.post(HandedOver(to, note, asked.actor, self._engine.clock.now()))

    def _give(self, alarm: Alarm, to: str, what: Happening) -> None:
        self._alarms.change(replace(alarm, assigned_to=to), alarm, what)


def _too_long(text: str) -> str:
    if len(text) > _COMMENT:
        return f"The text has {len(text)} characters. Use at most {_COMMENT}."
    return ""
