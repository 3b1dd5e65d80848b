"""Everything that a tile of the wall offers, also for the keyboard's menu key."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from embereye.config.schema import Camera
from embereye.ingest.url import is_url
from embereye.ui.freshness import Remedy
from embereye.ui.overlay_menu import OverlayMenu


class TileMenu(QMenu):
    """The context menu of one camera's tile. GUI thread.

    Attributes:
        entries: What each entry means, as `WallPage` knows it; a remedy by its name.
        overlays: What is drawn over its picture.
    """

    def __init__(
        self, camera: Camera, parent: QWidget, *, alarmed: bool, zoomed: bool, off: bool
    ) -> None:
        """Fill it.

        Args:
            alarmed: Whether an alarm of the camera waits for somebody.
            zoomed: Whether a part of the picture is shown only.
            off: Whether the camera is switched off.
        """
        super().__init__(parent)
        self.entries: dict[QAction, str] = {}
        self.overlays = OverlayMenu(camera, self)
        if alarmed:
            self._add(self.tr("Acknowledge the alarm\tA"), "acknowledge")
            self.addSeparator()
        self._add(self.tr("Maximise or restore\tEnter"), "maximise")
        self._add(self.tr("Freeze or run\tSpace"), "freeze")
        self._add(self.tr("Thermal overlay\tT"), "thermal")
        self._add(self.tr("Boxes, contours, traces, zones\tO"), "boxes")
        self.addMenu(self.overlays)
        self._add(self.tr("Rate and age of pictures\tF"), "figures")
        self._add(self.tr("Save a snapshot …\tS"), "snapshot")
        if zoomed:
            self._add(self.tr("Reset the zoom\t0"), "reset")
        if is_url(camera.source):
            self._add(self.tr("Move the camera (PTZ)\tP"), "ptz")
        self.addSeparator()
        for remedy in (Remedy.ENABLE,) if off else (Remedy.RETRY, Remedy.EDIT, Remedy.PASSWORD):
            self._add(self.tr(remedy.value), remedy.name)
        self._add(self.tr("Privacy masks …"), "masks")
        self._add(self.tr("Zones and lines …"), "zones")

    def _add(self, caption: str, meaning: str) -> None:
        self.entries[self.addAction(caption)] = meaning
