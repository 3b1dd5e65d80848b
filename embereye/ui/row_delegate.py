"""Draws table rows so that a selected row keeps its colours: colour means state here."""

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from embereye.model.alarm import Alarm
from embereye.ui.rows import Index
from embereye.ui.theme import Tokens, alarm_look

# As numbers: flags of Python cost some 3 µs for each cell and question.
_SELECTED = QStyle.StateFlag.State_Selected.value
_MARKED = _SELECTED | QStyle.StateFlag.State_HasFocus.value


class RowDelegate(QStyledItemDelegate):
    """Marks the selected row by a raised ground between two lines, and an alarm that calls for
    somebody by a bar before its first cell."""

    def __init__(self, colours: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self._colours = colours

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect
        selected = bool(option.state.value & _SELECTED)
        if selected:
            painter.fillRect(box, QColor(self._colours.raised))
        super().paint(painter, option, index)
        if selected:
            line = QColor(self._colours.action)
            painter.fillRect(box.left(), box.top(), box.width(), 1, line)
            painter.fillRect(box.left(), box.bottom(), box.width(), 1, line)
        alarm = index.data(Qt.ItemDataRole.UserRole) if index.column() == 0 else None
        if isinstance(alarm, Alarm) and alarm.calling:
            colour = QColor(alarm_look(self._colours, alarm).colour)
            painter.fillRect(box.left(), box.top() + 2, 3, box.height() - 4, colour)

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        state = option.state.value
        if state & _SELECTED:
            option.backgroundBrush = QBrush(QColor(self._colours.raised))
        if state & _MARKED:
            option.state = QStyle.StateFlag(state & ~_MARKED)
        option.rect = option.rect.adjusted(6, 0, -6, 0)
