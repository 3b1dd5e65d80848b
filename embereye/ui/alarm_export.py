"""Saves lists of alarms as CSV or PDF, in the background, with progress and a way out."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from embereye.runtime.worker import ThreadHost
from embereye.services.alarm_csv import Stopped, alarms_csv
from embereye.services.safe_file import write_whole
from embereye.ui import words
from embereye.ui.alarm_listing import MOST_ON_PAPER, MOST_ROWS, Listing, listed, on_paper
from embereye.ui.beside import FileChooser, found, show_beside
from embereye.ui.errand import Errand
from embereye.ui.past_console import PastConsole
from embereye.ui.report_pdf import write_pdf
from embereye.ui.theme import Tokens

_LOOK = 200  # ms between two looks at the progress


@dataclass(slots=True)
class _Progress:
    """How far it is; written by one thread, read by the other."""

    text: str = ""
    stop: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class _Written:
    path: str
    alarms: int


class AlarmExport(QWidget):
    """One export at a time; visible while it works. GUI thread.

    Signals:
        noticed: (str) what became of it
    """

    noticed = Signal(str)

    def __init__(
        self, console: PastConsole, colours: Tokens, threads: ThreadHost, window: QWidget
    ) -> None:
        super().__init__()
        self._console, self._colours = console, colours
        self._threads, self._window = threads, window
        self._listing: Listing | None = None
        self._progress: _Progress | None = None
        self._text = QLabel()
        self._text.setProperty("role", "muted")
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.setAccessibleName(self.tr("Cancel the export"))
        self.cancel_button.clicked.connect(self.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text, 1)
        row.addWidget(self.cancel_button)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self.hide()

    @property
    def working(self) -> bool:
        """Whether an export is being written."""
        return self._progress is not None

    def ask(self, ending: str, listing: Listing) -> None:
        """Let the operator choose a file of this kind, "csv" or "pdf", then write it."""
        if self.working:
            self.noticed.emit(self.tr("Wait until the export that is running is written."))
            return
        if found(self._window, "export alarms"):
            return
        self._listing = listing
        chooser = FileChooser(self.tr("Export alarms"), self._window, f"*.{ending}")
        stamp = words.file_time(self._console.clock.now().utc)
        chooser.to_write(f"{listing.title.lower().replace(' ', '-')}-{stamp}.{ending}", ending)
        chooser.chosen.connect(self.write)
        show_beside(chooser, "export alarms")

    @Slot(str)
    def write(self, path: str) -> None:
        """Write what was asked for last to this file."""
        listing = self._listing
        if listing is None or self.working:
            return
        progress = self._progress = _Progress(self.tr("Reading …"))
        console, colours = self._console, self._colours
        now = words.full_time(console.clock.now().utc)
        foot = self.tr("written {0} by {1}").format(now, console.settings().operator)
        errand = Errand(self._threads, self)
        errand.done.connect(self._written)
        errand.failed.connect(self._failed)
        if path.lower().endswith(".pdf"):
            errand.start("export", lambda: _pdf(path, listing, console, colours, foot, progress))
        else:
            errand.start("export", lambda: _csv(path, listing, console, progress))
        self._look()
        self.show()
        self._timer.start()

    @Slot()
    def cancel(self) -> None:
        """Stop as soon as it can be; nothing is written then."""
        if self._progress is not None:
            self._progress.stop.set()

    @Slot()
    def _look(self) -> None:
        if self._progress is not None:
            self._text.setText(self._progress.text)

    @Slot(object)
    def _written(self, written: _Written | None) -> None:
        self._over()
        if written is None:
            self.noticed.emit(self.tr("The export was cancelled; nothing was written."))
            return
        text = self.tr("{0} alarms written to {1}.")
        self.noticed.emit(text.format(f"{written.alarms:,}", written.path))

    @Slot(str)
    def _failed(self, text: str) -> None:
        self._over()
        self.noticed.emit(self.tr("The alarms could not be exported: {0}").format(text))

    def _over(self) -> None:
        self._progress = None
        self._timer.stop()
        self.hide()


def _csv(path: str, listing: Listing, past: PastConsole, progress: _Progress) -> _Written | None:
    count = 0

    def going(done: int) -> bool:
        nonlocal count
        count = done + 1
        progress.text = f"{done:,} alarms …"
        return not progress.stop.is_set()

    try:
        content = alarms_csv(listed(listing, past, MOST_ROWS, going), going)
    except Stopped:
        return None
    if progress.stop.is_set():
        return None
    write_whole(Path(path), content, replace=True)
    return _Written(path, count)


def _pdf(
    path: str,
    listing: Listing,
    past: PastConsole,
    colours: Tokens,
    foot: str,
    progress: _Progress,
) -> _Written | None:
    def reading(done: int) -> bool:
        progress.text = f"{done:,} alarms …"
        return not progress.stop.is_set()

    def painting(share: float) -> bool:
        progress.text = f"{share:.0%} of the pages …"
        return not progress.stop.is_set()

    alarms = tuple(listed(listing, past, MOST_ON_PAPER, reading))
    if progress.stop.is_set():
        return None
    pages = write_pdf(Path(path), on_paper(listing, alarms, colours, foot), painting)
    return _Written(path, len(alarms)) if pages else None
