"""Try a model on a clip, on a picture, or on what a camera sees now."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.frame import Pixels, Tile
from embereye.model.ids import CameraId
from embereye.rules.risk_limits import RiskLimits
from embereye.runtime.metrics import percentile
from embereye.runtime.worker import ThreadHost
from embereye.services.clip_trial import ClipTrial, TrialStep
from embereye.services.vision_files import CLIPS, IMAGES
from embereye.ui.beside import FileChooser, found, show_beside
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.elided import Elided, keep_narrow
from embereye.ui.errand import Errand
from embereye.ui.full_picture import FullPicture
from embereye.ui.theme import Tokens
from embereye.ui.trial_view import ScoreCurves, TrialPicture

_SIZE = (860, 640)  # px
_REFRESH = 100  # ms between looks at what came
_PARTS = 1000  # of the progress bar


class TryModelDialog(QDialog):
    """Not modal: alarms go on beside it. GUI thread; the model works in a process of its own.

    Nothing that is tried reaches alarms, records or cameras.
    """

    def __init__(
        self,
        models: Sequence[tuple[str, str]],
        console: Console,
        demands: Demands,
        threads: ThreadHost,
        colours: Tokens,
        parent: QWidget | None = None,
    ) -> None:
        """Show with `ui.beside.show_beside(dialog, "try model")`.

        Args:
            models: What may be tried, as (name that is shown, path of the ONNX file), the one
                that is proposed first; an empty path is the heuristic alone.
            console: For the pictures of its cameras.
            demands: What the window wants of cameras; a picture of full size is wanted there.
            threads: Where the trial waits for its process.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Try a model"))
        self.resize(*_SIZE)
        self._models = tuple(models)
        self._console, self._demands, self._threads = console, demands, threads
        self._limits = RiskLimits()
        self._subject: Path | Pixels | None = None
        self._trial: ClipTrial | None = None
        self._steps: list[TrialStep] = []
        self._place, self._follows, self._failed = 0, True, False
        self.picture = TrialPicture(colours)
        levels = self._limits.vision_fire, self._limits.vision_smoke
        self.curves = ScoreCurves(colours, levels)
        self.curves.chosen.connect(self._look_at)
        self._make_fields()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)
        if (program := QCoreApplication.instance()) is not None:
            program.aboutToQuit.connect(self.cancel)
        self._tell()

    @Slot()
    def refresh(self) -> None:
        """Take in what was judged meanwhile."""
        if self._trial is None:
            return
        new = self._trial.steps.take_all(0.0)
        self._steps += new
        if self._follows and self._steps:
            self._place = len(self._steps) - 1
        if new:
            self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():
            self.cancel()
        super().hideEvent(event)

    @Slot()
    def cancel(self) -> None:
        """End the trial, if there is one; what is there already stays."""
        if self._trial is not None:
            self._trial.cancel()

    # --- what is tried -----------------------------------------------------------------------

    @Slot()
    def _choose_file(self) -> None:
        if not found(self, "file to try"):
            endings = " ".join(f"*{ending}" for ending in sorted(CLIPS | IMAGES))
            caption = self.tr("Clip or picture")
            chooser = FileChooser(caption, self, f"{caption} ({endings})")
            chooser.chosen.connect(self.try_file)
            show_beside(chooser, "file to try")

    @Slot(str)
    def try_file(self, path: str) -> None:
        """Choose a clip or picture, and try it."""
        self._subject = Path(path)
        self.subject.show_text(path)
        self._begin()

    @Slot()
    def _take_picture(self) -> None:
        camera = self.camera.currentData()
        if camera is None:
            return
        self.take_button.setEnabled(False)
        self.subject.show_text(self.tr("Waiting for a picture of {0} …").format(self._camera()))
        picture = FullPicture(self._console, self._demands, CameraId(str(camera)), self)
        picture.taken.connect(self._taken)
        picture.failed.connect(self._not_taken)
        picture.start()

    @Slot(object)
    def _taken(self, tile: Tile) -> None:
        self.take_button.setEnabled(self._trial is None)
        if self._trial is not None:
            return
        self._subject = np.ascontiguousarray(tile.pixels[..., :3])
        self.subject.show_text(self.tr("Newest picture of {0}").format(self._camera()))
        self._begin()

    @Slot(str)
    def _not_taken(self, text: str) -> None:
        self.take_button.setEnabled(self._trial is None)
        self.subject.show_text("")
        self._say(text, bad=True)

    # --- the trial ---------------------------------------------------------------------------

    @Slot()
    def _start_or_cancel(self) -> None:
        if self._trial is None:
            self._begin()
        else:
            self.cancel()
            self.start_button.setEnabled(False)

    def _begin(self) -> None:
        number = self.model.currentIndex()
        if self._trial is not None or self._subject is None or number < 0:
            return
        self._steps, self._place, self._follows, self._failed = [], 0, True, False
        clock = self._console.clock
        self._trial = ClipTrial(self._models[number], self._subject, self._limits, clock)
        errand = Errand(self._threads, self)
        errand.done.connect(self._done)
        errand.failed.connect(self._fail)
        errand.start("try model", self._trial.run)
        self._timer.start()
        self.picture.show_step(None, self.tr("Loading the model …"))
        self._show()
        self._tell()

    @Slot(object)
    def _done(self, _name: object) -> None:
        self._end()

    @Slot(str)
    def _fail(self, text: str) -> None:
        self._failed = True
        self._end()
        self._say(text, bad=True)

    def _end(self) -> None:
        self.refresh()
        self._timer.stop()
        self._trial = None
        if not self._steps:
            self.picture.show_step(None, self.tr("There is nothing to show."))
        self._tell()

    # --- what is shown -----------------------------------------------------------------------

    @Slot(int)
    def _look_at(self, place: int) -> None:
        self._place = min(place, len(self._steps) - 1)
        self._follows = self._trial is not None and self._place == len(self._steps) - 1
        self._show()

    def _show(self) -> None:
        seconds = self._trial.seconds if self._trial is not None else 0.0
        if seconds > 0 and self._steps:
            self.progress.setValue(round(_PARTS * min(1.0, self._steps[-1].time / seconds)))
        self.curves.show_steps(self._steps, seconds, self._place)
        if self._steps:
            self.picture.show_step(self._steps[self._place])
        self.facts.show_text(self._facts())

    def _facts(self) -> str:
        if not self._steps:
            return ""
        step = self._steps[self._place]
        spent = [1000 * each.result.seconds for each in self._steps]
        text = self.tr(
            "Picture {0} of {1}, {2:.1f} s  ·  fire {3:.2f}, smoke {4:.2f}  ·  "
            "{5:.1f} ms a picture, p95 {6:.1f} ms"
        )
        middle, high = percentile(spent, 50) or 0.0, percentile(spent, 95) or 0.0
        scores = step.result.fire, step.result.smoke
        number = self._place + 1
        return text.format(number, len(self._steps), step.time, *scores, middle, high)

    def _tell(self) -> None:
        """Buttons and the result in words, for whether something is being tried."""
        busy = self._trial is not None
        again = self.tr("Try again") if self._subject is not None else self.tr("Try")
        self.start_button.setText(self.tr("Cancel") if busy else again)
        self.start_button.setEnabled(busy or self._subject is not None)
        for widget in (self.model, self.file_button):
            widget.setEnabled(not busy)
        any_camera = self.camera.count() > 0
        self.camera.setEnabled(not busy and any_camera)
        self.take_button.setEnabled(not busy and any_camera)
        self.progress.setVisible(busy)
        self.progress.setRange(0, _PARTS if isinstance(self._subject, Path) else 0)
        self.progress.setValue(0)
        if self._subject is None:
            words = self.tr("Choose a clip, a picture or a camera. Nothing of it raises an alarm.")
            self.picture.show_step(None, words)
        if not self._failed:
            self._say(self._result(busy))

    def _result(self, busy: bool) -> str:
        if busy:
            return self.tr("Trying …")
        if not self._steps:
            return ""
        if len(self._steps) == 1:
            return self.tr("One picture alone never raises an alarm; its scores are shown.")
        alarms = []
        for label in ("fire", "smoke"):
            first = next((step for step in self._steps if label in step.alarms), None)
            if first is not None:
                alarms.append(self.tr("{0} after {1:.1f} s").format(label, first.time))
        if not alarms:
            return self.tr("A camera would have raised no alarm.")
        return self.tr("A camera would have raised an alarm: {0}.").format(", ".join(alarms))

    def _say(self, text: str, bad: bool = False) -> None:
        self.outcome.setText(text)
        self.outcome.setProperty("role", "fire" if bad else "strong")
        self.outcome.style().unpolish(self.outcome)
        self.outcome.style().polish(self.outcome)

    def _camera(self) -> str:
        return self.camera.currentText()

    # --- widgets -----------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.model, self.camera = QComboBox(), QComboBox()
        for name, _ in self._models:
            self.model.addItem(name)
        for status in self._console.cameras().cameras:
            self.camera.addItem(status.name, status.id)
        self.model.setAccessibleName(self.tr("Model"))
        self.camera.setAccessibleName(self.tr("Camera"))
        for box in (self.model, self.camera):
            keep_narrow(box, 24)
        self.file_button = QPushButton(self.tr("Clip or picture …"))
        self.file_button.clicked.connect(self._choose_file)
        self.take_button = QPushButton(self.tr("Take picture"))
        self.take_button.clicked.connect(self._take_picture)
        self.start_button = QPushButton()
        self.start_button.setProperty("role", "primary")
        self.start_button.clicked.connect(self._start_or_cancel)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self.close)
        for button in (self.file_button, self.take_button, self.start_button, self.close_button):
            button.setAutoDefault(False)
        self.subject, self.facts = Elided(), Elided()
        self.facts.setProperty("role", "muted")
        self.subject.setProperty("role", "muted")
        self.outcome = QLabel()
        self.outcome.setWordWrap(True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)

    def _lay_out(self) -> None:
        above = QGridLayout()
        above.setSpacing(8)
        above.setColumnStretch(4, 1)
        above.addWidget(QLabel(self.tr("Model")), 0, 0)
        above.addWidget(self.model, 0, 1)
        above.addWidget(self.file_button, 0, 2)
        above.addWidget(QLabel(self.tr("Camera")), 1, 0)
        above.addWidget(self.camera, 1, 1)
        above.addWidget(self.take_button, 1, 2)
        above.addWidget(self.subject, 0, 3, 1, 2)
        buttons = QHBoxLayout()
        buttons.addWidget(self.outcome, 1)
        buttons.addWidget(self.start_button)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(above)
        column.addWidget(self.progress)
        column.addWidget(self.picture, 1)
        column.addWidget(self.curves)
        column.addWidget(self.facts)
        column.addLayout(buttons)
