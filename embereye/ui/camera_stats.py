"""Everything about the selected camera: state, stream, clock, and its newest minutes."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.camera_figures import CameraFigures, CameraPast
from embereye.rules.decoder_remark import decoder_remark
from embereye.services.camera_history import SPAN
from embereye.ui import camera_words, words
from embereye.ui.camera_console import FiguresConsole
from embereye.ui.elided import Elided
from embereye.ui.figure_plot import FigurePlot, Shown
from embereye.ui.scrolling import scrolling
from embereye.ui.theme import Tokens

WIDTH = 360  # px


@dataclass(frozen=True, slots=True)
class _Figure:
    """One plot: channel, how its value reads, and the least end of its scale."""

    channel: str
    value: Callable[[CameraFigures], str]
    least: float
    bars: bool = False


_FIGURES = (
    _Figure("rate", lambda f: camera_words.rate(f.rate), 1.0),
    _Figure("kbps", lambda f: camera_words.bit_rate(f.kbps), 100.0),
    _Figure("lag", lambda f: camera_words.delay(f.lag), 1.0),
    _Figure("decode_ms", lambda f: camera_words.milliseconds(f.decode_ms), 1.0),
    _Figure("looks", lambda f: camera_words.looks(f.looks), 1.0),
    _Figure("verdict_ms", lambda f: camera_words.milliseconds(f.verdict_ms), 10.0),
    _Figure("missed", lambda f: camera_words.losses(f.missed), 1.0, bars=True),
    _Figure("reconnects", lambda f: camera_words.count(f.reconnects), 1.0, bars=True),
)


class CameraStats(QFrame):
    """The pane at the right of the camera list. GUI thread.

    Signals:
        clock_asked: (CameraStatus) somebody wants to know how its clock stands
    """

    clock_asked = Signal(object)

    def __init__(self, console: FiguresConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("pane")
        self.setFixedWidth(WIDTH)
        self._console = console
        self._camera: CameraStatus | None = None
        self._drawn: CameraPast | None = None
        self._name = Elided()
        self._name.setProperty("role", "title")
        self.state, self.remark = _text("muted"), _text("fault")
        self.totals = _text("muted")
        self.nothing = _text("muted")
        self.nothing.setText(self.tr("Choose a camera to see how it does."))
        self.source, self.picture, self.decoder = Elided(), QLabel(), QLabel()
        self.detection = Elided()
        self.clock = _text("")
        self.clock_button = QPushButton(self.tr("Check the clock"))
        self.clock_button.clicked.connect(self._ask_clock)
        captions = self._captions()
        self.plots = {
            one.channel: FigurePlot(captions[one.channel], colours, SPAN, one.least, bars=one.bars)
            for one in _FIGURES
        }
        self._explain()
        self._lay_out()
        self.show_camera(None)

    def show_camera(self, camera: CameraStatus | None) -> None:
        """Show this camera as it stands."""
        self._camera = camera
        self.nothing.setVisible(camera is None)
        self._name.setVisible(camera is not None)
        self._body.setVisible(camera is not None)
        if camera is None:
            self._drawn = None
            return
        self._name.show_text(camera.name)
        self._show_state(camera)
        self.source.show_text(camera.source)
        self.picture.setText(camera_words.size(camera))
        past = self._console.camera_pasts().get(camera.id)
        self._show_decoder(camera, past)
        self._show_detection(past)
        self._show_clock(camera)
        self._show_past(past)

    def _show_state(self, camera: CameraStatus) -> None:
        lasting = words.span(self._console.clock.mono() - camera.since.mono)
        text = self.tr("{0} for {1}").format(camera_words.state(camera), lasting)
        _dress(self.state, "fault" if camera_words.is_bad(camera) else "muted")
        self.state.setText(text)
        wrong_clock = self._clock_remark(camera)
        remark = camera.detail or camera.remark or wrong_clock
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))
        _dress(self.remark, "fault" if camera_words.is_bad(camera) or wrong_clock else "muted")

    def _show_decoder(self, camera: CameraStatus, past: CameraPast | None) -> None:
        share = None if past is None else past.newest.core
        parts = [camera.counters.decoder or "–"]
        if share is not None:
            parts.append(self.tr("{0} of a core").format(camera_words.core(share)))
        self.decoder.setText(" · ".join(parts))
        self.decoder.setToolTip(decoder_remark(camera.counters.decoder))

    def _show_detection(self, past: CameraPast | None) -> None:
        self.detection.show_text("–" if past is None else camera_words.detection(past.totals))

    def _show_clock(self, camera: CameraStatus) -> None:
        table = self._console.camera_clocks()
        asking = camera.id in table.asking
        tolerance = self._console.settings().capture.clock_tolerance
        check = table.checks.get(camera.id)
        now = self._console.clock.mono()
        text = self.tr("asking …") if asking else camera_words.clock(check, tolerance, now)
        self.clock.setText(text)
        _dress(self.clock, "fault" if self._clock_remark(camera) and not asking else "")
        self.clock_button.setEnabled(not asking and camera.state is not CameraState.DISABLED)

    def _clock_remark(self, camera: CameraStatus) -> str:
        check = self._console.camera_clocks().checks.get(camera.id)
        return camera_words.clock_remark(check, self._console.settings().capture.clock_tolerance)

    def _show_past(self, past: CameraPast | None) -> None:
        """Draw only what is new: each sample once."""
        if past is self._drawn and past is not None:
            return
        self._drawn = past
        if past is None:
            for plot in self.plots.values():
                plot.show_figure(Shown())
            self.totals.clear()
            return
        now = self._console.clock.now()
        for one in _FIGURES:
            trend = past.trend(one.channel, now)
            self.plots[one.channel].show_figure(Shown(one.value(past.newest), trend, now.utc))
        self._show_totals(past, words.clock_time(past.totals.since.utc))

    def _show_totals(self, past: CameraPast, since: str) -> None:
        totals = past.totals
        text = self.tr(
            "Since {0}: {1} pictures, {2} missed, {3} of them for want of processor time; "
            "{4} reconnects"
        ).format(since, totals.delivered, totals.missed, totals.congested, totals.reconnects)
        if totals.received:
            text += self.tr("; {0} received").format(camera_words.amount(totals.received))
        self.totals.setText(text)

    @Slot()
    def _ask_clock(self) -> None:
        if self._camera is not None:
            self.clock_asked.emit(self._camera)

    def _captions(self) -> dict[str, str]:
        return {
            "rate": self.tr("Rate"),
            "kbps": self.tr("Bit rate"),
            "lag": self.tr("Delay"),
            "decode_ms": self.tr("Cost"),
            "looks": self.tr("Detection"),
            "verdict_ms": self.tr("Verdict after"),
            "missed": self.tr("Missed"),
            "reconnects": self.tr("Reconnects"),
        }

    def _explain(self) -> None:
        for channel, text in (
            (
                "rate",
                self.tr("Pictures for tiles and detection; 0 while nobody looks at the camera"),
            ),
            ("kbps", self.tr("Video received")),
            ("lag", self.tr("How much later than the quickest one pictures come")),
            ("decode_ms", self.tr("Processor time for one picture")),
            ("looks", self.tr("Pictures that detectors look at; few while nothing moves")),
            ("verdict_ms", self.tr("From decoding a picture to the verdict on it")),
            ("missed", self.tr("Pictures that were due and did not come")),
            ("reconnects", self.tr("New connections, in each 2 s")),
        ):
            self.plots[channel].setToolTip(text)

    def _lay_out(self) -> None:
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(4)
        for caption, label in (
            (self.tr("Source"), self.source),
            (self.tr("Picture"), self.picture),
            (self.tr("Decoder"), self.decoder),
            (self.tr("Detection"), self.detection),
            (self.tr("Clock"), self.clock),
        ):
            facts.addRow(_caption(caption), label)
        grid = QGridLayout()
        grid.setSpacing(8)
        for number, plot in enumerate(self.plots.values()):
            grid.addWidget(plot, number // 2, number % 2)
        title = QLabel(self.tr("Last {0:.0f} minutes").format(SPAN / 60))
        title.setProperty("role", "strong")
        self._body = QWidget()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        for part in (self.state, self.remark):
            inner.addWidget(part)
        inner.addLayout(facts)
        inner.addWidget(self.clock_button, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(title)
        inner.addLayout(grid)
        inner.addWidget(self.totals)
        inner.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 8)
        column.setSpacing(8)
        column.addWidget(self._name)
        column.addWidget(self.nothing)
        column.addWidget(scrolling(self._body), 1)


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


def _text(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(label.textInteractionFlags().TextSelectableByMouse)
    label.setProperty("role", role)
    return label


def _dress(label: QLabel, role: str) -> None:
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().polish(label)
