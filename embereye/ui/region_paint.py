"""How regions look on a thermal picture. Vectors, never burnt into pixels."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPainterPathStroker, QPen

from embereye.model.reading import COLUMNS, ROWS, ThermalFrame
from embereye.model.thermal import RegionReading, RegionState
from embereye.ui import theme
from embereye.ui.region_draft import Area
from embereye.ui.theme import Tokens

_HANDLE = 4.0  # px, half a side
_WIDE = 12.0  # px around a line within which a click means it
_CROSS = 8.0  # px, half a line
_CHIP = 13.0  # px of text


class RegionPainter:
    """Draws areas into the rectangle that the picture fills; lives as long as one paint event."""

    def __init__(self, painter: QPainter | None, picture: QRectF, colours: Tokens) -> None:
        """Without a painter only `at` and `path` may be used."""
        self._painter = painter
        self._picture = picture
        self._colours = colours

    def at(self, point: tuple[float, float]) -> QPointF:
        """Where a point in cells lies, px."""
        return QPointF(
            self._picture.x() + point[0] * self._picture.width() / COLUMNS,
            self._picture.y() + point[1] * self._picture.height() / ROWS,
        )

    def path(self, area: Area) -> QPainterPath:
        """What a click must hit to mean this area."""
        path = QPainterPath()
        if area.shape == "frame":
            path.addRect(self._picture)
        elif area.shape == "point":
            path.addEllipse(self.at(area.points[0]), _WIDE / 2, _WIDE / 2)
        else:
            path.addPolygon([self.at(point) for point in area.points])
            if area.shape == "line":
                stroker = QPainterPathStroker()
                stroker.setWidth(_WIDE)
                return stroker.createStroke(path)
            path.closeSubpath()
        return path

    def draw(self, area: Area, reading: RegionReading | None, chosen: bool) -> None:
        """One area with its name and value; handles when it is chosen."""
        painter = self._painter
        if painter is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._ink(reading)
        places = [self.at(point) for point in area.points]
        for colour, width in ((QColor("#B4000000"), 4.0), (ink, 2.5 if chosen else 1.5)):
            painter.setPen(QPen(colour, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            self._outline(area, places)
        if area.shape == "mask":
            brush = QBrush(QColor(self._colours.muted), Qt.BrushStyle.BDiagPattern)
            painter.fillPath(self.path(area), brush)
        if chosen:
            painter.setPen(QPen(QColor("#000000"), 1.0))
            painter.setBrush(QColor(self._colours.focus))
            for place in places:
                painter.drawRect(
                    QRectF(place.x() - _HANDLE, place.y() - _HANDLE, 2 * _HANDLE, 2 * _HANDLE)
                )
        self._chip(places[0] if places else self._picture.topLeft(), _caption(area, reading), ink)

    def draw_open(
        self, points: Sequence[tuple[float, float]], mouse: tuple[float, float] | None
    ) -> None:
        """A shape that is not finished, with a line to the mouse."""
        painter = self._painter
        if painter is None:
            return
        places = [self.at(point) for point in [*points, *([mouse] if mouse else [])]]
        painter.setPen(QPen(QColor(self._colours.focus), 2.0, Qt.PenStyle.DashLine))
        painter.drawPolyline(places)
        for place in places[: len(points)]:
            painter.drawEllipse(place, _HANDLE, _HANDLE)

    def draw_cross(self, at: QPointF) -> None:
        """Where the next point would be set."""
        painter = self._painter
        if painter is None:
            return
        for colour, width in (("#000000", 3.0), ("#FFFFFF", 1.0)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(at - QPointF(_CROSS, 0.0), at + QPointF(_CROSS, 0.0))
            painter.drawLine(at - QPointF(0.0, _CROSS), at + QPointF(0.0, _CROSS))

    def draw_spot(self, frame: ThermalFrame, mouse: tuple[float, float] | None) -> None:
        """The temperature under the mouse."""
        if mouse is None:
            return
        row, column = min(int(mouse[1]), ROWS - 1), min(int(mouse[0]), COLUMNS - 1)
        if frame.celsius is None:
            text = f"{frame.relative[row, column]:.0f} rel."
        else:
            value = float(frame.celsius[row, column])
            text = "defective" if value != value else f"{value:.1f} °C"
        place = self.at(mouse) + QPointF(14.0, 22.0)
        self._chip(place, text, QColor("#FFFFFF"))

    def _outline(self, area: Area, places: list[QPointF]) -> None:
        painter = self._painter
        if painter is None:
            return
        if area.shape == "frame":
            painter.drawRect(self._picture.adjusted(2, 2, -2, -2))
        elif area.shape == "point":
            painter.drawEllipse(places[0], 6.0, 6.0)
        elif area.shape == "line":
            painter.drawPolyline(places)
        else:
            painter.drawPolygon(places)

    def _ink(self, reading: RegionReading | None) -> QColor:
        states = {
            RegionState.ALARM: self._colours.fire,
            RegionState.PRE_ALARM: self._colours.high,
            RegionState.UNKNOWN: self._colours.muted,
        }
        return QColor("#FFFFFF" if reading is None else states.get(reading.state, "#FFFFFF"))

    def _chip(self, at: QPointF, text: str, ink: QColor) -> None:
        """Text on a scrim, kept inside the picture."""
        painter = self._painter
        if painter is None:
            return
        painter.setFont(theme.font(_CHIP))
        size = painter.fontMetrics().boundingRect(text)
        wide, high = size.width() + 10.0, size.height() + 4.0
        left = min(max(at.x() + 8.0, self._picture.left()), self._picture.right() - wide)
        top = min(max(at.y() - high - 4.0, self._picture.top()), self._picture.bottom() - high)
        box = QRectF(left, top, wide, high)
        painter.fillRect(box, QColor("#B4000000"))
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _caption(area: Area, reading: RegionReading | None) -> str:
    if reading is None or reading.max is None:
        return area.name
    mark = {RegionState.ALARM: "■ ", RegionState.PRE_ALARM: "▲ "}.get(reading.state, "")
    return f"{mark}{area.name} {reading.max:.1f} °C"
