"""The newest picture of one camera for a widget that draws on it."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.camera import CameraStatus
from embereye.model.ids import CameraId
from embereye.ui import freshness
from embereye.ui.console import Console
from embereye.ui.demands import Demands, Size
from embereye.ui.picture import Picture

_PERIOD = 100  # ms between looks; who draws lines on a picture needs no 25 a second


class NewestPicture(QObject):
    """Wants pictures of a size while it is started, and looks for newer ones. GUI thread.

    Signals:
        changed: () there is a newer picture, or the one there is got old
        looked: () it was looked whether there is

    Attributes:
        picture: The newest one; None before the first.
        live: Whether it may look live.
    """

    changed = Signal()
    looked = Signal()

    def __init__(
        self, console: Console, demands: Demands, camera: CameraId, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self.live = False
        self._console = console
        self._demands = demands
        self._camera = camera
        self._size: Size = (2, 2)
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.look)

    def start(self, size: Size) -> None:
        """Want pictures fitted into this size (device px), in place of any size before."""
        self._size = size
        self._demands.want(self, {self._camera: size})
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Want none any more."""
        self._timer.stop()
        self._demands.want(self, {})

    @Slot()
    def look(self) -> None:
        """Take the newest picture."""
        before = self.picture, self.live
        tile = self._console.tile(self._camera, *self._size)
        if tile is not None and (self.picture is None or tile is not self.picture.tile):
            self.picture = Picture(tile)
        self.live = self._looks_live()
        if before != (self.picture, self.live):
            self.changed.emit()
        self.looked.emit()

    def _looks_live(self) -> bool:
        status = self._status()
        if status is None or self.picture is None:
            return False
        age = self._console.clock.mono() - self.picture.tile.at.mono
        return freshness.look(status, max(0.0, age)).live

    def _status(self) -> CameraStatus | None:
        cameras = self._console.cameras().cameras
        return next((c for c in cameras if c.id == self._camera), None)
