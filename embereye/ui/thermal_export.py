"""Saving a thermal picture: CSV and NPZ with its temperatures, PNG with its colours."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, Signal, Slot
from PySide6.QtGui import QCursor, QImageWriter
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from embereye.model.reading import ThermalFrame
from embereye.model.thermal import RegionReading
from embereye.services.thermal_snapshot import as_csv, as_npz
from embereye.ui.heat import Toning, tone

_PICTURE = (1280, 960)  # px of an exported picture: 40 for each cell


class ThermalExport(QObject):
    """Three buttons and what they do with the picture that was shown last. GUI thread.

    Signals:
        noticed: (str) what happened, for the status line
    """

    noticed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
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
        if self._frame is not None:
            self._save("csv", as_csv(self._frame, self._name, self._regions))

    @Slot()
    def _save_npz(self) -> None:
        if self._frame is not None:
            self._save("npz", as_npz(self._frame, self._name, self._regions))

    @Slot()
    def _save_png(self) -> None:
        if self._frame is not None:
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            writer = QImageWriter(buffer, QByteArray(b"png"))
            writer.write(tone(self._frame, _PICTURE, self._toning))
            self._save("png", bytes(buffer.data().data()))

    def _save(self, ending: str, content: bytes) -> None:
        if self._frame is None:
            return
        name = f"{self._frame.device}-{self._frame.at.utc:.0f}.{ending}"
        caption = self.tr("Save the thermal picture")
        path, _ = QFileDialog.getSaveFileName(self._window, caption, name, f"*.{ending}")
        if not path:
            return
        try:
            Path(path).write_bytes(content)
        except OSError as error:
            text = self.tr("{0} could not be written: {1}.").format(path, error.strerror)
            self.noticed.emit(text)
        else:
            self.noticed.emit(self.tr("Saved {0}.").format(path))
