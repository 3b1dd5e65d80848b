"""One figure with its newest minutes: caption, value, a small curve or bars."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embereye.model.trend import Trend
from embereye.ui import theme
from embereye.ui.curve import draw_runs
from embereye.ui.theme import Tokens

_HEIGHT = 76  # px
_HEAD = 22  # px of it for caption and value
_EDGE = 8  # px
_SCALE_PX = 10  # px; the end of the scale
_GUTTER = 28  # px for it: four digits
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a plot shows.

    Attributes:
        trend: None: nothing yet.
        end: Seconds UTC at its right edge.
    """

    value: str = "–"
    trend: Trend | None = None
    end: float = 0.0


class FigurePlot(QWidget):
    """From 0 to the largest value of the span, gaps stay gaps. GUI thread."""

    def __init__(
        self, caption: str, colours: Tokens, span: float, least: float, *, bars: bool = False
    ) -> None:
        """`span`: seconds shown. `least`: the end of the scale is no lower, so that noise stays
        small. `bars`: for what happens now and then."""
        super().__init__()
        self.caption = caption
        self.shown = Shown()
        self._colours = colours
        self._span = span
        self._least = least
        self._bars = bars
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_figure(self, shown: Shown) -> None:
        """Show this value and its past."""
        self.shown = shown
        self.setAccessibleName(f"{self.caption} {shown.value}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        painter.fillRect(box, QColor(self._colours.background))
        head = QRectF(_EDGE, 0, box.width() - 2 * _EDGE, _HEAD)
        self._head(painter, head)
        area = box.adjusted(_EDGE + _GUTTER, _HEAD + 4, -_EDGE, -_EDGE + 1)
        painter.setPen(QColor(self._colours.line))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if self.shown.trend is not None:
            self._past(painter, area, self.shown.trend)

    def _head(self, painter: QPainter, head: QRectF) -> None:
        painter.setFont(theme.font(theme.TEXT_PX))
        painter.setPen(QColor(self._colours.text))
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, side | Qt.AlignmentFlag.AlignRight, self.shown.value)
        taken = painter.fontMetrics().horizontalAdvance(self.shown.value) + _EDGE
        painter.setFont(theme.font(11))
        painter.setPen(QColor(self._colours.muted))
        room = int(head.width() - taken)
        caption = painter.fontMetrics().elidedText(
            self.caption, Qt.TextElideMode.ElideRight, max(0, room)
        )
        painter.drawText(head, side | Qt.AlignmentFlag.AlignLeft, caption)

    def _past(self, painter: QPainter, area: QRectF, trend: Trend) -> None:
        finite = trend.values[np.isfinite(trend.values)]
        if finite.size == 0:
            return
        top = rounded_up(max(self._least, float(finite.max())))
        painter.setFont(theme.font(_SCALE_PX))
        painter.setPen(QColor(self._colours.muted))
        scale = QRectF(_EDGE, area.top() - _SCALE_PX / 2, _GUTTER - 4, _SCALE_PX + 2)
        painter.drawText(scale, Qt.AlignmentFlag.AlignRight, f"{top:g}")
        xs = area.right() - (self.shown.end - trend.utc) / self._span * area.width()
        ys = area.bottom() - trend.values / top * area.height()
        painter.setPen(QPen(QColor(self._colours.text), 1.2))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not self._bars)
        points = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True) if x >= area.left()]
        if not self._bars:
            draw_runs(painter, points)
            return
        for x, y in points:
            if y < area.bottom():  # also leaves out NaN
                painter.drawLine(QPointF(round(x), area.bottom()), QPointF(round(x), y))


def rounded_up(value: float) -> float:
    """The end of a scale for values up to `value` > 0: 0.15, 2, 3000 …"""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in _STEPS if step * power >= value * (1 - 1e-9)))
