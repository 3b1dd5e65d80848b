"""Days and a span of time, and what they mean in words."""

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, QTime, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTimeEdit, QToolButton, QVBoxLayout, QWidget

from embereye.config.zone_options import Schedule
from embereye.ui.zone_words import DAYS, day_word, schedule_words

_TIME = "HH:mm"
_MARGIN = 6  # px; as text fields have
_DAY_WIDTH = 40  # px; seven of them fit into the pane


class ScheduleRow(QWidget):
    """Edits a schedule. GUI thread.

    No day pressed means every day, as in the settings.

    Signals:
        edited: (Schedule)
    """

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.days: dict[str, QToolButton] = {}
        self.start, self.end = QTimeEdit(), QTimeEdit()
        self.start.setAccessibleName(self.tr("From this time"))
        self.end.setAccessibleName(self.tr("Until this time"))
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._week())
        times = QHBoxLayout()
        for caption, field in ((self.tr("from"), self.start), (self.tr("to"), self.end)):
            field.setDisplayFormat(_TIME)
            field.lineEdit().setTextMargins(_MARGIN, 0, 0, 0)
            field.timeChanged.connect(self._changed)
            times.addWidget(QLabel(caption))
            times.addWidget(field, 1)
        column.addLayout(times)
        column.addWidget(self.words)

    def show_schedule(self, schedule: Schedule) -> None:
        """Show this one."""
        fields: Iterable[QWidget] = (*self.days.values(), self.start, self.end)
        blocked = [QSignalBlocker(field) for field in fields]
        for day, button in self.days.items():
            button.setChecked(day in schedule.days)
        for field, text in ((self.start, schedule.start), (self.end, schedule.end)):
            field.setTime(QTime.fromString(text, _TIME))
        del blocked
        self.words.setText(schedule_words(schedule))

    def schedule(self) -> Schedule:
        """What is shown."""
        days = [day for day, button in self.days.items() if button.isChecked()]
        return Schedule.model_validate(
            {
                "days": days if len(days) < len(DAYS) else [],
                "start": self.start.time().toString(_TIME),
                "end": self.end.time().toString(_TIME),
            }
        )

    @Slot()
    def _changed(self) -> None:
        schedule = self.schedule()
        self.words.setText(schedule_words(schedule))
        self.edited.emit(schedule)

    def _week(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for day in DAYS:
            button = QToolButton()
            button.setText(day_word(day))
            button.setCheckable(True)
            button.setProperty("role", "day")
            button.setFixedWidth(_DAY_WIDTH)
            button.setAccessibleName(button.text())
            button.clicked.connect(self._changed)
            self.days[day] = button
            row.addWidget(button)
        row.addStretch(1)
        return row
