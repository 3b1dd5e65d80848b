"""Draws the shapes that stand for severities."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from embereye.ui.theme import Look, Shape


def draw_shape(painter: QPainter, area: QRectF, look: Look, colour: str | None = None) -> None:
    """Draw the shape of `look` into `area`, in its own colour unless another is given."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(colour or look.colour)
    stroke = max(1.5, area.width() / 9)
    painter.setPen(
        QPen(ink, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(ink if look.filled else Qt.BrushStyle.NoBrush)
    inner = area.adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
    if look.shape is Shape.CIRCLE:
        painter.drawEllipse(inner)
    else:
        painter.drawPolygon(_polygon(look.shape, inner))
    painter.restore()


@lru_cache(maxsize=128)
def shape_pixmap(look: Look, size: int, ratio: float = 1.0) -> QPixmap:
    """The shape alone, `size` logical px square, for tables and labels. GUI thread."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_shape(painter, QRectF(0, 0, size, size), look)
    painter.end()
    return pixmap


def _polygon(shape: Shape, box: QRectF) -> QPolygonF:
    middle = box.center()
    if shape is Shape.TRIANGLE:
        points = [QPointF(middle.x(), box.top()), box.bottomRight(), box.bottomLeft()]
    elif shape is Shape.DIAMOND:
        points = [
            QPointF(middle.x(), box.top()),
            QPointF(box.right(), middle.y()),
            QPointF(middle.x(), box.bottom()),
            QPointF(box.left(), middle.y()),
        ]
    else:
        points = [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]
    return QPolygonF(points)
