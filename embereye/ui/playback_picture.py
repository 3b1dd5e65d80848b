"""A thermal picture of the past: never mistaken for a live one."""

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from embereye.model.reading import COLUMNS, ROWS, ThermalFrame
from embereye.ui import heat, overlay, theme
from embereye.ui.labels import Label, Labels
from embereye.ui.theme import Tokens
from embereye.ui.words import full_time

_FRAME = 2  # px of the border that marks the past


class PlaybackPicture(QWidget):
    """Shows one recorded frame, 4 : 3, with its time on it and a border. GUI thread.

    Attributes:
        palette_name: Name of the colours.
    """

    def __init__(self, colours: Tokens, palette_name: str) -> None:
        super().__init__()
        self._colours = colours
        self._labels = Labels()
        self._frame: ThermalFrame | None = None
        self._message = ""
        self._image: QImage | None = None
        self._made: tuple[object, ...] = ()
        self.palette_name = palette_name
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
        area = self._area(ratio)
        painter.drawImage(area.topLeft(), self._rendered(frame, area))
        overlay.draw_hottest(painter, area, frame, self._labels, round(18 * ratio))
        overlay.draw_scale(painter, area, frame, self.palette_name, self._labels, round(11 * ratio))
        self._mark_past(painter, area, frame, ratio)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the temperature under the mouse."""
        frame, area = self._frame, self._area(1.0)
        at = event.position() - QPointF(area.topLeft())
        column, row = int(at.x() * COLUMNS / area.width()), int(at.y() * ROWS / area.height())
        if frame is None or frame.celsius is None:
            return
        if 0 <= row < ROWS and 0 <= column < COLUMNS:
            text = f"{frame.celsius[row, column]:.1f} °C"
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(12, 0), text, self)

    def _rendered(self, frame: ThermalFrame, area: QRect) -> QImage:
        made = (frame, area.width(), area.height(), self.palette_name)
        if self._image is None or made != self._made:
            size = (area.width(), area.height())
            self._image = heat.render(frame, size, self.palette_name, opaque=True)
            self._made = made
        return self._image

    def _mark_past(self, painter: QPainter, area: QRect, frame: ThermalFrame, ratio: float) -> None:
        painter.setPen(QPen(QColor(self._colours.action), _FRAME * ratio))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        text = self.tr("RECORDED {0}").format(full_time(frame.at.utc)[:19])
        label = Label(
            text, round(14 * ratio), self._colours.text, self._colours.scrim, area.width()
        )
        self._labels.draw(
            painter, area.topLeft() + QPoint(round(8 * ratio), round(8 * ratio)), label
        )

    def _area(self, ratio: float) -> QRect:
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        fitted = min(width, height * COLUMNS // ROWS)
        tall = fitted * ROWS // COLUMNS
        return QRect((width - fitted) // 2, (height - tall) // 2, max(1, fitted), max(1, tall))

    def _say(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._colours.muted))
        painter.setFont(theme.font(theme.TEXT_PX))
        inside = self.rect().adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(inside, flags, self._message)
