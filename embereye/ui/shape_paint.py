"""What all shapes that are drawn on a picture have in common: lines, handles, chips, the cross."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from embereye.ui import theme
from embereye.ui.corners import Point
from embereye.ui.field import Field
from embereye.ui.theme import Tokens

DARK = "#000000"  # under lines, so that they are seen on any picture
_HANDLE = 4.0  # px, half a side
_CROSS = 8.0  # px, half a line
_CHIP = 13.0  # px of text
_PAD = 10  # px beside it
_ROOM = 300.0  # px that a chip may have even where that is more than a third of the picture
_FINE, _LARGEST = 720.0, 2.0  # px of the picture's height from which on lines grow; how much
_GRID = 8  # parts of the width and of the height, where there is no picture


class ShapePainter:
    """Draws parts of shapes; lives as long as one paint event.

    Attributes:
        unit: What 1 px of a line or letter is on this picture: more on a large one.
    """

    def __init__(self, painter: QPainter, field: Field, colours: Tokens) -> None:
        self.painter = painter
        self.field = field
        self.unit = min(_LARGEST, max(1.0, field.area.height() / _FINE))
        self._colours = colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def outline(
        self, points: QPolygonF, closed: bool, colour: str, width: float, dashed: bool = False
    ) -> None:
        """The edges, with a dark line under them."""
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        for ink, wide, pattern in (
            (DARK, width + 2.0, Qt.PenStyle.SolidLine),
            (colour, width, style),
        ):
            self.painter.setPen(QPen(QColor(ink), wide * self.unit, pattern))
            if closed:
                self.painter.drawPolygon(points)
            else:
                self.painter.drawPolyline(points)

    def handles(self, points: QPolygonF, chosen: int | None) -> None:
        """Corners that can be taken hold of, one of them in another colour."""
        for number, place in enumerate(points.toList()):
            self._handle(place, number == chosen)

    def open(self, points: Sequence[Point], mouse: QPointF | None) -> None:
        """A shape that is not finished, with a line to the mouse."""
        places = [self.field.at(point) for point in points]
        line = QPolygonF([*places, *([mouse] if mouse is not None else [])])
        self.outline(line, False, self._colours.focus, 2.0)
        self.handles(QPolygonF(places), None)

    def cross(self, at: QPointF) -> None:
        """Where the next corner would be set."""
        across, down = QPointF(_CROSS, 0.0), QPointF(0.0, _CROSS)
        for colour, width in ((DARK, 3.0), (self._colours.text, 1.0)):
            self.painter.setPen(QPen(QColor(colour), width))
            self.painter.drawLine(at - across, at + across)
            self.painter.drawLine(at - down, at + down)

    def chip(self, middle: QPointF, text: str, colour: str = "") -> None:
        """A text on a scrim, kept inside the picture."""
        box = self.chip_box(middle, text)
        self.painter.fillRect(box, QColor(self._colours.scrim))
        self.painter.setPen(QColor(colour or self._colours.text))
        room = round(box.width()) - _PAD
        shown = self.painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        self.painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)

    def chip_box(self, middle: QPointF, text: str) -> QRectF:
        """Where a chip lies; long texts are cut."""
        self.painter.setFont(theme.font(_CHIP * self.unit))
        metrics, area = self.painter.fontMetrics(), self.field.area
        most = max(area.width() / 3, min(_ROOM * self.unit, area.width() - _PAD))
        wide = min(metrics.horizontalAdvance(text) + 2, round(most)) + _PAD
        box = QRectF(0.0, 0.0, wide, metrics.height() + 4.0)
        box.moveCenter(middle)
        box.moveLeft(min(max(box.left(), area.left()), area.right() - box.width()))
        box.moveTop(min(max(box.top(), area.top()), area.bottom() - box.height()))
        return box

    def sees(self, area: QRectF) -> bool:
        """Whether something of it is in view: what is not gets no chip at the edge."""
        return area.adjusted(-1.0, -1.0, 1.0, 1.0).intersects(self.field.area)

    def remark(self, text: str) -> None:
        """Words in the upper left corner of the picture."""
        self.chip(self.field.area.topLeft(), text)

    def empty(self, text: str) -> None:
        """A grid and a word in place of a picture."""
        area = self.field.area
        self.painter.fillRect(area, QColor(self._colours.surface))
        self.painter.setPen(QPen(QColor(self._colours.line), 1.0))
        for part in range(1, _GRID):
            x, y = self.field.at((part / _GRID, part / _GRID)).toTuple()
            self.painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            self.painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        self.chip(area.center(), text, self._colours.muted)

    def _handle(self, place: QPointF, chosen: bool) -> None:
        half = self.unit * (_HANDLE + 2.0 if chosen else _HANDLE)
        self.painter.setPen(QPen(QColor(DARK), 1.0))
        self.painter.setBrush(QColor(self._colours.action if chosen else self._colours.focus))
        self.painter.drawRect(QRectF(place.x() - half, place.y() - half, 2 * half, 2 * half))
