"""Saving a picture of a camera as it is now."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.camera_messages import SnapshotSaved
from embereye.model.frame import Tile
from embereye.model.ids import CameraId
from embereye.runtime.worker import ThreadHost
from embereye.services.safe_file import write_whole
from embereye.services.snapshot import Snapshot, encoded, file_name, snapshot_of
from embereye.ui.beside import Complaint, FileChooser, found, show_beside
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.errand import Errand
from embereye.ui.full_picture import FullPicture

_CAPTION = 40  # characters of a camera's name in the title of a dialog


class Snapshots(QObject):
    """Takes pictures and saves them, one of a camera at a time. GUI thread.

    What is saved is what the camera showed when it was asked for, however long the choice of a
    file takes: its own pixels, with its privacy masks and without anything that is drawn on tiles.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(
        self, console: Console, demands: Demands, threads: ThreadHost, window: QWidget
    ) -> None:
        super().__init__(window)
        self._console = console
        self._demands = demands
        self._threads = threads
        self._window = window

    @Slot(object)
    def take(self, camera: CameraId) -> None:
        """Take a picture of this camera, then ask for a file."""
        name = f"snapshot of {camera}"
        if found(self._window, name) or self.findChild(_Shot, name) is not None:
            return
        shot = _Shot(self._console, self._threads, self._window, self)
        shot.setObjectName(name)
        shot.noticed.connect(self.noticed)
        picture = FullPicture(self._console, self._demands, camera, shot)
        picture.taken.connect(shot.ask)
        picture.failed.connect(shot.refuse)
        picture.start()


class _Shot(QObject):
    """One picture on its way to a file.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(
        self, console: Console, threads: ThreadHost, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._console = console
        self._threads = threads
        self._window = window
        self._snapshot: Snapshot | None = None

    @Slot(object)
    def ask(self, tile: Tile) -> None:
        """It is taken: where to?"""
        cameras = self._console.cameras().cameras
        name = next((c.name for c in cameras if c.id == tile.camera), str(tile.camera))
        self._snapshot = snapshot_of(tile, name)
        caption = self.tr("Save a snapshot of {0}").format(name[:_CAPTION])
        patterns = self.tr("PNG, nothing lost (*.png);;JPEG, smaller (*.jpg *.jpeg)")
        chooser = FileChooser(caption, self._window, patterns)
        chooser.to_write(file_name(self._snapshot), "png")
        chooser.filterSelected.connect(self._change_ending)
        chooser.chosen.connect(self._write)
        chooser.rejected.connect(self.deleteLater)
        self._chooser = chooser
        show_beside(chooser, self.objectName())

    @Slot(str)
    def refuse(self, text: str) -> None:
        """There is none."""
        self.noticed.emit(self.tr("△ No snapshot: {0}").format(text))
        self.deleteLater()

    @Slot(str)
    def _change_ending(self, pattern: str) -> None:
        """The other kind of file: the name that is proposed ends otherwise."""
        ending = "png" if "*.png" in pattern else "jpg"
        self._chooser.setDefaultSuffix(ending)
        for chosen in self._chooser.selectedFiles():
            path = Path(chosen)
            if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
                self._chooser.selectFile(path.with_suffix(f".{ending}").name)

    @Slot(str)
    def _write(self, path: str) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        place = Path(path)
        replace = place.exists()  # the operator just agreed to that
        errand = Errand(self._threads, self)
        errand.done.connect(self._written)
        errand.failed.connect(self._complain)
        errand.start("save snapshot", lambda: _saved(snapshot, place, replace))

    @Slot(object)
    def _written(self, saved: "_Saved") -> None:
        actor = self._console.settings().operator
        taken = saved.snapshot
        self._console.ask(SnapshotSaved(taken.camera, taken.utc, str(saved.path), actor))
        self.noticed.emit(self.tr("Saved {0}.").format(saved.path))
        self.deleteLater()

    @Slot(str)
    def _complain(self, text: str) -> None:
        title = self.tr("The snapshot was not saved")
        self.noticed.emit(f"△ {title}.")
        show_beside(Complaint(title, text, self._window))
        self.deleteLater()


@dataclass(frozen=True, slots=True)
class _Saved:
    """What lies where."""

    snapshot: Snapshot
    path: Path


def _saved(snapshot: Snapshot, path: Path, replace: bool) -> _Saved:
    write_whole(path, encoded(snapshot, path.suffix), replace=replace)
    return _Saved(snapshot, path)
