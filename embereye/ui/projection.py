"""Where a cell of the thermal picture lies on the camera picture."""

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPolygonF, QTransform

from embereye.model.reading import COLUMNS, ROWS
from embereye.ui.viewport import WHOLE, Viewport

# Where the corners of the thermal picture (upper left, upper right, lower right, lower left) lie
# in the camera picture, as fractions of it; empty: not aligned.
Corners = tuple[tuple[float, float], ...]
STRETCHED: Corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

_CELLS = QPolygonF([QPointF(0, 0), QPointF(COLUMNS, 0), QPointF(COLUMNS, ROWS), QPointF(0, ROWS)])


class Projection:
    """Maps cells to pixels of one area that shows `view` of the picture. GUI thread; cheap to make.

    Attributes:
        aligned: False: the thermal picture is stretched over the whole area.
        matrix: From (column, row) to px; the identity of no use where corners make no picture.
    """

    def __init__(self, area: QRect, corners: Corners, view: Viewport = WHOLE) -> None:
        self.aligned = is_picture(corners)
        if not view.whole:
            corners = tuple(view.shown(*c) for c in (corners if self.aligned else STRETCHED))
        self.matrix = _matrix(area, corners) or _stretched(area)

    def point(self, column: float, row: float) -> QPointF:
        """Where a point in cells lies, px."""
        return self.matrix.map(QPointF(column, row))

    def cell(self, column: int, row: int) -> QPolygonF:
        """The outline of one cell, px."""
        corners = ((0, 0), (1, 0), (1, 1), (0, 1))
        return QPolygonF([self.point(column + x, row + y) for x, y in corners])

    def outline(self) -> QPolygonF:
        """The outline of the whole thermal picture, px."""
        return QPolygonF([self.point(p.x(), p.y()) for p in _CELLS.toList()])


def is_picture(corners: Corners) -> bool:
    """Whether four corners make a picture: convex, not turned over, not thin as a line."""
    if len(corners) != len(STRETCHED):
        return False
    for number in range(len(corners)):
        (ax, ay), (bx, by) = corners[number - 1], corners[number]
        cx, cy = corners[(number + 1) % len(corners)]
        if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) < _LEAST_TURN:
            return False
    return True


_LEAST_TURN = 1e-3  # of the camera picture's area; a sliver shows nothing


def _matrix(area: QRect, corners: Corners) -> QTransform | None:
    if not is_picture(corners):
        return None
    wanted = QPolygonF(
        [QPointF(area.x() + x * area.width(), area.y() + y * area.height()) for x, y in corners]
    )
    found = QTransform()
    return found if QTransform.quadToQuad(_CELLS, wanted, found) else None


def _stretched(area: QRect) -> QTransform:
    found = QTransform.fromTranslate(area.x(), area.y())
    return found.scale(area.width() / COLUMNS, area.height() / ROWS)
