"""One key figure as a card: caption, value, judgement, goal."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from embereye.ui.kpi_words import FigureWords
from embereye.ui.shapes import shape_pixmap

_SHAPE = 14  # px
_LEAST = 150  # px; "Time to acknowledge" fits


class FigureCard(QFrame):
    """Shows one figure. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setMinimumWidth(_LEAST)
        self._caption, self._value, self._goal = QLabel(), QLabel(), QLabel()
        self._shape, self._word = QLabel(), QLabel()
        self._caption.setProperty("role", "muted")
        self._value.setProperty("role", "title")
        self._goal.setProperty("role", "muted")
        self._goal.setWordWrap(True)
        self._goal.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._value, self._shape, self._word):
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addWidget(self._caption)
        column.addLayout(row)
        column.addWidget(self._goal, 1)

    def show_figure(self, figure: FigureWords) -> None:
        """Show this figure."""
        self._caption.setText(figure.caption)
        self._value.setText(figure.value)
        self._goal.setText(figure.goal)
        look = figure.look
        self._shape.setVisible(look is not None)
        self._word.setVisible(look is not None)
        if look is not None:
            self._shape.setPixmap(shape_pixmap(look, _SHAPE))
            self._word.setText(look.word)
            self._word.setStyleSheet(f"color: {look.colour};")
        spoken = [figure.caption, figure.value, "" if look is None else look.word, figure.goal]
        self.setAccessibleName(", ".join(part for part in spoken if part))
