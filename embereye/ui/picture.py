"""A tile's pixels as something Qt can draw."""

from functools import lru_cache

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from embereye.model.frame import Tile
from embereye.ui.viewport import WHOLE, Viewport

_EXACT = 1.5  # px by which a part may miss the place it fills and still be copied as it is


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

    def draw(self, painter: QPainter, area: QRect, live: bool, view: Viewport = WHOLE) -> None:
        """Draw what `view` shows into `area` (device pixels): in its colours only when live."""
        image = self._image if live else self._without_colour()
        if view is not WHOLE:
            _draw_part(painter, area, image, view)
        elif image.width() == area.width() and image.height() == area.height():
            painter.drawImage(area.topLeft(), image)
        else:  # only until pictures of the new size arrive
            painter.drawImage(QRectF(area), image)

    def fitted(self, area: QRect) -> QRect:
        """Where the picture lies in `area` with its own aspect ratio, centred."""
        return _fitted(*self.size, area.x(), area.y(), area.width(), area.height())

    def _without_colour(self) -> QImage:
        if self._grey is None:
            self._grey = self._image.convertToFormat(QImage.Format.Format_Grayscale8)
        return self._grey


def _draw_part(painter: QPainter, area: QRect, image: QImage, view: Viewport) -> None:
    part, width, height = view.part, image.width(), image.height()
    across, down = part.width * width, part.height * height
    if abs(across - area.width()) < _EXACT and abs(down - area.height()) < _EXACT:
        left = max(0, min(round(part.x * width), width - area.width()))
        top = max(0, min(round(part.y * height), height - area.height()))
        painter.drawImage(area.topLeft(), image, QRect(left, top, area.width(), area.height()))
        return
    painter.save()  # no more detail than this: smooth, not blocks that look like things
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(area), image, QRectF(part.x * width, part.y * height, across, down))
    painter.restore()


@lru_cache(maxsize=2048)  # one entry a tile and layout; saves 5 % of the GUI thread's time
def _fitted(width: int, height: int, x: int, y: int, across: int, down: int) -> QRect:
    inside = width <= across and height <= down
    near = width >= across - 1 or height >= down - 1
    if not (inside and near):
        scale = min(across / width, down / height)
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    return QRect(x + (across - width) // 2, y + (down - height) // 2, width, height)
