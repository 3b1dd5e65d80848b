"""The line of a form that tries a camera and tells what came of it."""

from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from embereye.ingest.trial import Offer
from embereye.runtime.worker import ThreadHost
from embereye.services.camera_configuration import ChangedCamera
from embereye.ui.console import Console
from embereye.ui.errand import Errand

_TICK = 1000  # ms


class Trial(Protocol):
    """One try of a camera."""

    def run(self) -> Offer:
        """Connect and watch; SourceError. Blocks."""

    def cancel(self) -> None:
        """End `run` early. Any thread."""


class TrialConsole(Console, Protocol):
    """What forms of cameras need of the program."""

    def trial(self, row: ChangedCamera) -> Trial:
        """A try of this camera, not begun yet."""


class TrialRow(QWidget):
    """Button and result. GUI thread.

    Signals:
        asked: () somebody wants the camera tried; answer with `begin`
    """

    asked = Signal()

    def __init__(self, threads: ThreadHost) -> None:
        super().__init__()
        self._threads = threads
        self._trial: Trial | None = None
        self._outdated = False
        self._seconds = 0
        self.button = QPushButton(self.tr("Test"))
        self.button.setToolTip(self.tr("Connect as it is entered here and watch for 3 s"))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._pressed)
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.button)
        row.addWidget(self.result, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)

    def begin(self, trial: Trial) -> None:
        """Try it in a thread of its own."""
        self._trial, self._outdated = trial, False
        self._seconds = 0
        errand = Errand(self._threads, self)
        errand.done.connect(self._worked)
        errand.failed.connect(self._failed)
        errand.start("try camera", trial.run)
        self.button.setText(self.tr("Cancel test"))
        self.result.setText(self.tr("Connecting …"))
        self._timer.start()

    def clear(self) -> None:
        """What was said, or is being tried, holds no more."""
        if self._trial is None:
            self.result.clear()
        else:
            self._outdated = True
            self._trial.cancel()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._trial is not None and not event.spontaneous():
            self._trial.cancel()
        super().hideEvent(event)

    @Slot()
    def _pressed(self) -> None:
        if self._trial is None:
            self.asked.emit()
        else:
            self._trial.cancel()
            self.button.setEnabled(False)

    @Slot()
    def _tick(self) -> None:
        self._seconds += 1
        self.result.setText(self.tr("Testing … {0} s").format(self._seconds))

    @Slot(object)
    def _worked(self, offer: Offer) -> None:
        self._end()
        text = self.tr("It works: {0} {1}×{2}, {3:.1f} pictures/s, the first after {4:.1f} s.")
        codec = offer.codec.upper() or self.tr("video")
        size = offer.width, offer.height
        self._say(text.format(codec, *size, offer.fps, offer.first_picture_s))

    @Slot(str)
    def _failed(self, text: str) -> None:
        self._end()
        self._say(self.tr("△ It does not work: {0}").format(text))

    def _say(self, text: str) -> None:
        self.result.setText("" if self._outdated else text)

    def _end(self) -> None:
        self._trial = None
        self._timer.stop()
        self.button.setText(self.tr("Test"))
        self.button.setEnabled(True)
