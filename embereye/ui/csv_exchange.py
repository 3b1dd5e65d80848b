"""The list of devices out to a table and back, without waiting for the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.config.schema import Device
from embereye.model.device_messages import ImportDevicesAsked
from embereye.runtime.worker import ThreadHost
from embereye.services.device_csv import read, write
from embereye.ui.beside import Complaint, FileChooser, Question, found, show_beside
from embereye.ui.console import Console
from embereye.ui.errand import Errand


class CsvExchange(QObject):
    """Asks for a file, then reads or writes it in a thread of its own. GUI thread.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(self, console: Console, threads: ThreadHost, window: QWidget) -> None:
        super().__init__(window)
        self._console = console
        self._threads = threads
        self._window = window
        self._rows: tuple[Mapping[str, object], ...] = ()

    @Slot()
    def export(self) -> None:
        """Write the registered devices to a file."""
        if found(self._window, "export devices"):
            return
        chooser = FileChooser(self.tr("Export the devices"), self._window, "*.csv")
        chooser.to_write("devices.csv", "csv")
        chooser.chosen.connect(self._write)
        show_beside(chooser, "export devices")

    @Slot()
    def take(self) -> None:
        """Register and change devices from a file, all or none."""
        if found(self._window, "import devices"):
            return
        chooser = FileChooser(self.tr("Import devices"), self._window, "*.csv")
        chooser.chosen.connect(self._read)
        show_beside(chooser, "import devices")

    @Slot(str)
    def _write(self, path: str) -> None:
        devices = self._console.settings().devices
        errand = self._errand(path)
        errand.done.connect(self._written)
        errand.start("export devices", lambda: _write(path, devices))

    @Slot(str)
    def _read(self, path: str) -> None:
        errand = self._errand(path)
        errand.done.connect(self._ask)
        errand.start("import devices", lambda: _Table(path, read(Path(path).read_bytes())))

    def _errand(self, path: str) -> Errand:
        errand = Errand(self._threads, self)
        errand.failed.connect(self._complain)
        self.noticed.emit(self.tr("Waiting for {0} …").format(path))
        return errand

    @Slot(object)
    def _written(self, written: "_Written") -> None:
        text = self.tr("{0} devices written to {1}.")
        self.noticed.emit(text.format(written.count, written.path))

    @Slot(object)
    def _ask(self, table: "_Table") -> None:
        if found(self._window, "import question"):
            self.noticed.emit(self.tr("Answer the question about the other table first."))
            return
        self._rows = rows = table.rows
        known = {device.id for device in self._console.settings().devices}
        changed = sum(row.get("id") in known for row in rows)
        text = self.tr("Take {0} devices from {1}? {2} are registered and change, {3} are new.")
        question = Question(
            self.tr("Import devices"),
            text.format(len(rows), Path(table.path).name, changed, len(rows) - changed),
            self.tr("Import"),
            self._window,
        )
        question.agreed.connect(self._import)
        show_beside(question, "import question")

    @Slot()
    def _import(self) -> None:
        self._console.ask(ImportDevicesAsked(self._rows, self._console.settings().operator))

    @Slot(str)
    def _complain(self, text: str) -> None:
        self.noticed.emit(self.tr("The list of devices was neither read nor written."))
        show_beside(Complaint(self.tr("List of devices"), text, self._window))


@dataclass(frozen=True, slots=True)
class _Table:
    """What was read."""

    path: str
    rows: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """How many devices went where."""

    path: str
    count: int


def _write(path: str, devices: tuple[Device, ...]) -> _Written:
    Path(path).write_bytes(write(devices))
    return _Written(path, len(devices))
