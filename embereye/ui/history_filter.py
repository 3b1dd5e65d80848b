"""The row of fields that says which closed alarms are wanted."""

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QDate, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QLabel, QLineEdit, QWidget

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.alarm_past import HistoryFilter
from embereye.model.ids import PlaceId
from embereye.ui import words
from embereye.ui.console import Console
from embereye.ui.elided import keep_narrow
from embereye.ui.foreign_text import one_line
from embereye.ui.local_time import midnight, same_time

T = TypeVar("T")

_PAUSE = 300  # ms after the last letter until the database is asked
_DAY = 86_400.0  # s
_SPANS = ((1, "24 h"), (7, "7 days"), (30, "30 days"), (365, "1 year"))
_LETTERS = 10  # width of the choices
_OTHER = -1


class HistoryFilterRow(QWidget):
    """Time span, kind, priority, place and words. GUI thread.

    Signals:
        changed: () something else is wanted now
    """

    changed = Signal()

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self.span = self._choice(self.tr("Time span"))
        for days, text in _SPANS:
            self.span.addItem(self.tr("Last {0}").format(text), days)
        self.span.addItem(self.tr("All times"), None)
        self.span.addItem(self.tr("Days from … to …"), _OTHER)
        self.span.setCurrentIndex(1)
        today = QDate.currentDate()
        self.first = self._date(self.tr("First day"), today.addDays(-7))
        self.last = self._date(self.tr("Last day"), today)
        self._to = QLabel("–")
        self.kind = self._choice(self.tr("Kind"))
        self.kind.addItem(self.tr("All kinds"), None)
        for kind in AlarmKind:
            self.kind.addItem(words.caption(kind.value.capitalize()), kind)
        self.priority = self._choice(self.tr("Priority"))
        self.priority.addItem(self.tr("All priorities"), None)
        for priority in reversed(Priority):
            self.priority.addItem(words.caption(priority.name.capitalize()), priority)
        self.place = self._choice(self.tr("Place"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Words: reasons, comments, names …"))
        self.search.setAccessibleName(self.tr("Filter by words"))
        self.search.setClearButtonEnabled(True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.changed)
        self._connect()
        self._lay_out()
        self._change()

    def wanted(self) -> HistoryFilter:
        """What the fields say now."""
        since, until = self._times()
        return HistoryFilter(
            since=since,
            until=until,
            kinds=_chosen(self.kind, AlarmKind),
            priorities=_chosen(self.priority, Priority),
            places=_chosen(self.place, PlaceId),
            text=self.search.text().strip(),
        )

    def said(self) -> str:
        """The same in words, for the head of an export."""
        parts = [self.span.currentText()]
        if self.span.currentData() == _OTHER:
            parts = [f"{self.first.text()} – {self.last.text()}"]
        parts += [
            box.currentText()
            for box in (self.kind, self.priority, self.place)
            if box.currentData() is not None
        ]
        if self.search.text().strip():
            parts.append(f"“{self.search.text().strip()}”")
        return " · ".join(parts)

    def offer_places(self) -> None:
        """Offer the places of the settings as they are now."""
        settings = self._console.settings()
        known = {place.id: place.name for place in settings.places}
        for camera in self._console.cameras().cameras:
            known.setdefault(camera.place, camera.name)
        chosen = self.place.currentData()
        self.place.blockSignals(True)
        self.place.clear()
        self.place.addItem(self.tr("All places"), None)
        for place, name in sorted(known.items(), key=lambda item: item[1].casefold()):
            self.place.addItem(one_line(name), PlaceId(place))
        self.place.setCurrentIndex(max(0, self.place.findData(chosen)))
        self.place.blockSignals(False)

    def _times(self) -> tuple[float | None, float | None]:
        days = self.span.currentData()
        now = self._console.clock.now().utc
        if days is None:
            return None, None
        if days == _OTHER:
            first, last = self.first.date().toPython(), self.last.date().addDays(1).toPython()
            day = midnight(now)
            return same_time(day, first), same_time(day, last)  # type: ignore[arg-type]
        # Whole minutes: the same question stays the same while an operator looks at it.
        return now // 60 * 60 - days * _DAY, None

    def _choice(self, caption: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(caption)
        keep_narrow(box, _LETTERS)
        return box

    def _date(self, caption: str, day: QDate) -> QDateEdit:
        edit = QDateEdit(day)
        edit.setAccessibleName(caption)
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        edit.dateChanged.connect(self._change)
        return edit

    @Slot()
    def _change(self) -> None:
        """A choice is meant at once."""
        other = self.span.currentData() == _OTHER
        for widget in (self.first, self._to, self.last):
            widget.setVisible(other)
        self._pause.stop()
        self.changed.emit()

    @Slot()
    def _typed(self) -> None:
        self._pause.start()

    def _connect(self) -> None:
        for box in (self.span, self.kind, self.priority, self.place):
            box.currentIndexChanged.connect(self._change)
        self.search.textEdited.connect(self._typed)
        self.search.textChanged.connect(self._typed)
        self.search.returnPressed.connect(self._change)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (
            self.span,
            self.first,
            self._to,
            self.last,
            self.kind,
            self.priority,
            self.place,
        ):
            row.addWidget(widget)
        row.addWidget(self.search, 1)


def _chosen(box: QComboBox, made: Callable[[Any], T]) -> tuple[T, ...]:
    """What is chosen; Qt gives an enum back as the text or number that it is, too."""
    value = box.currentData()
    return () if value is None else (made(value),)
