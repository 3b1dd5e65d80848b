"""The thermal picture of one device, large, with scale and hottest cell."""

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from embereye.model.reading import COLUMNS, ROWS, DeviceState, DeviceStatus, ThermalFrame
from embereye.ui import heat, overlay, theme
from embereye.ui.labels import Labels
from embereye.ui.theme import Tokens


class ThermalView(QWidget):
    """Shows a device's newest frame, 4 : 3. GUI thread.

    Attributes:
        palette: Name of the colours.
    """

    def __init__(self, colours: Tokens, palette: str) -> None:
        super().__init__()
        self._colours = colours
        self._labels = Labels()
        self._device: DeviceStatus | None = None
        self._image: QImage | None = None
        self._made: tuple[object, ...] = ()
        self.palette_name = palette
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
        area = self._area(ratio)
        painter.drawImage(area.topLeft(), self._rendered(frame, area))
        overlay.draw_hottest(painter, area, frame, self._labels, round(18 * ratio))
        overlay.draw_scale(painter, area, frame, self.palette_name, self._labels, round(11 * ratio))
        if self._device is not None and self._device.state is not DeviceState.LIVE:
            self._mark_old(painter, area, ratio)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the temperature under the mouse."""
        frame = None if self._device is None else self._device.thermal
        area = self._area(1.0)
        at = event.position() - QPointF(area.topLeft())
        column = int(at.x() * COLUMNS / area.width())
        row = int(at.y() * ROWS / area.height())
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

    def _area(self, ratio: float) -> QRect:
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        fitted = min(width, height * COLUMNS // ROWS)
        tall = fitted * ROWS // COLUMNS
        return QRect((width - fitted) // 2, (height - tall) // 2, max(1, fitted), max(1, tall))

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
