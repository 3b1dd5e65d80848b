"""Draws the cells of a long, busy table: text is laid out once and then only copied."""

from collections import OrderedDict
from typing import NamedTuple, Protocol

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from embereye.ui import theme
from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Look, Tokens

_KEPT = 3_000  # cells; ten screens of 30 rows and 8 columns
_PAD, _SHAPE, _GAP = 8, 14, 6  # px: beside the text, of the shape, between both
_SELECTED = QStyle.StateFlag.State_Selected.value  # flags of Python cost 3 µs a cell


class Cell(NamedTuple):
    """How one cell looks.

    Attributes:
        look: Severity whose shape stands before the text.
    """

    text: str
    colour: str
    bold: bool = False
    look: Look | None = None


class Cells(Protocol):
    """The model of such a table."""

    def cell(self, row: int, column: int) -> Cell:
        """How a cell looks now."""

    def raised(self, row: int) -> bool:
        """Whether the row stands out, as the head of a group."""

    def bar(self, row: int) -> str:
        """Colour of the bar before a row that calls for somebody; empty: none."""


class CellDelegate(QStyledItemDelegate):
    """As `RowDelegate` looks, at a tenth of its cost: Qt asks a model of Python for ten roles of
    each cell, and each question waits for its turn beside the engine's thread. GUI thread.
    """

    def __init__(self, cells: Cells, colours: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self._cells, self._colours = cells, colours
        self._raised, self._line = QColor(colours.raised), QColor(colours.action)
        self._kept: OrderedDict[tuple[Cell, int, float], QPixmap] = OrderedDict()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        box, row, column = option.rect, index.row(), index.column()
        left, top, width, height = box.left(), box.top(), box.width(), box.height()
        selected = bool(option.state.value & _SELECTED)
        if selected or self._cells.raised(row):
            painter.fillRect(box, self._raised)
        cell = self._cells.cell(row, column)
        if cell.text:
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._pixmap(cell, width, height, ratio)
            painter.drawPixmap(QPoint(left, top), pixmap)
        if selected:
            painter.fillRect(left, top, width, 1, self._line)
            painter.fillRect(left, top + height - 1, width, 1, self._line)
        colour = self._cells.bar(row) if column == 0 else ""
        if colour:
            painter.fillRect(left, top + 2, 3, height - 4, QColor(colour))

    def _pixmap(self, cell: Cell, width: int, height: int, ratio: float) -> QPixmap:
        key = (cell, width, ratio)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = _render(cell, width, height, ratio)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found


def _render(cell: Cell, width: int, height: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    left = float(_PAD)
    if cell.look is not None:
        draw_shape(painter, QRectF(left, (height - _SHAPE) / 2, _SHAPE, _SHAPE), cell.look)
        left += _SHAPE + _GAP
    face = theme.font(theme.TEXT_PX, QFont.Weight.DemiBold if cell.bold else QFont.Weight.Normal)
    room = QRectF(left, 0, max(0.0, width - left - _PAD), height)
    text = QFontMetricsF(face).elidedText(cell.text, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(face)
    painter.setPen(QColor(cell.colour))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.end()
    return pixmap
