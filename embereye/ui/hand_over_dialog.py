"""Asks who takes over the console, and what they must know."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget

from embereye.ui.console import Console
from embereye.ui.dialogs import Form

_NAME, _NOTE = 120, 10_000  # characters; what the service takes
_HEIGHT = 120  # px of the note


class HandOverDialog(Form):
    """A name and a note; the report is offered afterwards. GUI thread.

    Signals:
        handed_over: (str, str) to whom, with which note
    """

    handed_over = Signal(str, str)

    def __init__(self, console: Console, parent: QWidget | None = None) -> None:
        self._actor = console.settings().operator
        super().__init__(
            self.tr("Hand over"),
            self.tr("All alarms that are assigned to {0} become those of the next person.").format(
                self._actor
            ),
            self.tr("Hand over"),
            parent,
        )
        waiting = sum(alarm.calling for alarm in console.alarms().alarms)
        if waiting:
            text = self.tr("△ {0} alarms are not acknowledged.").format(waiting)
            label = QLabel(text)
            label.setProperty("role", "fault")
            self.form.addRow(label)
        self.to = self.field(self.tr("To"))
        self.to.setMaxLength(_NAME)
        self.note = QPlainTextEdit()
        self.note.setAccessibleName(self.tr("Note for the next shift"))
        self.note.setPlaceholderText(self.tr("What the next shift must know"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(_HEIGHT)
        self.add(self.tr("Note"), self.note)
        self.to.setFocus()

    def problem(self) -> str:
        name = self.to.text().strip()
        if not name:
            return self.tr("Name who takes over.")
        if name == self._actor:
            return self.tr("You cannot hand over to yourself. Name somebody else.")
        length = len(self.note.toPlainText())
        if length > _NOTE:
            return self.tr("The note has {0} characters. Use at most {1}.").format(length, _NOTE)
        return ""

    def send(self) -> None:
        self.handed_over.emit(self.to.text().strip(), self.note.toPlainText().strip())
