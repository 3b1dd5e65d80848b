"""A tile's pixels as something Qt can draw."""

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from embereye.model.frame import Tile


class Picture:
    """One tile wrapped in an image without a copy; keeps the pixels alive. GUI thread."""

    __slots__ = ("_grey", "_image", "tile")

    def __init__(self, tile: Tile) -> None:
        height, width = tile.pixels.shape[:2]
        self.tile = tile
        self._image = QImage(tile.pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)
        self._grey: QImage | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in device pixels."""
        return self._image.width(), self._image.height()

    def draw(self, painter: QPainter, area: QRect, live: bool) -> None:
        """Draw into `area` (device pixels): as it is when live, else without colour."""
        image = self._image if live else self._without_colour()
        if image.width() == area.width() and image.height() == area.height():
            painter.drawImage(area.topLeft(), image)
        else:  # only until pictures of the new size arrive
            painter.drawImage(QRectF(area), image)

    def fitted(self, area: QRect) -> QRect:
        """Where the picture lies in `area` with its own aspect ratio, centred."""
        width, height = self.size
        exact = width <= area.width() and height <= area.height()
        near = width >= area.width() - 1 or height >= area.height() - 1
        if not (exact and near):
            scale = min(area.width() / width, area.height() / height)
            width, height = max(1, round(width * scale)), max(1, round(height * scale))
        x = area.x() + (area.width() - width) // 2
        y = area.y() + (area.height() - height) // 2
        return QRect(x, y, width, height)

    def _without_colour(self) -> QImage:
        if self._grey is None:
            self._grey = self._image.convertToFormat(QImage.Format.Format_Grayscale8)
        return self._grey
