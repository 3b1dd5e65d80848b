"""The one-click ways out of a fault, and the dialogs behind them."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.ids import CameraId
from embereye.model.reading import DeviceStatus
from embereye.ui.beside import found, show_beside
from embereye.ui.console import Console
from embereye.ui.dialogs import AssignDialog, PasswordDialog
from embereye.ui.freshness import Remedy, RemedyAsked
from embereye.ui.wishes import Wishes


class Remedies(QObject):
    """Does what the buttons on tiles and pages promise. GUI thread.

    Signals:
        noticed: (str) a word for the status line
        edit_asked: (CameraStatus) its settings are to be changed
    """

    noticed = Signal(str)
    edit_asked = Signal(object)

    def __init__(self, console: Console, wishes: Wishes, window: QWidget) -> None:
        super().__init__(window)
        self._console = console
        self._wishes = wishes
        self._window = window

    @Slot(object)
    def camera(self, asked: RemedyAsked) -> None:
        """Retry, enable, ask for a password or edit a camera."""
        camera = self._camera(asked.camera)
        if camera is None:
            return
        if asked.remedy is Remedy.RETRY:
            self._wishes.retry(camera.id)
            self.noticed.emit(self.tr("Connecting to {0} again …").format(camera.name))
        elif asked.remedy is Remedy.ENABLE:
            self._wishes.enable(camera.id, True)
        elif asked.remedy is Remedy.PASSWORD:
            if not found(self._window, f"password of {camera.id}"):
                login = PasswordDialog(camera, self._user(camera.id), self._wishes, self._window)
                show_beside(login, f"password of {camera.id}")
        else:
            self.edit_asked.emit(camera)

    @Slot(object)
    def switch(self, camera: CameraStatus) -> None:
        """Enable or disable a camera."""
        self._wishes.enable(camera.id, camera.state is CameraState.DISABLED)

    @Slot(object)
    def assign(self, device: DeviceStatus) -> None:
        """Give a device its place."""
        if not found(self._window, f"place of {device.id}"):
            dialog = AssignDialog(self._console, device, self._wishes, self._window)
            show_beside(dialog, f"place of {device.id}")

    def _camera(self, camera: CameraId) -> CameraStatus | None:
        return next((c for c in self._console.cameras().cameras if c.id == camera), None)

    def _user(self, camera: CameraId) -> str:
        return next((c.user for c in self._console.settings().cameras if c.id == camera), "")
