"""One picture of a camera as large as the camera sends it."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.frame import Tile
from embereye.model.ids import CameraId
from embereye.ui import freshness
from embereye.ui.console import Console
from embereye.ui.demands import Demands, Size

_LOOK = 20  # ms between looks; half of the time between two pictures of 25 a second
_PATIENCE = 3.0  # s until it is given up
_BETTER = 2.0  # s of it for a larger stream to begin, where the camera has one
_MAIN = (1920, 1080)  # px; what cameras with a sub stream offer at least, as for digital zoom
_LARGEST = 4096  # px a side that capture makes (ingest.views)
_SQUARE = 0.03  # of its shape; a tile of 64 px is rounded by less, no oblong pixel is so near to 1
_ROUNDED = 2  # px; sides are even


class FullPicture(QObject):
    """Wants the picture, waits for it, and tells once. GUI thread.

    Signals:
        taken: (Tile) a live picture of the size of its source
        failed: (str) there is none; why, for the operator
    """

    taken = Signal(object)
    failed = Signal(str)

    def __init__(
        self, console: Console, demands: Demands, camera: CameraId, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._console = console
        self._demands = demands
        self._camera = camera
        self._size: Size = (0, 0)
        self._begun = 0.0
        self._before: Size = (0, 0)  # of the source, when it was asked for
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin; a live picture of full size that is there already is taken at once."""
        self._begun = self._console.clock.mono()
        status = self._status()
        if status is not None:
            self._before = status.counters.width, status.counters.height
            self._want(_larger(self._before, _MAIN) if self._hopes() else self._before)
        self._timer.start()
        self.look()

    @Slot()
    def look(self) -> None:
        """Look whether it is there."""
        status = self._status()
        problem = self._problem(status)
        if status is None or problem:
            self._end()
            self.failed.emit(problem)
            return
        tile = self._live_tile(status)
        if tile is not None and not self._hopes(tile):
            full = full_size(tile)
            height, width = tile.pixels.shape[:2]
            if abs(width - full[0]) <= _ROUNDED and abs(height - full[1]) <= _ROUNDED:
                self._end()
                self.taken.emit(tile)
                return
            self._want(full)
        if self._passed() >= _PATIENCE:
            self._end()
            self.failed.emit(self._nothing_came(status))

    def _live_tile(self, status: CameraStatus) -> Tile | None:
        tile = self._console.tile(self._camera, *self._size)
        if tile is None:
            return None
        age = max(0.0, self._console.clock.mono() - tile.at.mono)
        return tile if freshness.look(status, age).live else None

    def _hopes(self, tile: Tile | None = None) -> bool:
        """Whether a larger stream may still come: the camera has one, and there was only time for
        the small one so far."""
        rows = self._console.settings().cameras
        if not any(row.id == self._camera and row.sub_source for row in rows):
            return False
        source = self._before if tile is None else (tile.source_width, tile.source_height)
        grown = source[1] > self._before[1] or source[1] >= _MAIN[1]
        return not grown and self._passed() < _BETTER

    def _problem(self, status: CameraStatus | None) -> str:
        """Why no picture of now can be had; empty while it can."""
        if status is None:
            return self.tr("This camera is not known any more.")
        if status.state is not CameraState.LIVE:
            text = self.tr("{0} shows no live picture ({1}), so nothing was taken. {2}")
            return text.format(status.name, status.state.value, status.detail).strip()
        if not freshness.look(status, 0.0).live:
            text = self.tr("The picture of {0} stands still, so nothing was taken.")
            return text.format(status.name)
        return ""

    def _nothing_came(self, status: CameraStatus) -> str:
        text = self.tr(
            "{0} sent no picture within {1:.0f} s, so nothing was taken. Look at its state and try"
            " again."
        )
        return text.format(status.name, _PATIENCE)

    def _passed(self) -> float:
        return self._console.clock.mono() - self._begun

    def _want(self, size: Size) -> None:
        if size != self._size and min(size) > 0:
            self._size = size
            self._demands.want(self, {self._camera: size})

    def _end(self) -> None:
        self._timer.stop()
        self._demands.want(self, {})
        self.deleteLater()

    def _status(self) -> CameraStatus | None:
        cameras = self._console.cameras().cameras
        return next((c for c in cameras if c.id == self._camera), None)


def full_size(tile: Tile) -> Size:
    """(width, height) of a tile that shows all of its source's pixels, square."""
    height, width = tile.pixels.shape[:2]
    shape = width / height / (tile.source_width / tile.source_height)
    across = tile.source_width * (1.0 if abs(shape - 1) < _SQUARE else shape)
    scale = min(1.0, _LARGEST / max(across, tile.source_height))
    return round(across * scale), round(tile.source_height * scale)


def _larger(one: Size, other: Size) -> Size:
    return max(one[0], other[0]), max(one[1], other[1])
