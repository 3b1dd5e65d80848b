"""How areas and lines look: in the editor, and faintly over live pictures."""

import math
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from embereye.ui.field import Field
from embereye.ui.shape_paint import DARK
from embereye.ui.theme import Tokens
from embereye.ui.zone_draft import EXCLUDE, Drawn

_FILL, _FAINT_FILL = 0.16, 0.08  # of the colour of an area that is included
_ARROW = 14.0  # px from the line to the tip of its arrow
_WING = 5.0  # px


def zone_colour(drawn: Drawn, colours: Tokens) -> str:
    """The colour of its edges: red where it cannot be used."""
    if drawn.trouble:
        return colours.fire
    return colours.muted if drawn.kind == EXCLUDE else colours.zone


def fill_zone(
    painter: QPainter, field: Field, drawn: Drawn, colours: Tokens, faint: bool = False
) -> None:
    """The inside of an area: included ones are tinted, ignored ones hatched."""
    if not drawn.closed:
        return
    ink = QColor(zone_colour(drawn, colours))
    path = QPainterPath()
    path.addPolygon(field.polygon(drawn.points))
    path.closeSubpath()
    if drawn.kind == EXCLUDE:
        ink.setAlphaF(0.45 if faint else 0.8)
        painter.fillPath(path, QBrush(ink, Qt.BrushStyle.BDiagPattern))
    else:
        ink.setAlphaF(_FAINT_FILL if faint else _FILL)
        painter.fillPath(path, ink)


def draw_faintly(
    painter: QPainter, field: Field, drawn: Drawn, colours: Tokens, ratio: float
) -> None:
    """An area or a line over a live picture, where it must not hide anything."""
    fill_zone(painter, field, drawn, colours, faint=True)
    ink = QColor(zone_colour(drawn, colours))
    ink.setAlphaF(0.7)
    outline = field.polygon(drawn.points)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if drawn.kind == EXCLUDE else Qt.PenStyle.SolidLine
    painter.setPen(QPen(ink, ratio, style))
    if drawn.closed:
        painter.drawPolygon(outline)
    else:
        painter.drawPolyline(outline)
        draw_arrows(painter, outline, drawn.direction, ink, ratio)


def draw_arrows(
    painter: QPainter, line: QPolygonF, direction: str, colour: QColor, ratio: float = 1.0
) -> None:
    """Which crossings of a line count, at the middle of its longest edge.

    Right and left are those of somebody who walks from the first to the last point.
    """
    places = line.toList()
    edges = [QLineF(a, b) for a, b in pairwise(places)]
    longest = max(edges, key=QLineF.length, default=QLineF())
    if longest.length() <= 0.0:
        return
    # The y axis points down, so a quarter turn to the right is (−dy, dx).
    right = QPointF(-longest.dy(), longest.dx()) / longest.length()
    for wanted, way in (("to the right", right), ("to the left", -right)):
        if direction in ("both", wanted):
            _arrow(painter, longest.center(), way, colour, ratio)


def _arrow(painter: QPainter, begin: QPointF, way: QPointF, colour: QColor, ratio: float) -> None:
    tip, wing = begin + way * (_ARROW * ratio), _WING * ratio
    angle = math.atan2(way.y(), way.x())
    head = QPolygonF([tip])
    for turn in (2.6, -2.6):  # rad; a slender head
        head.append(tip + QPointF(math.cos(angle + turn), math.sin(angle + turn)) * wing * 1.6)
    for ink, width in ((QColor(DARK), 4.0), (colour, 2.0)):
        painter.setPen(QPen(ink, width * ratio))
        painter.setBrush(ink)
        painter.drawLine(begin, tip)
        painter.drawPolygon(head)
    painter.setBrush(Qt.BrushStyle.NoBrush)
