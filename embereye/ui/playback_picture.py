"""A thermal picture of the past: never mistaken for a live one."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from embereye.model.reading import ThermalFrame
from embereye.ui import theme
from embereye.ui.frame_painter import FramePainter
from embereye.ui.labels import Label
from embereye.ui.theme import Tokens
from embereye.ui.words import full_time

_FRAME = 2  # px of the border that marks the past


class PlaybackPicture(QWidget):
    """Shows one recorded frame, 4 : 3, with its time on it and a border. GUI thread."""

    def __init__(self, colours: Tokens, palette_name: str) -> None:
        super().__init__()
        self._colours = colours
        self._frames = FramePainter(self, palette_name)
        self._frame: ThermalFrame | None = None
        self._message = ""
        self.setMinimumSize(320, 240)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Recorded thermal picture"))

    @property
    def shown(self) -> ThermalFrame | None:
        """The frame on the screen."""
        return self._frame

    def show_frame(self, frame: ThermalFrame | None, message: str = "") -> None:
        """Show this frame; without one, the message."""
        if frame is not self._frame or message != self._message:
            self._frame, self._message = frame, message
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        frame = self._frame
        if frame is None:
            self._say(painter)
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        area = self._frames.area(ratio)
        self._frames.draw(painter, frame, area, ratio)
        self._mark_past(painter, area, frame, ratio)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the temperature under the mouse."""
        text = self._frames.told_at(self._frame, event.position())
        if text:
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(12, 0), text, self)

    def _mark_past(self, painter: QPainter, area: QRect, frame: ThermalFrame, ratio: float) -> None:
        painter.setPen(QPen(QColor(self._colours.action), _FRAME * ratio))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        text = self.tr("RECORDED {0}").format(full_time(frame.at.utc)[:19])
        label = Label(
            text, round(14 * ratio), self._colours.text, self._colours.scrim, area.width()
        )
        self._frames.labels.draw(
            painter, area.topLeft() + QPoint(round(8 * ratio), round(8 * ratio)), label
        )

    def _say(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._colours.muted))
        painter.setFont(theme.font(theme.TEXT_PX))
        inside = self.rect().adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(inside, flags, self._message)
