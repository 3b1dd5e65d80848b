"""The list of all that is kept quiet: why, by whom, until when."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedLayout, QWidget

from embereye.model.alarm import Alarm, AlarmKey, Overlay, OverlayKind
from embereye.model.ids import PlaceId
from embereye.ui import words
from embereye.ui.alarm_permits import Permits
from embereye.ui.column_choice import ColumnChoice
from embereye.ui.console import Console
from embereye.ui.foreign_text import one_line
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field
from embereye.ui.steady_rows import SteadyFields
from embereye.ui.steady_table import SteadyTable
from embereye.ui.theme import Look, Shape, Tokens, alarm_look

_ROOMY = 1100  # px of table width that leave reasons some 200
_WHAT, _STATE, _UNTIL = 3, 4, 7  # columns
_LATE = (_STATE, _UNTIL)


@dataclass(frozen=True, slots=True)
class ShelvedRow:
    """One alarm under an overlay, or an overlay that shows no alarm.

    Attributes:
        alarm: None where none is open, or all are covered by a stronger overlay.
        others: How many are.
    """

    overlay: Overlay
    alarm: Alarm | None
    others: int = 0


class ShelvedView(QWidget):
    """Shelved, suppressed, out of service and under test. GUI thread.

    Signals:
        moved: () another row is current, or other rows are selected
        end_asked: (tuple of Overlay) end these now
    """

    moved = Signal()
    end_asked = Signal(object)

    def __init__(self, console: Console, colours: Tokens, permits: Permits) -> None:
        super().__init__()
        self._console, self._colours, self._permits = console, colours, permits
        self._shown: object = None
        self.model: SteadyFields[ShelvedRow] = SteadyFields(self._fields(), _key, self)
        self.table = SteadyTable(self.model, self.tr("Shelved alarms"))
        self.table.setItemDelegate(RowDelegate(colours, self.table))
        for number, field in enumerate(self.model.fields):
            self.table.setColumnWidth(number, field.width)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(_WHAT, header.ResizeMode.Stretch)
        self.end_button = QPushButton(self.tr("End now"))
        self.end_button.clicked.connect(self._end)
        self.columns = ColumnChoice(self.table, _ROOMY, _LATE)
        self.tools = self._tools()
        self._empty = QLabel(
            self.tr("Nothing is kept quiet. Shelve an alarm with S, or with the button beside it.")
        )
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        marks = self.table.selectionModel()
        marks.currentRowChanged.connect(self._moved)
        marks.selectionChanged.connect(self._moved)
        self._moved()

    def refresh(self) -> None:
        """Show the present snapshot."""
        table = self._console.alarms()
        if table is not self._shown:
            self._shown = table
            with self.table.steady():
                self.model.replace(list(shelved_rows(table.alarms, table.overlays)))
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)

    def age(self) -> None:
        """The clock went on."""
        self.model.age()

    def current(self) -> Alarm | None:
        """The alarm in the current row; None also where none is open."""
        row = self.model.row(self.table.currentIndex().row())
        return None if row is None else row.alarm

    def chosen(self) -> tuple[Alarm, ...]:
        """All selected alarms."""
        return tuple(row.alarm for row in self._rows() if row.alarm is not None)

    def alarms(self) -> tuple[Alarm, ...]:
        """All alarms in the list."""
        rows = [self.model.row(number) for number in range(self.model.rowCount())]
        return tuple(row.alarm for row in rows if row is not None and row.alarm is not None)

    def visible_alarms(self) -> tuple[Alarm, ...]:
        """None of these calls, so none is acknowledged because it is visible."""
        return ()

    def focus_list(self) -> None:
        """Give the keyboard to the list."""
        self.table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._end()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _end(self) -> None:
        self.end_asked.emit(tuple(dict.fromkeys(row.overlay for row in self._rows())))

    @Slot()
    def _moved(self) -> None:
        kinds = {row.overlay.kind for row in self._rows()}
        obstacles = [self._permits.obstacle_to_end(kind) for kind in kinds]
        self.end_button.setEnabled("" in obstacles)
        tip = obstacles[0] if obstacles else self.tr("Select what shall end first.")
        self.end_button.setToolTip(
            self.tr("Alarms whose cause is present are announced again (Delete).")
            if "" in obstacles
            else tip
        )
        self.moved.emit()

    def _rows(self) -> list[ShelvedRow]:
        found = [self.model.row(number) for number in self.table.chosen()]
        return [row for row in found if row is not None]

    def _tools(self) -> QWidget:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.end_button)
        row.addWidget(self.columns.button)
        return tools

    def _fields(self) -> list[Field[ShelvedRow]]:
        return [
            Field(self.tr("Kind"), lambda r: overlay_word(r.overlay.kind), 132, look=self._look),
            Field(self.tr("Priority"), self._priority, 100, look=self._alarm_look),
            Field(self.tr("Place"), self._place, 150),
            Field(self.tr("What"), self._what, 200),
            Field(self.tr("State"), self._state, 120),
            Field(self.tr("Reason"), lambda r: one_line(r.overlay.reason), 170),
            Field(self.tr("By"), lambda r: one_line(r.overlay.by), 96),
            Field(self.tr("Until"), _until, 76),
            Field(self.tr("Remaining"), self._remaining, 84, right=True),
        ]

    def _look(self, row: ShelvedRow) -> Look:
        if row.overlay.kind is OverlayKind.TEST:
            return Look(self._colours.test, Shape.CIRCLE, False, "TEST")
        return Look(self._colours.fault, Shape.DIAMOND, False, "DISABLED")

    def _alarm_look(self, row: ShelvedRow) -> Look | None:
        return None if row.alarm is None else alarm_look(self._colours, row.alarm)

    def _priority(self, row: ShelvedRow) -> str:
        look = self._alarm_look(row)
        return "–" if look is None else words.priority_word(look.word)

    def _place(self, row: ShelvedRow) -> str:
        if row.alarm is not None:
            return one_line(row.alarm.place_name)
        place = row.overlay.scope.place
        known = {p.id: p.name for p in self._console.settings().places}
        return one_line(known.get(place, place))

    def _what(self, row: ShelvedRow) -> str:
        if row.alarm is not None:
            return one_line("; ".join(row.alarm.reasons))
        kind = row.overlay.scope.kind
        what = self.tr("all alarms") if kind is None else self.tr("{0} alarms").format(kind.value)
        if row.others:
            return self.tr("{0}; {1} listed under another kind").format(what, row.others)
        return self.tr("{0}; none is open").format(what)

    def _state(self, row: ShelvedRow) -> str:
        return "–" if row.alarm is None else words.state_word(row.alarm.state)

    def _remaining(self, row: ShelvedRow) -> str:
        until = row.overlay.until_utc
        if until is None:
            return "–"
        return words.stopwatch(until - self._console.clock.now().utc)


def shelved_rows(alarms: tuple[Alarm, ...], overlays: tuple[Overlay, ...]) -> Iterator[ShelvedRow]:
    """A row for each covered alarm, then one for each overlay that covers none."""
    covered = [(alarm.overlay, alarm) for alarm in alarms if alarm.overlay is not None]
    yield from (ShelvedRow(overlay, alarm) for overlay, alarm in covered)
    seen = {(overlay.kind, overlay.scope) for overlay, _ in covered}
    at_place: dict[PlaceId, list[AlarmKey]] = {}
    for _, alarm in covered:
        at_place.setdefault(alarm.key.place, []).append(alarm.key)
    for overlay in overlays:
        if (overlay.kind, overlay.scope) not in seen:
            keys = at_place.get(overlay.scope.place, [])
            yield ShelvedRow(overlay, None, sum(map(overlay.scope.covers, keys)))


def overlay_word(kind: OverlayKind) -> str:
    """What covers an alarm, in the operator's language."""
    return words.caption(
        {
            OverlayKind.SHELVED: "Shelved",
            OverlayKind.SUPPRESSED: "Suppressed",
            OverlayKind.OUT_OF_SERVICE: "Out of service",
            OverlayKind.TEST: "Walk test",
        }[kind]
    )


def _key(row: ShelvedRow) -> tuple[object, ...]:
    if row.alarm is not None:
        return ("alarm", row.alarm.id)
    return (row.overlay.kind, row.overlay.scope)


def _until(row: ShelvedRow) -> str:
    until = row.overlay.until_utc
    return "–" if until is None else words.clock_time(until)
