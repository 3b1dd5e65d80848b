"""Lists of devices and cameras out to a table and back, without waiting for the disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.camera_messages import ImportCamerasAsked
from embereye.model.device_messages import ImportDevicesAsked
from embereye.runtime.worker import ThreadHost
from embereye.services import camera_csv, device_csv
from embereye.ui.beside import Complaint, FileChooser, Question, found, show_beside
from embereye.ui.console import Console
from embereye.ui.errand import Errand


@dataclass(frozen=True, slots=True)
class Listed:
    """What is exchanged.

    Attributes:
        word: What it is called, in the plural; also the name of the file.
        known: Ids of what is registered.
        write: The present list as a table.
        read: The rows of a table; ConfigError when it is none.
        request: The import of rows by an operator.
    """

    word: str
    known: Callable[[], set[str]]
    write: Callable[[], tuple[int, bytes]]
    read: Callable[[bytes], tuple[Mapping[str, object], ...]]
    request: Callable[[tuple[Mapping[str, object], ...], str], object]


def devices_of(console: Console) -> Listed:
    """The registered devices."""

    def table() -> tuple[int, bytes]:
        devices = console.settings().devices
        return len(devices), device_csv.write(devices)

    return Listed(
        "devices",
        lambda: {device.id for device in console.settings().devices},
        table,
        device_csv.read,
        ImportDevicesAsked,
    )


def cameras_of(console: Console) -> Listed:
    """The cameras on the wall."""

    def table() -> tuple[int, bytes]:
        cameras = console.settings().cameras
        return len(cameras), camera_csv.write(cameras)

    return Listed(
        "cameras",
        lambda: {camera.id for camera in console.settings().cameras},
        table,
        camera_csv.read,
        ImportCamerasAsked,
    )


class CsvExchange(QObject):
    """Asks for a file, then reads or writes it in a thread of its own. GUI thread.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(
        self, console: Console, threads: ThreadHost, window: QWidget, listed: Listed
    ) -> None:
        super().__init__(window)
        self._listed = listed
        self._console = console
        self._threads = threads
        self._window = window

    @Slot()
    def export(self) -> None:
        """Write the list to a file."""
        name = f"export {self._listed.word}"
        if found(self._window, name):
            return
        caption = self.tr("Export the {0}").format(self._listed.word)
        chooser = FileChooser(caption, self._window, "*.csv")
        chooser.to_write(f"{self._listed.word}.csv", "csv")
        chooser.chosen.connect(self._write)
        show_beside(chooser, name)

    @Slot()
    def take(self) -> None:
        """Add and change from a file, all or none."""
        name = f"import {self._listed.word}"
        if found(self._window, name):
            return
        chooser = FileChooser(self._title(), self._window, "*.csv")
        chooser.chosen.connect(self._read)
        show_beside(chooser, name)

    @Slot(str)
    def _write(self, path: str) -> None:
        count, table = self._listed.write()
        errand = self._errand(path)
        errand.done.connect(self._written)
        errand.start("export", lambda: _write(path, count, table))

    @Slot(str)
    def _read(self, path: str) -> None:
        errand = self._errand(path)
        errand.done.connect(self._ask)
        read = self._listed.read
        errand.start("import", lambda: _Table(path, read(Path(path).read_bytes())))

    def _errand(self, path: str) -> Errand:
        errand = Errand(self._threads, self)
        errand.failed.connect(self._complain)
        self.noticed.emit(self.tr("Waiting for {0} …").format(path))
        return errand

    @Slot(object)
    def _written(self, written: "_Written") -> None:
        text = self.tr("{0} {1} written to {2}.")
        self.noticed.emit(text.format(written.count, self._listed.word, written.path))

    @Slot(object)
    def _ask(self, table: "_Table") -> None:
        name = f"import question {self._listed.word}"
        if found(self._window, name):
            self.noticed.emit(self.tr("Answer the question about the other table first."))
            return
        rows = table.rows
        known = self._listed.known()
        changed = sum(row.get("id") in known for row in rows)
        text = self.tr("Take {0} {1} from {2}? {3} are registered and change, {4} are new.")
        new, file = len(rows) - changed, Path(table.path).name
        question = Question(
            self._title(),
            text.format(len(rows), self._listed.word, file, changed, new),
            self.tr("Import"),
            self._window,
            rows,
        )
        question.agreed.connect(self._import)
        show_beside(question, name)

    @Slot(object)
    def _import(self, rows: tuple[Mapping[str, object], ...]) -> None:
        actor = self._console.settings().operator
        self._console.ask(self._listed.request(rows, actor))

    def _title(self) -> str:
        return self.tr("Import {0}").format(self._listed.word)

    @Slot(str)
    def _complain(self, text: str) -> None:
        what = self.tr("List of {0}").format(self._listed.word)
        self.noticed.emit(self.tr("{0}: neither read nor written.").format(what))
        show_beside(Complaint(what, text, self._window))


@dataclass(frozen=True, slots=True)
class _Table:
    """What was read."""

    path: str
    rows: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """How many went where."""

    path: str
    count: int


def _write(path: str, count: int, table: bytes) -> _Written:
    Path(path).write_bytes(table)
    return _Written(path, count)
