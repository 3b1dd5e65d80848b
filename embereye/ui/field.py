"""Where the picture lies on a widget: fractions of the picture become places there and back."""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPolygonF

from embereye.ui.corners import Point, Points, inside
from embereye.ui.viewport import WHOLE, Viewport

_GRAB = 10.0  # px around a corner or an edge within which a click means it
_SNAP = 8.0  # px from the edge of the picture within which a corner means the edge


@dataclass(frozen=True, slots=True)
class Field:
    """The rectangle in which `view` of a picture is shown.

    Attributes:
        area: The rectangle, px of whatever is painted on.
    """

    area: QRectF
    view: Viewport = WHOLE

    def at(self, point: Point) -> QPointF:
        """Where a point of the picture lies; beside `area` when it is not in view."""
        x, y = self.view.shown(*point)
        return self.area.topLeft() + QPointF(x * self.area.width(), y * self.area.height())

    def point(self, at: QPointF) -> Point:
        """The point of the picture at a place; the nearest one of its edge outside of it."""
        return inside(self._fractions(at))

    def snapped(self, at: QPointF) -> Point:
        """As `point`, but on the very edge of the picture where that is near."""
        x, y = self._fractions(at)
        near_x = _SNAP / (self.area.width() * self.view.zoom)
        near_y = _SNAP / (self.area.height() * self.view.zoom)
        return inside((_to_edge(x, near_x), _to_edge(y, near_y)))

    def step(self, by: QPointF) -> Point:
        """A way in px as fractions of the picture."""
        zoom = self.view.zoom
        return by.x() / (self.area.width() * zoom), by.y() / (self.area.height() * zoom)

    def polygon(self, points: Points) -> QPolygonF:
        """Where corners lie."""
        begin, end = self.at((0.0, 0.0)), self.at((1.0, 1.0))  # the way is linear: much faster
        left, top = begin.x(), begin.y()
        wide, high = end.x() - left, end.y() - top
        return QPolygonF([QPointF(left + x * wide, top + y * high) for x, y in points])

    def rect(self, x: float, y: float, width: float, height: float) -> QRectF:
        """Where a box lies that is given in fractions of the picture."""
        return QRectF(self.at((x, y)), self.at((x + width, y + height)))

    def covers(self, points: Points, at: QPointF) -> bool:
        """Whether a place lies in a closed shape."""
        return self.polygon(points).containsPoint(at, Qt.FillRule.WindingFill)

    def corner(self, points: Points, at: QPointF) -> int | None:
        """The corner that a click here means."""
        if not points:
            return None
        distances = [(self.at(p) - at).manhattanLength() for p in points]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        return nearest if distances[nearest] <= _GRAB else None

    def edge(self, points: Points, at: QPointF, closed: bool = True) -> int | None:
        """The corner before the edge that a click here means."""
        corners = self.polygon(points).toList()
        for number in range(len(corners) if closed else len(corners) - 1):
            line = QLineF(corners[number], corners[(number + 1) % len(corners)])
            if _distance(line, at) <= _GRAB:
                return number
        return None

    def _fractions(self, at: QPointF) -> Point:
        across, down = at.x() - self.area.x(), at.y() - self.area.y()
        return self.view.pictured(across / self.area.width(), down / self.area.height())


def _to_edge(value: float, near: float) -> float:
    return 0.0 if value <= near else 1.0 if value >= 1.0 - near else value


def _distance(line: QLineF, at: QPointF) -> float:
    """From a place to the nearest point of a line, px."""
    along = line.p2() - line.p1()
    length = QPointF.dotProduct(along, along)
    share = QPointF.dotProduct(at - line.p1(), along) / length if length else 0.0
    return QLineF(line.pointAt(min(max(share, 0.0), 1.0)), at).length()
