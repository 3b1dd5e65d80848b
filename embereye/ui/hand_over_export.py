"""Writes the hand-over report to a file, in the background."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.runtime.worker import ThreadHost
from embereye.ui import words
from embereye.ui.beside import FileChooser, found, show_beside
from embereye.ui.console import Console
from embereye.ui.errand import Errand
from embereye.ui.hand_over import HandOver, hand_over_report
from embereye.ui.report_pdf import write_pdf
from embereye.ui.theme import Tokens


class HandOverExport(QObject):
    """Asks for a file, then writes what was told. GUI thread.

    Signals:
        noticed: (str) what became of it
    """

    noticed = Signal(str)

    def __init__(
        self, console: Console, colours: Tokens, threads: ThreadHost, window: QWidget
    ) -> None:
        super().__init__(window)
        self._console, self._colours = console, colours
        self._threads, self._window = threads, window
        self._told: HandOver | None = None

    def ask(self, told: HandOver) -> None:
        """Let the operator choose a file, then write the report of this moment."""
        self._told = told
        if found(self._window, "export hand-over"):
            return
        chooser = FileChooser(self.tr("Save hand-over report"), self._window, "*.pdf")
        chooser.to_write(f"hand-over-{words.file_time(told.now_utc)}.pdf", "pdf")
        chooser.chosen.connect(self.write)
        show_beside(chooser, "export hand-over")

    @Slot(str)
    def write(self, path: str) -> None:
        """Write what was asked for last to this file."""
        told = self._told
        if told is None:
            return
        colours = self._colours
        errand = Errand(self._threads, self)
        errand.done.connect(self._written)
        errand.failed.connect(self._failed)
        errand.start(
            "hand-over", lambda: (path, write_pdf(Path(path), hand_over_report(colours, told)))
        )

    @Slot(object)
    def _written(self, result: tuple[str, int]) -> None:
        path, pages = result
        self.noticed.emit(self.tr("{0} pages written to {1}.").format(pages, path))

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.noticed.emit(self.tr("The report could not be written: {0}").format(text))
