"""When a rule counts: days and hours, holidays, arming modes."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from embereye.config.zone_options import Schedule
from embereye.ui.choice_boxes import ChoiceBoxes
from embereye.ui.rule_captions import holiday_uses
from embereye.ui.rule_cell import RuleCell, RuleCells
from embereye.ui.schedule_row import ScheduleRow


class RuleWhen(QWidget):
    """Edits `schedule`, `holidays` and `modes`. GUI thread.

    Signals:
        edited: ()
    """

    edited = Signal()

    def __init__(self, modes: Sequence[str], chosen: Iterable[object]) -> None:
        """`modes`: those of the calendar; a chosen one that is gone is offered as well."""
        super().__init__()
        listed = [*modes, *(str(mode) for mode in chosen if mode not in modes)]
        self.schedule = ScheduleRow()
        self.modes = ChoiceBoxes(self.tr("Arming mode"), listed)
        self.cells = RuleCells(self)
        holidays = QComboBox()
        for value, caption in holiday_uses():
            holidays.addItem(caption, value)
        self.cells.add("holidays", self.tr("Holidays"), holidays)
        self._hours = RuleCell(self.tr("Days and hours"), self.schedule)
        self._modes = RuleCell(
            self.tr("Arming modes"), self.modes, self.tr("none ticked: in all of them")
        )
        for field in (self.schedule, self.modes):
            field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.schedule.edited.connect(self._edited)
        self.modes.edited.connect(self._edited)
        self.cells.edited.connect(self._edited)
        self._lay_out()

    def show_values(self, values: Mapping[str, object]) -> None:
        """Show these; nothing is emitted."""
        self.blockSignals(True)
        self.schedule.show_schedule(Schedule.model_validate(values.get("schedule", {})))
        modes = values.get("modes", ())
        self.modes.choose(modes if isinstance(modes, list | tuple) else ())
        self.cells.show(values)
        self.blockSignals(False)

    def values(self) -> dict[str, object]:
        """The options as the settings have them."""
        return {
            "schedule": self.schedule.schedule().model_dump(mode="json"),
            "modes": list(self.modes.chosen()),
            **self.cells.values(),
        }

    def tell(self, text: str) -> None:
        """What is wrong with it."""
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def mark(self, changed: Iterable[str]) -> None:
        """Mark these options as changed."""
        names = set(changed)
        self._hours.mark("schedule" in names)
        self._modes.mark("modes" in names)
        self.cells.mark(names)

    def stops(self) -> list[QWidget]:
        """Where the keyboard stops, in reading order."""
        hours = [*self.schedule.days.values(), self.schedule.start, self.schedule.end]
        boxes = self.modes.findChildren(QCheckBox)
        return [*hours, self.cells.by_name["holidays"].editor, *boxes]

    @Slot()
    def _edited(self) -> None:
        self.edited.emit()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(16)
        grid.addWidget(self._hours, 0, 0, 2, 1)
        grid.addWidget(self.cells.by_name["holidays"], 0, 1)
        grid.addWidget(self._modes, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.error = QLabel()
        self.error.setProperty("role", "fire")
        self.error.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        column.addWidget(self.error)
