"""What can be done with the list of cameras, and the dialogs behind it."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.camera import CameraStatus
from embereye.model.camera_messages import MoveCameraAsked, RemoveCameraAsked
from embereye.model.ids import CameraId
from embereye.runtime.worker import PlainThreads
from embereye.services.camera_finder import CameraDraft
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.camera_form import CameraForm, FormConsole
from embereye.ui.csv_exchange import CsvExchange, cameras_of
from embereye.ui.find_cameras import FindCameras, FinderConsole
from embereye.ui.theme import Tokens


class CameraConsole(FormConsole, FinderConsole, Protocol):
    """What can be done with cameras needs this of the program."""


class CameraActions(QObject):
    """Sends requests about cameras. GUI thread.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(
        self, console: CameraConsole, bridge: Bridge, window: QWidget, colours: Tokens
    ) -> None:
        super().__init__(window)
        self._console = console
        self._bridge = bridge
        self._window = window
        self._colours = colours
        self._threads = PlainThreads()
        self.exchange = CsvExchange(console, self._threads, window, cameras_of(console))
        self.exchange.noticed.connect(self.noticed)

    @Slot()
    def find(self) -> None:
        """Look for cameras in the network."""
        if not found(self._window, "find cameras"):
            dialog = FindCameras(self._console, self._colours, self._threads, self._window)
            dialog.chosen.connect(self._add_draft)
            show_beside(dialog, "find cameras")

    @Slot(object)
    def _add_draft(self, draft: CameraDraft) -> None:
        name = f"add {draft.values['source']}"
        for former in self._window.findChildren(CameraForm, name):
            former.close()  # its login may be another one
        form = CameraForm(self._console, self._bridge, self._threads, None, self._window, draft)
        show_beside(form, name)

    @Slot()
    def add(self) -> None:
        """Put a camera on the wall."""
        if not found(self._window, "add camera"):
            form = CameraForm(self._console, self._bridge, self._threads, None, self._window)
            show_beside(form, "add camera")

    def edit(self, camera: CameraStatus) -> None:
        """Change its settings."""
        name = f"camera {camera.id}"
        rows = self._console.settings().cameras
        row = next((r for r in rows if r.id == camera.id), None)
        if row is not None and not found(self._window, name):
            form = CameraForm(self._console, self._bridge, self._threads, row, self._window)
            show_beside(form, name)

    def move(self, camera: CameraStatus, by: int) -> None:
        """Earlier (below 0) or later in the order of the wall."""
        rows = [row.id for row in self._console.settings().cameras]
        to = rows.index(camera.id) + by if camera.id in rows else -1
        if 0 <= to < len(rows):
            self._console.ask(MoveCameraAsked(camera.id, to, self._console.settings().operator))

    def remove(self, camera: CameraStatus) -> None:
        """Take it off the wall, after a question."""
        name = f"remove camera {camera.id}"
        if found(self._window, name):
            return
        text = self.tr(
            "Remove {0} from the wall? It is neither shown nor looked at any more; what was stored"
            " of it stays."
        ).format(camera.name)
        title = self.tr("Remove {0}").format(camera.name)
        question = Question(title, text, self.tr("Remove"), self._window, camera.id)
        question.agreed.connect(self._remove)
        show_beside(question, name)

    @Slot(object)
    def _remove(self, camera: CameraId) -> None:
        self._console.ask(RemoveCameraAsked(camera, self._console.settings().operator))
