"""The heat that is drawn over a camera picture. Never burnt into pixels."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from embereye.model.reading import DeviceStatus, ThermalFrame
from embereye.ui import heat, palette
from embereye.ui.labels import Label, Labels
from embereye.ui.projection import Corners, Projection
from embereye.ui.viewport import WHOLE, Viewport
from embereye.ui.words import celsius

_HISTORY = 30.0  # s over which the trend arrow looks back
_STEADY = 1.0  # K within `_HISTORY` that still count as steady
_SMALL = 200  # px of tile height below which the scale and the badge are left out


@dataclass(frozen=True, slots=True)
class Warmth:
    """The thermal line of a tile.

    Attributes:
        celsius: Maximum, None when the device sends no temperatures.
        arrow: "↑", "↓" or "" while steady.
        old: Seconds since the reading came.
    """

    celsius: float | None
    arrow: str
    old: float


class ThermalLayer:
    """The heat of one device over one tile; renders only when something changed. GUI thread."""

    def __init__(self) -> None:
        self._trail = heat.HeatTrail()
        self._history: deque[tuple[float, float]] = deque(maxlen=600)
        self._frame: ThermalFrame | None = None
        self._image: QImage | None = None
        self._made: tuple[object, ...] = ()
        self._corners: Corners = ()

    @property
    def frame(self) -> ThermalFrame | None:
        return self._frame

    def note(self, device: DeviceStatus, hot: float, corners: Corners = ()) -> bool:
        """Take the device's newest frame; True when it is new. `hot` in °C marks cells."""
        self._corners = corners
        frame = device.thermal
        if frame is None or frame is self._frame:
            return False
        self._frame = frame
        self._trail.note(frame, hot)
        if frame.max_celsius is not None:
            self._history.append((frame.at.mono, frame.max_celsius))
            while self._history[0][0] < frame.at.mono - _HISTORY:
                self._history.popleft()
        return True

    def warmth(self, mono: float) -> Warmth | None:
        """The maximum with its trend, or None without any frame."""
        if self._frame is None:
            return None
        change = self._history[-1][1] - self._history[0][1] if self._history else 0.0
        arrow = "↑" if change > _STEADY else "↓" if change < -_STEADY else ""
        return Warmth(self._frame.max_celsius, arrow, max(0.0, mono - self._frame.at.mono))

    def draw(
        self,
        painter: QPainter,
        area: QRect,
        palette_name: str,
        fire: str,
        mono: float,
        view: Viewport = WHOLE,
    ) -> None:
        """Draw the heat where it lies in `area` (device pixels) with its hot cells, fading."""
        frame = self._frame
        if frame is None:
            return
        made = (frame, area.size().toTuple(), palette_name, self._corners, view)
        if self._image is None or made != self._made:
            self._image = self._render(frame, area, palette_name, view)
            self._made = made
        painter.drawImage(area.topLeft(), self._image)
        self._draw_hot(painter, self.projection(area, view), area, QColor(fire), mono)

    def projection(self, area: QRect, view: Viewport = WHOLE) -> Projection:
        """Where cells lie in `area`, which shows `view` of the picture."""
        return Projection(area, self._corners, view)

    def fading(self, mono: float) -> bool:
        """Whether cells are fading, so that the tile must be drawn again soon."""
        return bool((self._trail.strength(mono) > 0).any())

    def _render(
        self, frame: ThermalFrame, area: QRect, palette_name: str, view: Viewport
    ) -> QImage:
        size = (area.width(), area.height())
        projection = self.projection(QRect(0, 0, *size), view)
        if view.whole and not projection.aligned:
            return heat.render(frame, size, palette_name)
        m = projection.matrix  # Qt multiplies from the left, hence the columns as rows
        rows = (m.m11(), m.m21(), m.m31()), (m.m12(), m.m22(), m.m32()), (m.m13(), m.m23(), m.m33())
        return heat.project(frame, size, palette_name, np.array(rows))

    def _draw_hot(
        self,
        painter: QPainter,
        projection: Projection,
        area: QRect,
        colour: QColor,
        mono: float,
    ) -> None:
        strength = self._trail.strength(mono)
        painter.save()
        painter.setClipRect(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row, column in zip(*strength.nonzero(), strict=True):
            colour.setAlphaF(0.75 * float(strength[row, column]))
            painter.setPen(QPen(colour, 1.0))
            painter.drawPolygon(projection.cell(int(column), int(row)))
        painter.restore()


def draw_hottest(
    painter: QPainter,
    area: QRect,
    frame: ThermalFrame,
    labels: Labels,
    pixels: int,
    projection: Projection | None = None,
) -> None:
    """A cross on the hottest cell of `frame`, and its value beside it."""
    row, column = frame.hottest
    place = (projection or Projection(area, ())).point(column + 0.5, row + 0.5).toPoint()
    if not area.contains(place):
        return  # the heat lies beside what the camera sees
    x, y = place.x(), place.y()
    arm = max(4, pixels // 2)
    for colour, width in (("#B4000000", 4.0), ("#FFFFFF", 2.0)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawLine(QPoint(x - arm, y), QPoint(x + arm, y))
        painter.drawLine(QPoint(x, y - arm), QPoint(x, y + arm))
    if frame.max_celsius is None:
        return
    label = Label(celsius(frame.max_celsius), pixels, "#FFFFFF", "#B4000000", area.width())
    pixmap = labels.pixmap(label)
    left = x + arm + 4
    if left + pixmap.width() > area.right():
        left = x - arm - 4 - pixmap.width()
    top = min(max(area.top(), y - pixmap.height() // 2), area.bottom() - pixmap.height())
    painter.drawPixmap(QPoint(max(area.left(), left), top), pixmap)


def draw_scale(
    painter: QPainter,
    area: QRect,
    frame: ThermalFrame,
    palette_name: str,
    labels: Labels,
    pixels: int,
) -> None:
    """Colours and numbers (`pixels` high) of the heat at the right edge, where there is room."""
    if area.height() < _SMALL:
        return
    ends = heat.scale(frame)
    high, wide = area.height() // 3, max(6, pixels * 3 // 4)
    box = QRect(area.right() - 2 * wide, area.center().y() - high // 2, wide, high)
    table = palette.colours(palette_name)
    for step in range(high):
        red, green, blue = table[255 - step * 255 // max(1, high - 1)]
        painter.fillRect(box.x(), box.y() + step, wide, 1, QColor(int(red), int(green), int(blue)))
    for value, y in ((ends.high, box.top()), (ends.low, box.bottom() - pixels)):
        text = f"{value:.0f} {ends.unit}".strip() if ends.unit else "rel."
        label = Label(text, pixels, "#FFFFFF", "#B4000000", 10 * pixels, bold=False)
        labels.draw(painter, QPoint(box.left() - 4, y), label, right=True)
