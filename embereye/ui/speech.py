"""Says once what alarms and where: "Fire. Boiler house 2." """

import re

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot

from embereye.model.alarm import FAULTS, Alarm, Priority
from embereye.model.ids import AlarmId
from embereye.model.messages import AlarmChanged
from embereye.rules.annunciation import urgency
from embereye.rules.plain_text import clean_line
from embereye.ui.console import Console
from embereye.ui.speech_voice import Voice

_PERIOD = 200  # ms between two looks
_MOST = 3  # sentences that may wait; in a flood nobody listens to more
_LENGTH = 80  # characters of a place, 6 s at 13 characters a second
# What engines take for markup or spell out sign by sign; letters of all scripts stay.
_UNSPOKEN = re.compile(r"[^\w\s.,'’-]|_")


class Speech(QObject):
    """Speaks where the settings want it, beside the siren and never before it. GUI thread.

    Signals:
        noticed: (str) why nothing can be heard; once for each failure
    """

    noticed = Signal(str)

    def __init__(self, console: Console, voice: Voice) -> None:
        super().__init__()
        self._console = console
        self._voice = voice
        self._waiting: dict[AlarmId, Alarm] = {}
        self._problem = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.look)

    @Slot(object)
    def announced(self, message: AlarmChanged) -> None:
        """An alarm changed; what was announced is said once."""
        wanted = self._console.settings().sound.speech
        if wanted and message.announced and message.alarm.calling:
            self._waiting[message.alarm.id] = message.alarm
            worst = sorted(self._waiting.values(), key=urgency)[:_MOST]
            self._waiting = {alarm.id: alarm for alarm in worst}
            if not self._timer.isActive():
                self._timer.start()

    @Slot()
    def look(self) -> None:
        """Say the next sentence when the one before is over."""
        self._note(self._voice.problem())
        if self._voice.busy():
            return
        alarm = self._next()
        if alarm is not None:
            self._voice.say(sentence(alarm))
        elif not self._waiting:
            self._timer.stop()

    def close(self) -> None:
        """Be quiet for good."""
        self._timer.stop()
        self._voice.close()

    def _next(self) -> Alarm | None:
        """The worst that still calls; nothing is said while the sound is silenced."""
        table = self._console.alarms()
        calling = {alarm.id: alarm for alarm in table.alarms if alarm.calling}
        self._waiting = {key: calling[key] for key in self._waiting if key in calling}
        until = table.silenced_until
        if not self._console.settings().sound.speech or (
            until is not None and self._console.clock.mono() < until
        ):
            self._waiting = {}
        alarm = min(self._waiting.values(), key=urgency, default=None)
        if alarm is not None:
            del self._waiting[alarm.id]
        return alarm

    def _note(self, problem: str) -> None:
        if problem and problem != self._problem:
            self.noticed.emit(problem)
        self._problem = problem


def sentence(alarm: Alarm) -> str:
    """What is said of an alarm: words and numbers only, whatever its place is called."""
    place = _UNSPOKEN.sub(" ", clean_line(alarm.place_name))
    place = " ".join(place.split())[:_LENGTH].strip(" .-")
    again = _tr("Escalated.") + " " if alarm.escalation else ""
    return f"{again}{_word(alarm)}. {place}." if place else f"{again}{_word(alarm)}."


def _word(alarm: Alarm) -> str:
    if alarm.key.kind in FAULTS:
        return _tr("Fault")
    return {
        Priority.EMERGENCY: _tr("Fire"),
        Priority.HIGH: _tr("High alarm"),
        Priority.MEDIUM: _tr("Medium alarm"),
        Priority.LOW: _tr("Low alarm"),
        Priority.DIAGNOSTIC: _tr("Fault"),
    }[alarm.priority]


def _tr(text: str) -> str:
    return QCoreApplication.translate("speech", text)
