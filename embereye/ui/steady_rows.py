"""Table rows that come, go and move without a reset: what a view marks stays marked."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from embereye.ui.rows import ROOT, Field, Index, cell, title

T = TypeVar("T")


class SteadyRows(QAbstractTableModel, Generic[T]):
    """Rows with a key each. Selection, current row and anchor of a multi-selection belong to
    keys, not to numbers, whatever `replace` does. GUI thread.

    Any change costs at most one removal, one insertion and two reorderings, each in one piece:
    3,000 rows of which hundreds go at once cost no more than one that goes.
    """

    def __init__(self, key: Callable[[T], Hashable], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._rows: list[T] = []
        self._keys: list[Hashable] = []
        self._places: dict[Hashable, int] | None = None

    def replace(self, rows: Sequence[T]) -> bool:
        """Show these rows, no two with one key. True when rows came, went or moved."""
        new, keys = list(rows), [self._key(row) for row in rows]
        if keys == self._keys:
            old, self._rows = self._rows, new
            self._tell_changes(old, new)
            return False
        wanted = set(keys)
        self._drop([n for n, key in enumerate(self._keys) if key in wanted])
        known = set(self._keys)
        self._add([row for row, key in zip(new, keys, strict=True) if key not in known])
        self._arrange(new, keys)
        return True

    def row(self, number: int) -> T | None:
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def key(self, number: int) -> Hashable:
        """The key of a row that is there."""
        return self._keys[number]

    def number_of(self, key: Hashable) -> int | None:
        """Where the row with this key is."""
        if self._places is None:
            self._places = {key: number for number, key in enumerate(self._keys)}
        return self._places.get(key)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def _drop(self, kept: list[int]) -> None:
        """Take out all rows but these."""
        count = len(self._rows)
        if len(kept) == count:
            return
        stays = set(kept)
        gone = [number for number in range(count) if number not in stays]
        order = kept + gone
        if order != list(range(count)):
            self._arrange([self._rows[n] for n in order], [self._keys[n] for n in order])
        self.beginRemoveRows(ROOT, len(kept), count - 1)
        del self._rows[len(kept) :], self._keys[len(kept) :]
        self._places = None
        self.endRemoveRows()

    def _add(self, rows: list[T]) -> None:
        """Put rows at the end."""
        if rows:
            count = len(self._rows)
            self.beginInsertRows(ROOT, count, count + len(rows) - 1)
            self._rows += rows
            self._keys += [self._key(row) for row in rows]
            self._places = None
            self.endInsertRows()

    def _arrange(self, rows: list[T], keys: list[Hashable]) -> None:
        """Put the same rows into this order, as they are now."""
        if keys == self._keys:
            old, self._rows = self._rows, rows
            self._tell_changes(old, rows)
            return
        self.layoutAboutToBeChanged.emit()
        marked = self.persistentIndexList()
        held = [self._keys[index.row()] for index in marked]
        self._rows, self._keys, self._places = rows, keys, None
        moved = [
            self.index(self.number_of(key) or 0, index.column())
            for key, index in zip(held, marked, strict=True)
        ]
        self.changePersistentIndexList(marked, moved)
        self.layoutChanged.emit()

    def _tell_changes(self, old: Sequence[T], new: Sequence[T]) -> None:
        changed = [
            row for row, pair in enumerate(zip(old, new, strict=True)) if pair[0] is not pair[1]
        ]
        if changed:
            last = self.index(changed[-1], self.columnCount() - 1)
            self.dataChanged.emit(self.index(changed[0], 0), last)


class SteadyFields(SteadyRows[T]):
    """The same with columns that are given as `Field`s, in the order given."""

    def __init__(
        self,
        fields: Sequence[Field[T]],
        key: Callable[[T], Hashable],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(key, parent)
        self.fields = tuple(fields)

    def age(self) -> None:
        """The clock went on: what is told of it differs now."""
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self.fields) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.fields)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        return title(self.fields[section], role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        return cell(self.fields[index.column()], row, role)
