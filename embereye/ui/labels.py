"""Short texts on scrims, rendered once and then only copied: text layout is what costs."""

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Look, font

_KEPT = 1600  # labels; 100 tiles with name, temperature, rate, badge and chips, twice over


@dataclass(frozen=True, slots=True)
class Label:
    """One text on a picture.

    Attributes:
        pixels: Height of the type in device pixels.
        fill: Background colour (#AARRGGBB or #RRGGBB).
        outline: Border colour, empty for none.
        look: Shape drawn before the text, in text colour.
        width: Longest allowed width in device pixels; longer texts are elided.
    """

    text: str
    pixels: int
    colour: str
    fill: str
    width: int
    bold: bool = True
    outline: str = ""
    look: Look | None = None


class Labels:
    """Draws labels from a cache of pixmaps. GUI thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Label, QPixmap] = OrderedDict()

    def draw(self, painter: QPainter, at: QPoint, label: Label, right: bool = False) -> int:
        """Draw with the upper left (or right) corner at `at`; the width drawn, device pixels."""
        pixmap = self.pixmap(label)
        corner = QPoint(at.x() - pixmap.width(), at.y()) if right else at
        painter.drawPixmap(corner, pixmap)
        return pixmap.width()

    def pixmap(self, label: Label) -> QPixmap:
        """The rendered label."""
        found = self._kept.get(label)
        if found is None:
            found = _render(label)
            self._kept[label] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(label)
        return found


def _render(label: Label) -> QPixmap:
    weight = QFont.Weight.DemiBold if label.bold else QFont.Weight.Normal
    face = font(label.pixels, weight)
    metrics = QFontMetricsF(face)
    pad = max(3, label.pixels // 3)
    shape = round(label.pixels * 0.8) + pad // 2 if label.look else 0
    text = metrics.elidedText(
        label.text, Qt.TextElideMode.ElideRight, max(8, label.width - 2 * pad - shape)
    )
    width = round(metrics.horizontalAdvance(text) + 2 * pad + shape)
    height = round(metrics.height() + pad * 0.6)
    pixmap = QPixmap(max(1, width), max(1, height))
    pixmap.fill(QColor(label.fill))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    if label.outline:
        painter.setPen(QPen(QColor(label.outline), max(1, label.pixels // 10)))
        painter.drawRect(QRectF(0.5, 0.5, width - 1.5, height - 1.5))
    if label.look is not None:
        side = label.pixels * 0.8
        draw_shape(painter, QRectF(pad, (height - side) / 2, side, side), label.look, label.colour)
    painter.setFont(face)
    painter.setPen(QColor(label.colour))
    inner = QRectF(pad + shape, 0, width - pad - shape, height)
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.end()
    return pixmap
