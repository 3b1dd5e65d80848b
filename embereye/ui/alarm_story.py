"""The time line of one alarm: states, actions and comments, newest first."""

import html
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from embereye.model.alarm import Alarm, AlarmAction, AlarmState
from embereye.model.alarm_past import StoryAsked, StoryRead
from embereye.model.ids import AlarmId
from embereye.ui import words
from embereye.ui.answers import Answers
from embereye.ui.foreign_text import wrappable
from embereye.ui.past_console import Past
from embereye.ui.theme import Tokens

_LONG = 600  # characters of a text that are shown before somebody asks for all
_WORDS = {
    "cause": "Cause present",
    "cause ends": "Cause gone",
    "cause unknown": "Cause unknown",
    "higher priority": "Priority raised",
    "acknowledge": "Acknowledged",
    "reset": "Reset",
    "silence": "Silenced",
    "restored": "Restored after a start",
    "comment": "Comment",
    "assign": "Assigned",
    "hand over": "Handed over",
    "escalated": "Escalated",
    "shelve": "Shelved",
    "unshelve": "Shelving ended",
    "shelving expired": "Shelving expired",
    "shelving broken": "Shelving broken by a higher priority",
    "suppress": "Suppressed by design",
    "suppression ended": "Suppression ended",
    "take out of service": "Taken out of service",
    "return to service": "Returned to service",
    "out of service expired": "Out of service expired",
    "clock set": "End said anew: the clock was set",
    "walk test": "Walk test",
    "walk test ended": "Walk test ended",
}


class AlarmStory(QWidget):
    """Reads what happened from the disk whenever the alarm has changed. GUI thread."""

    def __init__(self, past: Past, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self._alarm: AlarmId | None = None
        self._read: StoryRead | None = None
        self._whole = False
        self._answers = Answers(past, self)
        self._answers.arrived.connect(self._arrived)
        self._title = QLabel(self.tr("Time line"))
        self._title.setProperty("role", "muted")
        self.lines = QLabel()
        self.lines.setWordWrap(True)
        self.lines.setTextFormat(Qt.TextFormat.RichText)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines.setAccessibleName(self.tr("Time line"))
        self.all_button = QPushButton(self.tr("Show whole texts"))
        self.all_button.setProperty("role", "link")
        self.all_button.clicked.connect(self._show_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self._title, self.lines, self.all_button):
            column.addWidget(widget)

    def show_alarm(self, alarm: Alarm | None) -> None:
        """Tell this alarm's story; what is told of it already stays until newer is there."""
        if alarm is None or alarm.id != self._alarm:
            self._alarm = None if alarm is None else alarm.id
            self._read, self._whole = None, False
            self._answers.forget()
            self._tell()
        known = -1 if self._read is None else self._read.asked.revision
        if alarm is not None and known < alarm.revision and not self._answers.waiting:
            self._answers.ask(StoryAsked(alarm.id, alarm.revision))

    @Slot(object)
    def _arrived(self, read: StoryRead) -> None:
        if read.asked.alarm == self._alarm:
            self._read = read
            self._tell()

    @Slot()
    def _show_all(self) -> None:
        self._whole = True
        self._tell()

    def _tell(self) -> None:
        read = self._read
        self.setVisible(read is not None)
        if read is None:
            self.lines.clear()
            return
        if read.problem:
            text = self.tr("The time line cannot be read: {0}").format(read.problem)
            self.lines.setText(html.escape(text))
            self.all_button.hide()
            return
        parts = [self._line(action) for action in reversed(read.actions)]
        if read.earlier:
            parts.append(html.escape(self.tr("… and {0} earlier").format(read.earlier)))
        self.lines.setText("".join(f"<p style='margin:0 0 4px 0'>{part}</p>" for part in parts))
        long = any(len(text) > _LONG for a in read.actions for text in a.reasons)
        self.all_button.setVisible(long and not self._whole)

    def _line(self, action: AlarmAction) -> str:
        when = words.date_time(action.at.utc)
        head = f"<span style='color:{self._colours.muted}'>{when}</span>&nbsp; " + html.escape(
            event_word(action)
        )
        if action.actor != "system":
            head += html.escape(f" · {wrappable(action.actor)}")
        if action.before is not action.after and action.after is not AlarmState.NORMAL:
            head += html.escape(f" → {words.state_word(action.after)}")
        elif action.before is not action.after:
            head += html.escape(self.tr(" → closed"))
        return head + "".join(f"<br>{self._text(text)}" for text in _told(action))

    def _text(self, text: str) -> str:
        if len(text) > _LONG and not self._whole:
            rest = len(text) - _LONG
            more = self.tr(" … and {0} more characters").format(f"{rest:,}")
            return html.escape(wrappable(text[:_LONG]) + more).replace("\n", "<br>")
        return html.escape(wrappable(text)).replace("\n", "<br>")


def event_word(action: AlarmAction) -> str:
    """What happened, in the operator's language."""
    if action.event == "cause" and action.before is AlarmState.NORMAL:
        return _tr("Raised")
    return _tr(_WORDS.get(action.event, action.event.capitalize()))


def _told(action: AlarmAction) -> Iterable[str]:
    """Reasons where they are new: those of a cause would else stand at each acknowledgement."""
    told = ("acknowledge", "reset", "silence", "restored", "cause ends")
    return () if action.event in told else (text for text in action.reasons if text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("alarm_story", text)
