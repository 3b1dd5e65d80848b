"""The rows of the alarm list: sorted, filtered, by place, cheap to refresh."""

from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor

from embereye.model.alarm import Alarm, AlarmTable
from embereye.model.ids import AlarmId, PlaceId
from embereye.rules.alarm_digest import digest
from embereye.runtime.clock import Clock
from embereye.ui import words
from embereye.ui.alarm_rows import Column, PlaceRow, Row, Sieve, by_place, in_order, row_key
from embereye.ui.cell_delegate import Cell
from embereye.ui.foreign_text import one_line, printable
from embereye.ui.rows import ROOT, Index
from embereye.ui.shapes import shape_pixmap
from embereye.ui.steady_rows import SteadyRows
from embereye.ui.theme import Tokens, alarm_look

__all__ = ["AlarmModel", "Column"]

_COLUMNS = len(Column)  # asked for each cell that is painted


class AlarmModel(SteadyRows[Row]):
    """Open alarms without those that an overlay covers. Sorting and filtering happen here, over
    one tuple: a proxy model that calls back for each comparison would stall the GUI with 3,000
    alarms. GUI thread.
    """

    def __init__(self, clock: Clock, colours: Tokens, parent: QObject | None = None) -> None:
        super().__init__(row_key, parent)
        self._clock = clock
        self._colours = colours
        self._all: tuple[Alarm, ...] = ()
        self._sieve = Sieve()
        self._column = Column.PRIORITY
        self._descending = False
        self._grouped = False
        self._folded: set[PlaceId] = set()
        self._matching: tuple[Alarm, ...] = ()

    def show(self, table: AlarmTable) -> bool:
        """Show this snapshot. True when rows came, went or moved."""
        if table.alarms is self._all:
            return False
        self._all = table.alarms
        return self._rebuild()

    def filter(self, text: str) -> bool:
        """Show only alarms with all words of `text` in place, reasons, state or name."""
        self._sieve.want(text)
        return self._rebuild()

    def group(self, grouped: bool) -> bool:
        """Show a head for each place, its alarms below it."""
        self._grouped = grouped
        return self._rebuild()

    def fold(self, place: PlaceId, opened: bool) -> bool:
        """Show or hide the alarms below the head of a place."""
        if opened:
            self._folded.discard(place)
        else:
            self._folded.add(place)
        return self._rebuild()

    def age(self) -> None:
        """The clock went on: ages differ now."""
        if self._rows:
            last = len(self._rows) - 1
            self.dataChanged.emit(self.index(0, Column.AGE), self.index(last, Column.AGE))

    def alarm(self, row: int) -> Alarm | None:
        """The alarm in this row; None in the head of a place."""
        found = self.row(row)
        return found if isinstance(found, Alarm) else None

    def row_of(self, alarm: AlarmId) -> int | None:
        return self.number_of(alarm)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that have rows, in their order."""
        return tuple(row for row in self._rows if isinstance(row, Alarm))

    @property
    def matching(self) -> tuple[Alarm, ...]:
        """All that pass the filter, also those below a folded place, in their order."""
        return self._matching

    @property
    def total(self) -> int:
        """How many there are without the filter."""
        return len(digest(self._all).uncovered)

    # --- Qt ----------------------------------------------------------------------------------

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else _COLUMNS

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.tip(self._tip(row, column))
        if role == Qt.ItemDataRole.AccessibleTextRole and isinstance(row, PlaceRow):
            return f"{row.name}, {self._head(row, Column.WHAT).text}"
        cell = self.cell(index.row(), column)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(cell.colour)
        if role == Qt.ItemDataRole.DecorationRole and cell.look is not None:
            return shape_pixmap(cell.look, 14)
        return None

    def cell(self, row: int, column: int) -> Cell:
        """How a cell looks now."""
        found = self._rows[row]
        if isinstance(found, PlaceRow):
            return self._head(found, column)
        return self._alarm(found, column)

    def raised(self, row: int) -> bool:
        """The head of a place stands out."""
        return isinstance(self._rows[row], PlaceRow)

    def bar(self, row: int) -> str:
        """The colour of what calls for somebody."""
        found = self._rows[row]
        alarm = found.worst if isinstance(found, PlaceRow) else found
        return alarm_look(self._colours, alarm).colour if alarm.calling else ""

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column = Column(column)
        self._descending = order is Qt.SortOrder.DescendingOrder
        self._rebuild()

    # --- inside ------------------------------------------------------------------------------

    def _rebuild(self) -> bool:
        bare = self._sieve.kept(digest(self._all).uncovered)
        alarms = in_order(bare, self._column, self._descending)
        self._matching = tuple(alarms)
        return self.replace(by_place(alarms, self._folded) if self._grouped else alarms)

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Priority"),
            self.tr("Time"),
            self.tr("Age"),
            self.tr("Place"),
            self.tr("What"),
            self.tr("State"),
            self.tr("By"),
            self.tr("Assigned to"),
        )

    def _alarm(self, alarm: Alarm, column: int) -> Cell:
        colours = self._colours
        if column == Column.PRIORITY:
            look = alarm_look(colours, alarm)
            return Cell(words.priority_word(look.word), look.colour, True, look)
        if column == Column.TIME:
            return Cell(words.clock_time(alarm.raised_utc), colours.muted)
        if column == Column.AGE:
            return Cell(words.span(self._clock.now().utc - alarm.raised_utc), colours.muted)
        if column == Column.PLACE:
            return Cell(one_line(alarm.place_name), colours.text, True)
        if column == Column.WHAT:
            return Cell(one_line("; ".join(alarm.reasons)), colours.text)
        if column == Column.STATE:
            colour = colours.text if alarm.calling else colours.muted
            return Cell(self._state(alarm), colour, alarm.calling)
        name = alarm.assigned_to if column == Column.ASSIGNED else alarm.acknowledged_by
        return Cell(one_line(name), colours.muted)

    def _head(self, row: PlaceRow, column: int) -> Cell:
        """The head of a place looks like the worst below it."""
        if column == Column.PRIORITY:
            return self._alarm(row.worst, column)
        text = ""
        if column == Column.PLACE:
            text = f"{'▾' if row.opened else '▸'}  {one_line(row.name)}"
        elif column == Column.WHAT:
            calling, count = sum(alarm.calling for alarm in row.alarms), len(row.alarms)
            text = self.tr("1 alarm") if count == 1 else self.tr("{0} alarms").format(count)
            text += self.tr(", {0} unacknowledged").format(calling) if calling else ""
        return Cell(text, self._colours.text, True)

    def _state(self, alarm: Alarm) -> str:
        parts = [words.state_word(alarm.state)]
        if alarm.escalation:
            parts.append(self.tr("escalated"))
        if alarm.chattering:
            parts.append(self.tr("chattering"))
        if not alarm.recorded:
            parts.append(self.tr("not recorded"))
        return " · ".join(parts)

    def _tip(self, row: Row, column: Column) -> str:
        if isinstance(row, PlaceRow):
            return printable(row.name)
        if column in (Column.TIME, Column.AGE):
            return words.full_time(row.raised_utc)
        if column is Column.WHAT:
            return printable("\n".join(row.reasons))
        return self._alarm(row, column).text if column is not Column.PRIORITY else ""
