"""What can be done with the picture of a camera beside looking at it."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.ids import CameraId
from embereye.runtime.worker import PlainThreads
from embereye.ui.beside import found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.mask_editor import MaskEditor
from embereye.ui.model_console import ModelConsole
from embereye.ui.snapshots import Snapshots
from embereye.ui.theme import Tokens
from embereye.ui.zone_editor import ZoneEditor


class CameraPictures(QObject):
    """Saves snapshots and opens the editors of privacy masks, zones and lines. GUI thread.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(
        self,
        console: ModelConsole,
        bridge: Bridge,
        demands: Demands,
        colours: Tokens,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._console = console
        self._bridge = bridge
        self._demands = demands
        self._colours = colours
        self._window = window
        self._snapshots = Snapshots(console, demands, PlainThreads(), window)
        self._snapshots.noticed.connect(self.noticed)

    @Slot(object)
    def save(self, camera: CameraId | None) -> None:
        """Save what this camera shows now; None: nobody chose one."""
        if camera is None:
            self.noticed.emit(self.tr("Select a camera first."))
        else:
            self._snapshots.take(camera)

    @Slot(object)
    def mask(self, camera: CameraId) -> None:
        """Draw privacy masks on its picture."""
        self._open(MaskEditor, f"masks of {camera}", camera)

    @Slot(object)
    def zone(self, camera: CameraId) -> None:
        """Draw zones and lines on its picture."""
        self._open(ZoneEditor, f"zones of {camera}", camera)

    def _open(
        self, editor: type[MaskEditor] | type[ZoneEditor], name: str, camera: CameraId
    ) -> None:
        cameras = self._console.cameras().cameras
        status = next((c for c in cameras if c.id == camera), None)
        if status is None or found(self._window, name):
            return
        args = self._console, self._bridge, self._demands, self._colours
        show_beside(editor(*args, status, self._window), name)
