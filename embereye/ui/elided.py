"""A line of text that gives way: a name of 120 characters must not widen the window."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel

from embereye.ui.words import tip

_LEAST = 40  # px


class Elided(QLabel):
    """Shows as much of a text as there is room for; its tooltip tells the whole. GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.whole = ""

    def show_text(self, text: str) -> None:
        """Show this text."""
        if text != self.whole:
            self.whole = text
            self.setToolTip(tip(text))
            self.setAccessibleName(text)
            self._fit()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.whole) + 4
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self.whole, Qt.TextElideMode.ElideRight, width))


def keep_narrow(box: QComboBox, letters: int) -> None:
    """Make a choice among names as wide as this many letters; longer ones are cut in it."""
    box.setMinimumContentsLength(letters)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
