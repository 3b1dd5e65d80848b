"""One pyqtgraph plot: time axis, curves with gaps, limits as lines, a cursor."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.trend import Trend
from embereye.ui.theme import Tokens

_POINTS = 2000  # drawn per curve at most; a 4K screen has 3,840 columns


class Plot(QObject):
    """Made in the GUI thread; pyqtgraph is loaded here and not before.

    Signals:
        pointed: (float) the mouse lies over this moment, seconds UTC
    """

    pointed = Signal(object)

    def __init__(self, unit: str, colours: Tokens) -> None:
        super().__init__()
        import pyqtgraph

        self._graph: Any = pyqtgraph
        self._colours = colours
        self._curves: dict[str, Any] = {}
        self._shown: dict[str, Trend] = {}
        self._lines: dict[float, Any] = {}
        axis = pyqtgraph.DateAxisItem(orientation="bottom")
        self._view: Any = pyqtgraph.PlotWidget(axisItems={"bottom": axis})
        self.unit = unit
        self._dress()

    @property
    def widget(self) -> QWidget:
        """What is put into a layout."""
        view: QWidget = self._view
        return view

    def draw(self, trend: Trend, caption: str) -> None:
        """Draw or replace one curve; NaN leaves a gap."""
        thin = thinned(trend)
        curve = self._curves.get(trend.channel)
        if curve is None:
            if len(thin.utc) == 0:
                self._view.setVisible(any(len(t.utc) for t in self._shown.values()))
                return
            colours = (self._colours.text, self._colours.low, self._colours.high)
            pen = self._graph.mkPen(colours[len(self._curves) % 3], width=1.5)
            curve = self._view.plot(pen=pen, name=caption, connect="finite", antialias=True)
            self._curves[trend.channel] = curve
        curve.setData(thin.utc, thin.values)
        self._shown[trend.channel] = trend
        self._view.setVisible(any(len(t.utc) for t in self._shown.values()))

    def limits(self, lines: Iterable[tuple[float, str]]) -> None:
        """Horizontal lines at these values, in these colours."""
        wanted = dict(lines)
        for value in list(self._lines):
            if value not in wanted:
                self._view.removeItem(self._lines.pop(value))
        for value, colour in wanted.items():
            if value not in self._lines:
                pen = self._graph.mkPen(colour, style=Qt.PenStyle.DashLine)
                line = self._graph.InfiniteLine(
                    value,
                    angle=0,
                    pen=pen,
                    label=f"{value:.0f} {self.unit}",
                    labelOpts={"position": 0.03, "color": colour, "anchors": [(0, 1), (0, 1)]},
                )
                self._view.addItem(line)
                self._lines[value] = line

    def show_range(self, start: float, end: float) -> None:
        """Show this span of time, seconds UTC."""
        self._view.setXRange(start, end, padding=0.0)

    def values_at(self, utc: float) -> list[str]:
        """The value of each curve at this moment, in words."""
        texts = []
        for channel, trend in self._shown.items():
            if len(trend.utc) == 0:
                continue
            index = int(np.clip(np.searchsorted(trend.utc, utc), 0, len(trend.utc) - 1))
            value = trend.values[index]
            shown = f"{value:.1f} {trend.unit}" if np.isfinite(value) else "–"
            texts.append(f"{channel} {shown}")
        return texts

    def _dress(self) -> None:
        self._view.setBackground(self._colours.surface)
        self._view.setLabel("left", self.unit)
        self._view.showGrid(x=True, y=True, alpha=0.15)
        self._view.setMenuEnabled(False)
        self._view.hideButtons()
        self._view.setMouseEnabled(x=True, y=False)
        legend = self._view.addLegend(offset=(12, 8), labelTextColor=self._colours.text)
        legend.setBrush(self._graph.mkBrush(self._colours.raised))
        for side in ("left", "bottom"):
            item = self._view.getAxis(side)
            item.setPen(self._colours.line)
            item.setTextPen(self._colours.muted)
        self._view.scene().sigMouseMoved.connect(self._moved)

    @Slot(object)
    def _moved(self, at: QPointF) -> None:
        if self._view.sceneBoundingRect().contains(at):
            self.pointed.emit(float(self._view.getViewBox().mapSceneToView(at).x()))


def thinned(trend: Trend) -> Trend:
    """At most about `_POINTS` points: lowest and highest of each group, so peaks stay."""
    count = len(trend.utc)
    if count <= _POINTS:
        return trend
    step = -(-count // (_POINTS // 2))
    keep: list[int] = []
    for begin in range(0, count, step):
        part = trend.values[begin : begin + step]
        if np.isnan(part).any():
            keep.extend(range(begin, min(begin + step, count)))
        else:
            keep.extend(sorted({begin + int(part.argmin()), begin + int(part.argmax())}))
    return Trend(trend.channel, trend.unit, trend.utc[keep], trend.values[keep])
