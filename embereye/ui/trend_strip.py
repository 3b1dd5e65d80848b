"""A small curve with its limit, for popups and panes."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from embereye.model.ids import DeviceId
from embereye.model.trend import Trend
from embereye.ui import theme
from embereye.ui.console import Console
from embereye.ui.curve import draw_runs
from embereye.ui.theme import Tokens

_PERIOD = 1000  # ms between two drawings
_POINTS = 240  # drawn at most; more do not fit into the width


class TrendStrip(QWidget):
    """The thermal maximum of one device over the last minutes, limit dashed. GUI thread."""

    def __init__(self, console: Console, colours: Tokens, minutes: int) -> None:
        super().__init__()
        self._console = console
        self._colours = colours
        self._minutes = minutes
        self._device: DeviceId | None = None
        self._limit = 85.0
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._tick)
        self.setMinimumSize(96, 72)
        self.setAccessibleName(self.tr("Trend of the thermal maximum"))

    def show_device(self, device: DeviceId | None, limit: float) -> None:
        """Show this device with its limit in °C; None: nothing to show."""
        self._device = device
        self._limit = limit
        self.update()

    @Slot()
    def _tick(self) -> None:
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        painter.setPen(QColor(self._colours.line))
        painter.drawRect(box)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(self._colours.muted))
        title = self.tr("maximum, {0} min").format(self._minutes)
        painter.drawText(box.adjusted(6, 4, -6, -4), Qt.AlignmentFlag.AlignTop, title)
        if self._device is None:
            return
        trend = self._console.trend(self._device, "thermal max", self._minutes * 60.0)
        self._curve(painter, box.adjusted(6, 24, -6, -8), trend)

    def _curve(self, painter: QPainter, area: QRectF, trend: Trend) -> None:
        finite = trend.values[np.isfinite(trend.values)]
        if finite.size == 0:
            return
        low = min(float(finite.min()), self._limit) - 5
        high = max(float(finite.max()), self._limit) + 5
        end = self._console.clock.now().utc
        start = end - self._minutes * 60

        def place(utc: float, value: float) -> tuple[float, float]:
            x = area.left() + (utc - start) / (end - start) * area.width()
            return x, area.bottom() - (value - low) / (high - low) * area.height()

        self._limit_line(painter, area, place(start, self._limit)[1])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._colours.text), 1.5))
        draw_runs(painter, (place(utc, value) for utc, value in _thinned(trend)))

    def _limit_line(self, painter: QPainter, area: QRectF, y: float) -> None:
        painter.setPen(QPen(QColor(self._colours.fire), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        above = y - 4 if y - 16 > area.top() else y + 14
        painter.drawText(QPointF(area.left(), above), f"{self._limit:.0f} °C")


def _thinned(trend: Trend) -> Sequence[tuple[float, float]]:
    """At most `_POINTS` points that keep the peaks; a gap inside a group keeps being a gap."""
    count = len(trend.values)
    step = max(1, -(-count // _POINTS))
    points = []
    for begin in range(0, count, step):
        part = trend.values[begin : begin + step]
        value = float(part.max()) if np.isfinite(part).all() else float("nan")
        points.append((float(trend.utc[begin]), value))
    return points
