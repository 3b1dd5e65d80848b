"""A small read-only table model over frozen rows, for pages that list things."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QHeaderView, QTableView

from embereye.ui import theme, words
from embereye.ui.shapes import shape_pixmap
from embereye.ui.theme import Look

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

_SHAPE = 14  # px
_COMPARED = 500  # rows of ten cells; to compare them takes 5 ms, to paint a full screen 15 ms


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One column: caption, text of a row, width in px (0: takes the rest), alignment, colour.

    Attributes:
        key: What rows are sorted by in this column; None: by its text. Values that are None come
            last in either direction.
        tip: What the column means, where its title is too short for that.
        look: Severity whose shape stands before the text; None: none.
    """

    title: str
    text: Callable[[T], str]
    width: int
    right: bool = False
    colour: Callable[[T], str] | None = None
    key: Callable[[T], Any] | None = None
    tip: str = ""
    look: Callable[[T], Look | None] | None = None


class Rows(QAbstractTableModel, Generic[T]):
    """Rows shown in the order given, or sorted; refreshed in place while the keys stay the same.

    Attributes:
        sorted_by: Column and direction (True: descending); None: the order given.
    """

    def __init__(
        self,
        fields: Sequence[Field[T]],
        key: Callable[[T], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.fields = tuple(fields)
        self._key = key
        self._rows: list[T] = []
        self._given: list[T] = []
        self._looks: list[tuple[object, ...]] = []
        self.sorted_by: tuple[int, bool] | None = None

    def show(self, rows: Sequence[T]) -> bool:
        """Show these rows; True when rows came, went or moved (the model was reset)."""
        self._given = list(rows)
        new = self._in_order()
        looks = [self._look(row) for row in new] if len(new) <= _COMPARED else []
        if [self._key(r) for r in new] == [self._key(r) for r in self._rows]:
            before, self._rows, self._looks = self._looks, new, looks
            self._tell_changes(before)
            return False
        self.beginResetModel()
        self._rows, self._looks = new, looks
        self.endResetModel()
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column from now on; -1: the order given. Equal rows keep their order."""
        descending = order is Qt.SortOrder.DescendingOrder
        self.sorted_by = None if column < 0 else (column, descending)
        self.show(self._given)

    def _look(self, row: T) -> tuple[object, ...]:
        """All that is seen of a row."""
        return tuple((f.text(row), f.colour(row) if f.colour else "") for f in self.fields)

    def _tell_changes(self, before: Sequence[tuple[object, ...]]) -> None:
        """Only what looks otherwise now is painted again: a cell takes some 45 µs."""
        if not self._looks and self._rows:
            last = self.index(len(self._rows) - 1, len(self.fields) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        for number, (old, new) in enumerate(zip(before, self._looks, strict=True)):
            if old != new:
                other = [n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
                first, last = self.index(number, other[0]), self.index(number, other[-1])
                self.dataChanged.emit(first, last)

    def _in_order(self) -> list[T]:
        if self.sorted_by is None:
            return list(self._given)
        column, descending = self.sorted_by
        field = self.fields[column]
        key = field.key or (lambda row: field.text(row).casefold())
        known = [row for row in self._given if key(row) is not None]
        unknown = [row for row in self._given if key(row) is None]
        return sorted(known, key=key, reverse=descending) + unknown

    def row(self, number: int) -> T | None:
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def key_of(self, row: T) -> object:
        """What stands for a row while rows come, go and move."""
        return self._key(row)

    def number_of(self, key: object) -> int | None:
        return next((n for n, row in enumerate(self._rows) if self._key(row) == key), None)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.fields)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        return title(self.fields[section], role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return cell(self.fields[index.column()], self._rows[index.row()], role)


def title(field: Field[T], role: int) -> Any:
    """What the head of a column gives to Qt."""
    if role == Qt.ItemDataRole.DisplayRole:
        return field.title
    if role == Qt.ItemDataRole.ToolTipRole:
        return field.tip or None
    return _alignment(field) if role == Qt.ItemDataRole.TextAlignmentRole else None


def cell(field: Field[T], row: T, role: int) -> Any:
    """What a cell of a column gives to Qt."""
    if role == Qt.ItemDataRole.DisplayRole:
        return field.text(row)
    if role == Qt.ItemDataRole.ToolTipRole:
        return words.tip(field.text(row))
    if role == Qt.ItemDataRole.TextAlignmentRole:
        return _alignment(field)
    if role == Qt.ItemDataRole.ForegroundRole and field.colour is not None:
        colour = field.colour(row)
        return QColor(colour) if colour else None
    if role == Qt.ItemDataRole.DecorationRole and field.look is not None:
        look = field.look(row)
        return None if look is None else shape_pixmap(look, _SHAPE)
    return None


def _alignment(field: Field[T]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if field.right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def dress(view: QTableView, name: str) -> None:
    """Let it look and feel like all tables of the console: rows 32 px high, selected as a whole."""
    view.setAccessibleName(name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
    view.horizontalHeader().setHighlightSections(False)


def rows_view(
    model: Rows[T], name: str, delegate: QAbstractItemDelegate, sortable: bool = False
) -> QTableView:
    """A table for `model`, with rows 32 px high, selected as a whole."""
    view = QTableView()
    view.setModel(model)
    view.setItemDelegate(delegate)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    dress(view, name)
    for column, field in enumerate(model.fields):
        if field.width:
            view.setColumnWidth(column, field.width)
        else:
            view.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
    if sortable:
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.horizontalHeader().setSortIndicatorClearable(True)
    return view
