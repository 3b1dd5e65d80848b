"""A thermal picture with its scale and hottest cell, for the widgets that show one."""

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from embereye.model.reading import COLUMNS, ROWS, ThermalFrame
from embereye.ui import heat, overlay
from embereye.ui.labels import Labels


class FramePainter:
    """Draws frames into a widget, 4 : 3; renders only when something changed. GUI thread.

    Attributes:
        palette_name: Name of the colours.
        labels: For further texts on the picture.
    """

    def __init__(self, widget: QWidget, palette_name: str) -> None:
        self.palette_name = palette_name
        self.labels = Labels()
        self._widget = widget
        self._image: QImage | None = None
        self._made: tuple[object, ...] = ()

    def area(self, ratio: float) -> QRect:
        """Where the picture lies, in device pixels of that ratio."""
        width = round(self._widget.width() * ratio)
        height = round(self._widget.height() * ratio)
        fitted = min(width, height * COLUMNS // ROWS)
        tall = fitted * ROWS // COLUMNS
        return QRect((width - fitted) // 2, (height - tall) // 2, max(1, fitted), max(1, tall))

    def draw(self, painter: QPainter, frame: ThermalFrame, area: QRect, ratio: float) -> None:
        """The picture with scale and hottest cell; `painter` counts device pixels."""
        painter.drawImage(area.topLeft(), self._rendered(frame, area))
        overlay.draw_hottest(painter, area, frame, self.labels, round(18 * ratio))
        overlay.draw_scale(painter, area, frame, self.palette_name, self.labels, round(11 * ratio))

    def told_at(self, frame: ThermalFrame | None, position: QPointF) -> str:
        """The temperature at a place of the widget, "" where there is none."""
        if frame is None or frame.celsius is None:
            return ""
        area = self.area(1.0)
        at = position - QPointF(area.topLeft())
        column, row = int(at.x() * COLUMNS / area.width()), int(at.y() * ROWS / area.height())
        inside = 0 <= row < ROWS and 0 <= column < COLUMNS
        return f"{frame.celsius[row, column]:.1f} °C" if inside else ""

    def _rendered(self, frame: ThermalFrame, area: QRect) -> QImage:
        made = (frame, area.width(), area.height(), self.palette_name)
        if self._image is None or made != self._made:
            size = (area.width(), area.height())
            self._image = heat.render(frame, size, self.palette_name, opaque=True)
            self._made = made
        return self._image
