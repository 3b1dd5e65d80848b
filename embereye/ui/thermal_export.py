"""Saving a thermal picture: CSV and NPZ with its temperatures, PNG with its colours."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, Signal, Slot
from PySide6.QtGui import QCursor, QImageWriter
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from embereye.model.reading import ThermalFrame
from embereye.model.thermal import RegionReading
from embereye.runtime.worker import ThreadHost
from embereye.services.thermal_snapshot import as_csv, as_npz
from embereye.ui.beside import FileChooser, found, show_beside
from embereye.ui.errand import Errand
from embereye.ui.heat import Toning, tone

Content = Callable[[], bytes]
_PICTURE = (1280, 960)  # px of an exported picture: 40 for each cell


class ThermalExport(QObject):
    """Three buttons and what they do with the picture that was shown last. GUI thread.

    Signals:
        noticed: (str) what happened, for the status line
    """

    noticed = Signal(str)

    def __init__(self, threads: ThreadHost, parent: QWidget) -> None:
        super().__init__(parent)
        self._threads = threads
        self._window = parent
        self._content: Content = bytes
        self._frame: ThermalFrame | None = None
        self._name = ""
        self._regions: tuple[RegionReading, ...] = ()
        self._toning = Toning("inferno")
        self.csv_button = QPushButton(self.tr("CSV …"))
        self.csv_button.clicked.connect(self._save_csv)
        self.npz_button = QPushButton(self.tr("NPZ …"))
        self.npz_button.clicked.connect(self._save_npz)
        self.png_button = QPushButton(self.tr("PNG …"))
        self.png_button.clicked.connect(self._save_png)
        self.buttons = (self.csv_button, self.npz_button, self.png_button)

    def show(
        self,
        frame: ThermalFrame | None,
        name: str,
        regions: Sequence[RegionReading],
        toning: Toning,
    ) -> None:
        """What would be saved now."""
        self._frame, self._name, self._toning = frame, name, toning
        self._regions = tuple(regions)
        for button in self.buttons:
            button.setEnabled(frame is not None)

    def ask(self, frame: ThermalFrame, name: str, toning: Toning) -> None:
        """Let the operator choose in which form this picture is saved."""
        self.show(frame, name, (), toning)
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.csv_button.text(), self._save_csv)
        menu.addAction(self.npz_button.text(), self._save_npz)
        menu.addAction(self.png_button.text(), self._save_png)
        menu.popup(QCursor.pos())

    @Slot()
    def _save_csv(self) -> None:
        frame, name, regions = self._frame, self._name, self._regions
        if frame is not None:
            self._choose("csv", lambda: as_csv(frame, name, regions))

    @Slot()
    def _save_npz(self) -> None:
        frame, name, regions = self._frame, self._name, self._regions
        if frame is not None:
            self._choose("npz", lambda: as_npz(frame, name, regions))

    @Slot()
    def _save_png(self) -> None:
        frame, toning = self._frame, self._toning
        if frame is not None:
            self._choose("png", lambda: _as_png(frame, toning))

    def _choose(self, ending: str, content: Content) -> None:
        """Ask for a file; what is saved is what was shown now, however long the choice takes."""
        if self._frame is None or found(self._window, "save picture"):
            return
        self._content = content
        chooser = FileChooser(self.tr("Save the thermal picture"), self._window, f"*.{ending}")
        chooser.to_write(f"{self._frame.device}-{self._frame.at.utc:.0f}.{ending}", ending)
        chooser.chosen.connect(self._write)
        show_beside(chooser, "save picture")

    @Slot(str)
    def _write(self, path: str) -> None:
        content = self._content
        errand = Errand(self._threads, self)
        errand.done.connect(self._written)
        errand.failed.connect(self._failed)
        errand.start("save picture", lambda: _write(path, content))

    @Slot(object)
    def _written(self, path: str) -> None:
        self.noticed.emit(self.tr("Saved {0}.").format(path))

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.noticed.emit(self.tr("The picture could not be saved: {0}.").format(text))


def _write(path: str, content: Content) -> str:
    Path(path).write_bytes(content())
    return path


def _as_png(frame: ThermalFrame, toning: Toning) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(tone(frame, _PICTURE, toning))
    return bytes(buffer.data().data())
