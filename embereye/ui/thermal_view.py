"""The thermal picture of one device, large, with scale and hottest cell."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from embereye.model.reading import DeviceState, DeviceStatus
from embereye.ui import theme
from embereye.ui.frame_painter import FramePainter
from embereye.ui.theme import Tokens


class ThermalView(QWidget):
    """Shows a device's newest frame, 4 : 3. GUI thread."""

    def __init__(self, colours: Tokens, palette: str) -> None:
        super().__init__()
        self._colours = colours
        self._frames = FramePainter(self, palette)
        self._device: DeviceStatus | None = None
        self.setMinimumSize(320, 240)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Thermal picture"))

    def show_device(self, device: DeviceStatus | None) -> None:
        """Show this device as it stands."""
        self._device = device
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        frame = None if self._device is None else self._device.thermal
        if frame is None:
            self._nothing(painter)
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        area = self._frames.area(ratio)
        self._frames.draw(painter, frame, area, ratio)
        if self._device is not None and self._device.state is not DeviceState.LIVE:
            self._mark_old(painter, area, ratio)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the temperature under the mouse."""
        frame = None if self._device is None else self._device.thermal
        text = self._frames.told_at(frame, event.position())
        if text:
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(12, 0), text, self)

    def _mark_old(self, painter: QPainter, area: QRect, ratio: float) -> None:
        """An old picture is never shown as live: hatched, with a word."""
        hatch = QBrush(QColor(self._colours.background), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(area, hatch)
        painter.setPen(QColor(self._colours.fault))
        painter.setFont(theme.font(round(16 * ratio)))
        inside = area.adjusted(round(8 * ratio), round(8 * ratio), 0, 0)
        corner = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(inside, corner, self.tr("△ NOT LIVE"))

    def _nothing(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._colours.muted))
        painter.setFont(theme.font(theme.TEXT_PX))
        text = self.tr("Select a device with a thermal sensor.")
        if self._device is not None:
            text = self.tr("This device has sent no thermal picture.")
            if self._device.waiting_calibration:
                text = self.tr("Waiting for the calibration memory of the sensor.")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
