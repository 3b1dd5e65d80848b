"""The rows of the alarm list: sorted, filtered, cheap to refresh."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from embereye.model.alarm import Alarm, AlarmTable
from embereye.model.ids import AlarmId
from embereye.runtime.clock import Clock
from embereye.ui import theme, words
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Tokens, alarm_look

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(IntEnum):
    PRIORITY = 0
    TIME = 1
    AGE = 2
    PLACE = 3
    WHAT = 4
    STATE = 5
    BY = 6


_KEYS: dict[Column, Callable[[Alarm], Any]] = {
    Column.TIME: lambda alarm: -alarm.raised_utc,
    Column.AGE: lambda alarm: alarm.raised_utc,
    Column.PLACE: lambda alarm: alarm.place_name.casefold(),
    Column.WHAT: lambda alarm: "; ".join(alarm.reasons).casefold(),
    Column.STATE: lambda alarm: (not alarm.unacknowledged, alarm.state.value),
    Column.BY: lambda alarm: alarm.acknowledged_by.casefold(),
}


class AlarmModel(QAbstractTableModel):
    """Open alarms. Sorting and filtering happen here, over one tuple: a proxy model that calls
    back for each comparison would stall the GUI with 3,000 alarms. GUI thread.
    """

    def __init__(self, clock: Clock, colours: Tokens, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._colours = colours
        self._all: tuple[Alarm, ...] = ()
        self._rows: list[Alarm] = []
        self._text = ""
        self._column = Column.PRIORITY
        self._descending = False

    def show(self, table: AlarmTable) -> bool:
        """Show this snapshot. True when rows came, went or moved (the model was reset)."""
        if table.alarms is self._all:
            return False
        self._all = table.alarms
        return self._rebuild()

    def filter(self, text: str) -> bool:
        """Show only alarms with all words of `text` in place, reasons, state or name."""
        self._text = text
        return self._rebuild()

    def age(self) -> None:
        """The clock went on: ages differ now."""
        if self._rows:
            last = len(self._rows) - 1
            self.dataChanged.emit(self.index(0, Column.AGE), self.index(last, Column.AGE))

    def alarm(self, row: int) -> Alarm | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, alarm: AlarmId) -> int | None:
        return next((row for row, found in enumerate(self._rows) if found.id == alarm), None)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The rows shown, in their order."""
        return tuple(self._rows)

    # --- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        alarm = self._rows[index.row()]
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text_of(alarm, column)
        if role == Qt.ItemDataRole.DecorationRole and column is Column.PRIORITY:
            return shape_pixmap(alarm_look(self._colours, alarm), 14)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(alarm, column)
        if role == Qt.ItemDataRole.FontRole:
            return self._font(alarm, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.tip(self._tip(alarm, column) or "")
        if role == Qt.ItemDataRole.UserRole:
            return alarm
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column = Column(column)
        self._descending = order is Qt.SortOrder.DescendingOrder
        self._rebuild()

    # --- inside ------------------------------------------------------------------------------

    def _rebuild(self) -> bool:
        rows = self._sorted(self._filtered())
        old = self._rows
        if [a.id for a in rows] == [a.id for a in old]:
            self._rows = rows
            self._tell_changes(old, rows)
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def _filtered(self) -> list[Alarm]:
        wanted = self._text.casefold().split()
        if not wanted:
            return list(self._all)
        return [a for a in self._all if all(w in _searched(a) for w in wanted)]

    def _sorted(self, alarms: list[Alarm]) -> list[Alarm]:
        key = _KEYS.get(self._column)
        if key is not None:
            return sorted(alarms, key=key, reverse=self._descending)
        return alarms[::-1] if self._descending else alarms

    def _tell_changes(self, old: list[Alarm], new: list[Alarm]) -> None:
        changed = [
            row for row, pair in enumerate(zip(old, new, strict=True)) if pair[0] is not pair[1]
        ]
        if changed:
            self.dataChanged.emit(
                self.index(changed[0], 0), self.index(changed[-1], len(Column) - 1)
            )

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Priority"),
            self.tr("Time"),
            self.tr("Age"),
            self.tr("Place"),
            self.tr("What"),
            self.tr("State"),
            self.tr("By"),
        )

    def _text_of(self, alarm: Alarm, column: Column) -> str:
        if column is Column.PRIORITY:
            return words.priority_word(alarm_look(self._colours, alarm).word)
        if column is Column.TIME:
            return words.clock_time(alarm.raised_utc)
        if column is Column.AGE:
            return words.span(self._clock.now().utc - alarm.raised_utc)
        if column is Column.PLACE:
            return alarm.place_name
        if column is Column.WHAT:
            return "; ".join(alarm.reasons)
        if column is Column.STATE:
            state = words.state_word(alarm.state)
            return state if alarm.recorded else self.tr("{0} · not recorded").format(state)
        return alarm.acknowledged_by

    def _colour(self, alarm: Alarm, column: Column) -> QColor | None:
        if column is Column.PRIORITY:
            return QColor(alarm_look(self._colours, alarm).colour)
        if column in (Column.TIME, Column.AGE, Column.BY):
            return QColor(self._colours.muted)
        if column is Column.STATE and not alarm.unacknowledged:
            return QColor(self._colours.muted)
        return None

    def _font(self, alarm: Alarm, column: Column) -> QFont | None:
        strong = column in (Column.PRIORITY, Column.PLACE) or (
            column is Column.STATE and alarm.unacknowledged
        )
        return theme.font(theme.TEXT_PX, QFont.Weight.DemiBold) if strong else None

    def _tip(self, alarm: Alarm, column: Column) -> str | None:
        if column in (Column.TIME, Column.AGE):
            return words.full_time(alarm.raised_utc)
        return "\n".join(alarm.reasons) if column is Column.WHAT else None


def _searched(alarm: Alarm) -> str:
    parts = (
        alarm.place_name,
        *alarm.reasons,
        alarm.key.kind.value,
        alarm.key.source,
        alarm.state.value,
        alarm.acknowledged_by,
        alarm.priority.name,
    )
    return " ".join(parts).casefold()
