"""Where the wall has no tile."""

from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QRegion

from embereye.ui import theme
from embereye.ui.theme import Tokens


def paint_gaps(painter: QPainter, gaps: QRegion, colours: Tokens) -> None:
    """Fill what lies between the tiles and beside them."""
    for part in gaps:  # type: ignore[attr-defined]  # iterable, but not in the stubs
        painter.fillRect(part, QColor(colours.background))


def paint_empty(painter: QPainter, area: QRect, colours: Tokens) -> None:
    """Say what to do where there is no camera at all."""
    text = QCoreApplication.translate(
        "WallCanvas",
        "No cameras yet.\n\nAdd or find some on the page Cameras,\n"
        "or start “embereye demo” to see the wall at work.",
    )
    painter.setPen(QColor(colours.muted))
    painter.setFont(theme.font(18))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
