"""A stretch of time with the course of the maximum, alarms and the present position."""

from datetime import datetime

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from embereye.model.past import AlarmMark
from embereye.model.trend import Trend
from embereye.ui import theme
from embereye.ui.shapes import draw_shape
from embereye.ui.theme import Tokens
from embereye.ui.words import celsius, full_time, tip

_MARK = 14  # px of an alarm's shape
_HIT = 9  # px beside a mark that still mean it
_TICKS = (60, 300, 600, 1800, 3600, 7200, 10_800, 21_600)  # s between labels of the time
_ROOM = 90  # px between labels of the time
_LABEL = 48  # px that one takes
_SCALE = 56  # px at the left for the temperatures
_LEAST_SPAN = 10.0  # K; a quiet day must not look dramatic


class Timeline(QWidget):
    """Shows where on a curve playback stands; a click or drag seeks. GUI thread.

    Signals:
        sought: (float) the operator chose this moment, s UTC
    """

    sought = Signal(object)

    def __init__(self, colours: Tokens) -> None:
        super().__init__()
        self._colours = colours
        self._since, self._until, self._position = 0.0, 1.0, 0.0
        self._curve: Trend | None = None
        self._marks: tuple[AlarmMark, ...] = ()
        self._backdrop: QPixmap | None = None
        self._labelled: list[float] = []
        self.setMinimumHeight(132)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Time line with the maximum temperature"))

    def show_span(self, since: float, until: float) -> None:
        """Show this stretch, s UTC; curve and marks stay until others come."""
        if (since, until) != (self._since, self._until):
            self._since, self._until = since, max(until, since + 1.0)
            self._renew()

    def show_curve(self, curve: Trend | None, marks: tuple[AlarmMark, ...]) -> None:
        """Show the maximum (°C) and these alarms."""
        self._curve, self._marks = curve, marks
        self._renew()

    def show_position(self, utc: float) -> None:
        """Move the line of the position."""
        if utc != self._position:
            self._position = utc
            self.update()

    def x_of(self, utc: float) -> float:
        """Where a moment lies, px from the left."""
        box = self._box()
        return box.left() + (utc - self._since) / (self._until - self._since) * box.width()

    def moment_at(self, x: float) -> float:
        """Which moment lies at `x` px, within the stretch."""
        box = self._box()
        share = min(1.0, max(0.0, (x - box.left()) / max(1.0, box.width())))
        return self._since + share * (self._until - self._since)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            mark = self._mark_at(event.position().x())
            moment = self.moment_at(event.position().x())
            self.sought.emit(moment if mark is None else mark.utc)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(self.moment_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._told_at(event.pos().x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._backdrop is None:
            self._backdrop = self._draw_backdrop()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._backdrop)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        self._draw_position(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._renew()

    def _renew(self) -> None:
        self._backdrop = None
        self.update()

    def _draw_backdrop(self) -> QPixmap:
        """All but the position, which alone moves while playing."""
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(QColor(self._colours.surface))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11))
        self._draw_times(painter)
        self._draw_curve(painter)
        self._draw_marks(painter)
        painter.end()
        return made

    def _box(self) -> QRectF:
        """Where the curve lies: below the marks, above the times."""
        return QRectF(self.rect()).adjusted(_SCALE, _MARK + 10, -16, -22)

    def _draw_times(self, painter: QPainter) -> None:
        box, length = self._box(), self._until - self._since
        fitting = (s for s in _TICKS if box.width() * s / length >= _ROOM)
        step = next(fitting, _TICKS[-1])
        offset = datetime.fromtimestamp(self._since).astimezone().utcoffset()
        shift = 0.0 if offset is None else offset.total_seconds()
        tick = ((self._since + shift) // step + 1) * step - shift
        self._labelled = []
        while tick < self._until:
            x = self.x_of(tick)
            self._labelled.append(x)
            painter.setPen(QColor(self._colours.line))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(QColor(self._colours.muted))
            text = datetime.fromtimestamp(tick).astimezone().strftime("%H:%M")
            where = QRectF(x - 40, box.bottom() + 3, 80, 16)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)
            tick += step

    def _draw_curve(self, painter: QPainter) -> None:
        curve, box = self._curve, self._box()
        if curve is None or not np.isfinite(curve.values).any():
            return
        low, high = self._range(curve)
        painter.setPen(QColor(self._colours.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value, y in ((high, box.top()), (low, box.bottom())):
            where = QRectF(0, y - 8, _SCALE - 8, 16)
            painter.drawText(where, right, celsius(value))
        painter.setPen(QPen(QColor(self._colours.low), 1.2))
        painter.setClipRect(box.adjusted(0, -2, 0, 2))
        for part in np.split(np.arange(len(curve.utc)), np.flatnonzero(np.isnan(curve.values))):
            points = [
                QPointF(
                    self.x_of(float(curve.utc[n])),
                    box.bottom() - (float(curve.values[n]) - low) / (high - low) * box.height(),
                )
                for n in part
                if np.isfinite(curve.values[n])
            ]
            painter.drawPolyline(QPolygonF(points))
        painter.setClipping(False)

    def _draw_marks(self, painter: QPainter) -> None:
        box = self._box()
        for mark in self._marks:
            x = self.x_of(mark.utc)
            if not box.left() <= x <= box.right():
                continue
            look = theme.kind_look(self._colours, mark.kind, mark.priority)
            painter.setPen(QPen(QColor(look.colour), 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, box.top() - 4), QPointF(x, box.bottom()))
            draw_shape(painter, QRectF(x - _MARK / 2, 4, _MARK, _MARK), look)

    def _draw_position(self, painter: QPainter) -> None:
        box, x = self._box(), self.x_of(self._position)
        if not box.left() <= x <= box.right():
            return
        painter.setPen(QPen(QColor(self._colours.action), 2.0))
        painter.drawLine(QPointF(x, box.top() - 6), QPointF(x, box.bottom() + 4))
        text = datetime.fromtimestamp(self._position).astimezone().strftime("%H:%M:%S")
        width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 10
        left = min(max(box.left(), x - width / 2), box.right() - width)
        chip = QRectF(left, box.bottom() + 3, width, 16)
        for tick in self._labelled:  # no rest of a label may be read together with the position
            if abs(tick - chip.center().x()) < (width + _LABEL) / 2:
                hidden = QRectF(tick - _LABEL / 2, chip.top(), _LABEL, 16)
                painter.fillRect(hidden, QColor(self._colours.surface))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.action))
        painter.drawRoundedRect(chip, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(self._colours.on_action))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)

    def _range(self, curve: Trend) -> tuple[float, float]:
        low = float(np.floor(np.nanmin(curve.values) / 5) * 5)
        high = float(np.ceil(np.nanmax(curve.values) / 5) * 5)
        return low, max(high, low + _LEAST_SPAN)

    def _mark_at(self, x: float) -> AlarmMark | None:
        near = [mark for mark in self._marks if abs(self.x_of(mark.utc) - x) <= _HIT]
        return min(near, key=lambda mark: abs(self.x_of(mark.utc) - x), default=None)

    def _told_at(self, x: float) -> str:
        mark = self._mark_at(x)
        if mark is not None:
            text = self.tr("Alarm {0}, {1}: {2}")
            return tip(text.format(mark.alarm, full_time(mark.utc), mark.text))
        moment = self.moment_at(x)
        curve = self._curve
        if curve is None or len(curve.utc) == 0:
            return full_time(moment)
        index = int(np.clip(np.searchsorted(curve.utc, moment), 0, len(curve.utc) - 1))
        value = curve.values[index]
        known = f", {value:.1f} °C" if np.isfinite(value) else ""
        return full_time(moment) + known
