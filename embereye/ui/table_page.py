"""What pages with a table, a filter and details at the right have in common."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLayout, QLineEdit, QTableView, QVBoxLayout, QWidget

from embereye.ui.rows import Rows


class RowChoice(QObject):
    """Keeps the chosen row and the scroll position while rows come, go and move. GUI thread.

    Signals:
        moved: (a row or None) another one is chosen
    """

    moved = Signal(object)

    def __init__(self, table: QTableView, model: Rows[Any], first: bool = True) -> None:
        """`first`: where the chosen row is gone, the first one takes its place; else none does."""
        super().__init__(table)
        self._table, self._model, self._first = table, model, first
        self._wanted: object = None
        self._scroll = 0
        table.selectionModel().currentRowChanged.connect(self._follow)
        model.modelAboutToBeReset.connect(self._note_scroll)
        model.modelReset.connect(self._restore)

    def row(self) -> Any:
        """The chosen row as it stands; None for none."""
        return self._model.row(self._table.currentIndex().row())

    def choose(self, key: object) -> None:
        """Choose the row with this key; one that comes later, unless another is chosen by then."""
        self._wanted = key
        number = self._model.number_of(key)
        if number is not None:
            self._table.setCurrentIndex(self._model.index(number, 0))

    @Slot()
    def _note_scroll(self) -> None:
        self._scroll = self._table.verticalScrollBar().value()

    @Slot()
    def _restore(self) -> None:
        number = self._model.number_of(self._wanted)
        if number is None and self._first and self._model.rowCount():
            number = 0
        if number is not None:
            self._table.setCurrentIndex(self._model.index(number, 0))
        self._table.verticalScrollBar().setValue(self._scroll)

    @Slot(QModelIndex, QModelIndex)
    def _follow(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = self._model.row(current.row())
        if row is not None:
            self._wanted = self._model.key_of(row)
        self.moved.emit(row)


def filter_field(hint: str, name: str, width: int) -> QLineEdit:
    """A field for words to filter by; `name` for screen readers, width in px."""
    field = QLineEdit()
    field.setPlaceholderText(hint)
    field.setAccessibleName(name)
    field.setClearButtonEnabled(True)
    field.setFixedWidth(width)
    return field


def lay_beside(page: QWidget, parts: Sequence[QLayout | QWidget], pane: QWidget) -> None:
    """Put the parts below each other, the last one over all the room, and the pane at the right."""
    left = QVBoxLayout()
    left.setContentsMargins(16, 12, 8, 8)
    left.setSpacing(12)
    for part in parts:
        stretch = 1 if part is parts[-1] else 0
        if isinstance(part, QLayout):
            left.addLayout(part, stretch)
        else:
            left.addWidget(part, stretch)
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addLayout(left, 1)
    row.addWidget(pane)
