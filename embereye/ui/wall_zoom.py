"""Digital zoom and pan on the wall, whoever asks for it: wheel, hand, keys, menu."""

from PySide6.QtCore import QPoint

from embereye.model.ids import CameraId
from embereye.ui.viewport import WHOLE
from embereye.ui.wall import WallCanvas

_KEY_PAN = 0.2  # of what is shown, for one press of a key


class WallZoom:
    """Turns gestures on one canvas into viewports. GUI thread."""

    def __init__(self, canvas: WallCanvas) -> None:
        self._canvas = canvas

    def spot(self, at: QPoint) -> tuple[CameraId, float, float] | None:
        """The camera at a place of the widget, and where in what is shown of its picture (0…1).

        None where there is no picture.
        """
        camera, _ = self._canvas.hit(at)
        area = None if camera is None else self._canvas.picture_area(camera)
        if camera is None or area is None:
            return None
        ratio = self._canvas.devicePixelRatioF()
        x = (at.x() * ratio - area.x()) / area.width()
        y = (at.y() * ratio - area.y()) / area.height()
        return (camera, x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None

    def zoomed(self, camera: CameraId | None) -> bool:
        """Whether a part of its picture is shown only."""
        return camera is not None and not self._canvas.zooms.of(camera).whole

    def turn(self, at: QPoint, notches: int) -> None:
        """The wheel was turned over a place of the widget; away from the person: nearer."""
        spot = self.spot(at)
        if spot is not None:
            camera, x, y = spot
            self._canvas.look_at(camera, self._canvas.zooms.of(camera).zoomed(notches, x, y))

    def drag(self, camera: CameraId, by: QPoint) -> None:
        """The picture was moved by the hand, logical px."""
        area = self._canvas.picture_area(camera)
        if area is not None:
            ratio = self._canvas.devicePixelRatioF()
            across, down = by.x() * ratio / area.width(), by.y() * ratio / area.height()
            self._canvas.look_at(camera, self._canvas.zooms.of(camera).panned(across, down))

    def step(self, notches: int) -> bool:
        """Zoom the selected picture from the keyboard; False where there is none."""
        camera = self._canvas.selected
        if camera is None or self._canvas.picture_area(camera) is None:
            return False
        self._canvas.look_at(camera, self._canvas.zooms.of(camera).zoomed(notches))
        return True

    def shift(self, right: int, down: int) -> bool:
        """Look farther right or down (−1, 0, 1) in the selected picture; False if it is whole."""
        camera = self._canvas.selected
        if camera is None or not self.zoomed(camera):
            return False
        view = self._canvas.zooms.of(camera).panned(-right * _KEY_PAN, -down * _KEY_PAN)
        self._canvas.look_at(camera, view)
        return True

    def reset(self, camera: CameraId | None) -> bool:
        """Show the whole picture again; False where it is shown already."""
        if camera is None or not self.zoomed(camera):
            return False
        self._canvas.look_at(camera, WHOLE)
        return True
