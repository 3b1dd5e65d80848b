"""Holidays and arming modes, which rules ask for."""

from pydantic import ValidationError
from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.rule_options import Calendar
from embereye.model.rule_messages import SaveCalendarAsked
from embereye.services.rule_configuration import values_of
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.rule_cell import RuleCells
from embereye.ui.rule_problems import problems_in
from embereye.ui.saving import Saving

_WIDTH, _HEIGHT = 480, 420  # px


class RuleCalendar(QDialog):
    """Edits both; closes when they are in force. GUI thread."""

    def __init__(self, console: Console, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Holidays and arming modes"))
        self.resize(_WIDTH, _HEIGHT)
        self._console = console
        self._seen = values_of(console.settings().calendar)
        self.cells = RuleCells(self)
        holidays, modes = QPlainTextEdit(), QPlainTextEdit()
        one = self.tr("one in each line; the first is in force until another is chosen")
        day = self.tr("one in each line: 2027-01-01, or 12-25 for each year")
        self.cells.add("holidays", self.tr("Holidays"), holidays, day)
        self.cells.add("modes", self.tr("Arming modes"), modes, one)
        self.cells.show({name: "\n".join(_lines(value)) for name, value in self._seen.items()})
        self.cells.edited.connect(self._check)
        self.error = QLabel()
        self.error.setProperty("role", "fire")
        self.error.setWordWrap(True)
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setProperty("role", "primary")
        self.save_button.clicked.connect(self.save)
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self.accept)
        self._saving.failed.connect(self._failed)
        self._lay_out()
        holidays.setFocus()

    def values(self) -> dict[str, object]:
        """What is entered."""
        return {name: _lines(text) for name, text in self.cells.values().items()}

    @Slot()
    def save(self) -> None:
        """Check both, then ask."""
        if not self._check() or self._saving.waiting:
            return
        values = self.values()
        if values == self._seen:
            self.accept()
            return
        self.error.setText(self.tr("Saving …"))
        self._saving.ask(SaveCalendarAsked(values, self._console.settings().operator, self._seen))

    @Slot()
    def _check(self) -> bool:
        values = self.values()
        self.cells.mark(name for name, value in values.items() if value != self._seen[name])
        try:
            Calendar.model_validate(values)
        except ValidationError as error:
            found = problems_in(error)
            self.cells.tell({str(where[0]): text for where, text in found.items() if where})
            return False
        self.cells.tell({})
        return True

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.error.setText(text)

    def _lay_out(self) -> None:
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save_button)
        foot.addWidget(cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        for cell in self.cells.by_name.values():
            column.addWidget(cell, 1)
        column.addWidget(self.error)
        column.addLayout(foot)


def _lines(value: object) -> list[str]:
    listed = value.splitlines() if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        return []
    return [str(line).strip() for line in listed if str(line).strip()]
