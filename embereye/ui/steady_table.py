"""A table whose rows stay where they are looked at, while others come, go and move."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

from embereye.ui.rows import Index, dress
from embereye.ui.steady_rows import SteadyRows

_WHOLE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class SteadyTable(QTableView):
    """Rows 32 px high, selected as a whole, several at a time. GUI thread.

    Bare letters are left to the page, which has keys of its own.

    Signals:
        sideways: (bool) the right (True) or left arrow key was pressed
    """

    sideways = Signal(bool)

    def __init__(self, model: SteadyRows[Any], name: str) -> None:
        super().__init__()
        self._steady_model = model
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalHeader().setSectionResizeMode(self.verticalHeader().ResizeMode.Fixed)
        dress(self, name)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Inside, the model may change; what is on the screen stays at its height.

        That is the current row where it is in sight, else the uppermost one, unless it moved away
        by itself. At the upper end it stays the upper end, so that what is new and worse is seen.
        """
        top = self.verticalScrollBar().value()
        before = self._in_sight() if top else {}
        yield
        self.updateGeometries()  # the range of the scroll bar is late otherwise
        shifts = {
            key: now - row
            for key, row in before.items()
            if (now := self._steady_model.number_of(key)) is not None
        }
        if shifts:
            self.verticalScrollBar().setValue(top + _common(list(shifts.values())))

    def on_screen(self) -> range:
        """Numbers of the rows that can be seen, also in part."""
        count = self._steady_model.rowCount()
        if not count:
            return range(0)
        last = self.rowAt(self.viewport().height() - 1)
        return range(max(0, self.rowAt(0)), last + 1 if last >= 0 else count)

    def choose(self, number: int) -> None:
        """Select this row alone and show it."""
        self.selectionModel().setCurrentIndex(self._steady_model.index(number, 0), _WHOLE)

    def chosen(self) -> list[int]:
        """Numbers of the selected rows, from top to bottom."""
        ranges = self.selectionModel().selection().toList()
        return sorted({row for part in ranges for row in range(part.top(), part.bottom() + 1)})

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Where the current row goes, none is current: a key must not reach another one unseen."""
        if start <= self.currentIndex().row() <= end:
            self.selectionModel().clearCurrentIndex()
        super().rowsAboutToBeRemoved(parent, start, end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.sideways.emit(event.key() == Qt.Key.Key_Right)
        elif event.text().isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _in_sight(self) -> dict[Hashable, int]:
        """Rows that can be seen with their numbers, the current one first."""
        rows = list(self.on_screen())
        current = self.currentIndex().row()
        if current in rows:
            rows.insert(0, current)
        return {self._steady_model.key(number): number for number in rows}


def _common(shifts: list[int]) -> int:
    """By how much the first row went that went about as far as most others."""
    most = Counter(shifts).most_common(1)[0][0]
    return next(shift for shift in shifts if abs(shift - most) <= len(shifts) // 2)
