"""What is drawn over the picture of one camera, to be switched in a menu; kept in its settings."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from embereye.config.schema import Camera
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.ids import CameraId
from embereye.ui.tile_scene import Overlay


class OverlayMenu(QMenu):
    """One entry for each overlay of a camera, ticked where it is switched on. GUI thread."""

    def __init__(self, camera: Camera, parent: QMenu) -> None:
        super().__init__(_tr("Overlays of this camera"), parent)
        self._camera = camera
        self._entries: dict[Overlay, QAction] = {}
        for overlay, caption in (
            (Overlay.BOXES, _tr("Boxes of what was found")),
            (Overlay.CONTOUR, _tr("Contour of smoke")),
            (Overlay.TRACE, _tr("Way of what moves")),
            (Overlay.ZONES, _tr("Zones and lines")),
        ):
            entry = self.addAction(caption)
            entry.setCheckable(True)
            entry.setChecked(overlay.value in camera.overlays)
            self._entries[overlay] = entry

    def request(self, actor: str) -> EditCameraAsked | None:
        """What to ask for after the menu was used; None: nothing was switched."""
        wanted = [overlay.value for overlay, entry in self._entries.items() if entry.isChecked()]
        if set(wanted) == set(self._camera.overlays):
            return None
        return EditCameraAsked(CameraId(self._camera.id), {"overlays": wanted}, actor)


def _tr(text: str) -> str:
    return QCoreApplication.translate("OverlayMenu", text)
