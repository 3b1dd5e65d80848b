"""How privacy masks look on the picture that they are drawn on, and where they lie there."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from embereye.ui import theme
from embereye.ui.mask_draft import Mask, Point, inside
from embereye.ui.theme import Tokens

_HANDLE = 4.0  # px, half a side
_CROSS = 8.0  # px, half a line
_CHIP = 13.0  # px of text
_GRAB = 10.0  # px around a corner or an edge within which a click means it
_DARK = "#000000"  # under lines, so that they are seen on any picture


@dataclass(frozen=True, slots=True)
class Field:
    """The rectangle that a picture fills, logical px: the one place where fractions of the picture
    become places of a widget and back."""

    area: QRectF

    def at(self, point: Point) -> QPointF:
        """Where a point of the picture lies."""
        across, down = point[0] * self.area.width(), point[1] * self.area.height()
        return self.area.topLeft() + QPointF(across, down)

    def point(self, at: QPointF) -> Point:
        """The point of the picture at a place; the nearest one of its edge outside of it."""
        across, down = at.x() - self.area.x(), at.y() - self.area.y()
        return inside((across / self.area.width(), down / self.area.height()))

    def step(self, by: QPointF) -> Point:
        """A way in px as fractions of the picture."""
        return by.x() / self.area.width(), by.y() / self.area.height()

    def polygon(self, mask: Mask) -> QPolygonF:
        """Its corners."""
        return QPolygonF([self.at(point) for point in mask.points])

    def covers(self, mask: Mask, at: QPointF) -> bool:
        """Whether a place lies in a mask."""
        return self.polygon(mask).containsPoint(at, Qt.FillRule.WindingFill)

    def corner(self, mask: Mask, at: QPointF) -> int | None:
        """The corner that a click here means."""
        distances = [(self.at(p) - at).manhattanLength() for p in mask.points]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        return nearest if distances[nearest] <= _GRAB else None

    def edge(self, mask: Mask, at: QPointF) -> int | None:
        """The corner before the edge that a click here means."""
        corners = self.polygon(mask).toList()
        for number, begin in enumerate(corners):
            line = QLineF(begin, corners[(number + 1) % len(corners)])
            if _distance(line, at) <= _GRAB:
                return number
        return None


class MaskPainter:
    """Draws masks; lives as long as one paint event."""

    def __init__(self, painter: QPainter, field: Field, colours: Tokens) -> None:
        self._painter = painter
        self._field = field
        self._colours = colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def draw(self, mask: Mask, chosen: bool, corner: int | None) -> None:
        """One mask with its name; handles when it is chosen, one of them in another colour."""
        painter, outline = self._painter, self._field.polygon(mask)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addPolygon(outline)
        path.closeSubpath()
        painter.fillPath(path, QColor(self._colours.scrim))
        painter.fillPath(path, QBrush(QColor(self._colours.muted), Qt.BrushStyle.BDiagPattern))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((_DARK, 4.0), (self._colours.text, 2.5 if chosen else 1.5)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawPolygon(outline)
        if chosen:
            for number, place in enumerate(outline.toList()):
                self._handle(place, number == corner)
        self._chip(outline.boundingRect().center(), mask.name)

    def draw_open(self, points: Sequence[Point], mouse: QPointF | None) -> None:
        """A mask that is not finished, with a line to the mouse."""
        painter = self._painter
        places = [self._field.at(point) for point in points]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = [*places, *([mouse] if mouse is not None else [])]
        for colour, width in ((_DARK, 4.0), (self._colours.focus, 2.0)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawPolyline(line)
        for place in places:
            self._handle(place, False)

    def draw_cross(self, at: QPointF) -> None:
        """Where the next corner would be set."""
        across, down = QPointF(_CROSS, 0.0), QPointF(0.0, _CROSS)
        for colour, width in ((_DARK, 3.0), (self._colours.text, 1.0)):
            self._painter.setPen(QPen(QColor(colour), width))
            self._painter.drawLine(at - across, at + across)
            self._painter.drawLine(at - down, at + down)

    def draw_remark(self, text: str) -> None:
        """Words in the upper left corner of the picture."""
        self._chip(self._field.area.topLeft(), text)

    def _handle(self, place: QPointF, chosen: bool) -> None:
        half = _HANDLE + 2.0 if chosen else _HANDLE
        self._painter.setPen(QPen(QColor(_DARK), 1.0))
        self._painter.setBrush(QColor(self._colours.action if chosen else self._colours.focus))
        self._painter.drawRect(QRectF(place.x() - half, place.y() - half, 2 * half, 2 * half))

    def _chip(self, middle: QPointF, text: str) -> None:
        """A name on a scrim, kept inside the picture."""
        painter, area = self._painter, self._field.area
        painter.setFont(theme.font(_CHIP))
        most = round(area.width() / 3)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, most)
        size = painter.fontMetrics().boundingRect(text)
        box = QRectF(0.0, 0.0, size.width() + 10.0, size.height() + 4.0)
        box.moveCenter(middle)
        box.moveLeft(min(max(box.left(), area.left()), area.right() - box.width()))
        box.moveTop(min(max(box.top(), area.top()), area.bottom() - box.height()))
        painter.fillRect(box, QColor(self._colours.scrim))
        painter.setPen(QColor(self._colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _distance(line: QLineF, at: QPointF) -> float:
    """From a place to the nearest point of a line, px."""
    along = line.p2() - line.p1()
    length = QPointF.dotProduct(along, along)
    share = QPointF.dotProduct(at - line.p1(), along) / length if length else 0.0
    return QLineF(line.pointAt(min(max(share, 0.0), 1.0)), at).length()
