"""Looking back at what a thermal device saw, day by day."""

from datetime import date

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from embereye.model.ids import DeviceId
from embereye.model.past import AlarmMark, ReelAsked, ReelRead, SpanAsked, SpanRead
from embereye.ui.answers import Answers
from embereye.ui.frame_facts import FrameFacts
from embereye.ui.local_time import midnight, same_time
from embereye.ui.past_console import PastConsole
from embereye.ui.playback_head import PlaybackHead
from embereye.ui.playback_picture import PlaybackPicture
from embereye.ui.player import Player
from embereye.ui.theme import Tokens
from embereye.ui.timeline import Timeline
from embereye.ui.transport import Transport
from embereye.ui.words import full_time

_TICK = 50  # ms between two positions while playing
_IDLE = 1000  # ms between two looks while pausing
_FRESHEN = 60.0  # s after which a stretch that reaches the present is read again
_DAY = 86_400


class PlaybackPage(QWidget):
    """Plays stored thermal frames of one device. GUI thread; all reading is done elsewhere.

    Signals:
        export_asked: (ThermalFrame) the operator wants to keep the frame that is shown
    """

    export_asked = Signal(object)

    def __init__(self, console: PastConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._answers = Answers(console, self)
        self._answers.arrived.connect(self._arrived)
        self._player = Player()
        self._zoom = _DAY
        self._since = 0.0
        self._extent: tuple[float, float] | None = None
        self._marks: tuple[AlarmMark, ...] = ()
        self._span: SpanAsked | None = None
        self._problem = ""
        self._span_due = 0.0
        self._ticked = 0.0
        self.head = PlaybackHead(self._zoom)
        self.picture = PlaybackPicture(colours, console.settings().wall.palette)
        self.facts = FrameFacts()
        self.timeline = Timeline(colours)
        self.transport = Transport(colours)
        self.transport.show_speed(self._player.speed)
        self._timer = QTimer(self)
        self._timer.setInterval(_IDLE)
        self._connect()
        self._lay_out()

    def show_device(self, device: DeviceId, utc: float | None = None) -> None:
        """Choose this device, and a moment (s UTC) of its past."""
        self.head.list_devices(self._console.devices().devices)
        if self.head.choose_device(device) and utc is not None:
            self.seek(utc)

    def offer_export(self) -> None:
        """Show the button behind `export_asked`."""
        self.transport.export.show()

    @Slot(object)
    def seek(self, utc: float) -> None:
        """Show what was seen at a moment, s UTC."""
        self._player.position = utc
        self._follow()
        self._show()

    @Slot(bool)
    def play(self, playing: bool) -> None:
        """Play or pause."""
        self._player.playing = playing and self._extent is not None
        self._ticked = self._console.clock.mono()
        self._timer.setInterval(_TICK if self._player.playing else _IDLE)
        self._show()

    @Slot(int)
    def step(self, direction: int) -> None:
        """To the next (1) or previous (-1) frame."""
        self._player.step(direction)
        self._follow()
        self._show()

    @Slot(int)
    def step_alarm(self, direction: int) -> None:
        """To the next (1) or previous (-1) alarm of this stretch."""
        now = self._player.position
        beside = [m.utc for m in self._marks if (m.utc - now) * direction > 0.5]
        if beside:
            self.seek(min(beside) if direction > 0 else max(beside))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays and pauses, the arrows step."""
        key = event.key()
        if key == Qt.Key.Key_Space:
            self.play(not self._player.playing)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step(1 if key == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.head.list_devices(self._console.devices().devices)
        self._span_due = 0.0
        if self._player.position == 0.0:
            self._begin()
        self._show()
        self._timer.start()
        self.picture.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self.play(False)

    # --- time --------------------------------------------------------------------------------

    @Slot()
    def _tick(self) -> None:
        now = self._console.clock.mono()
        if self._player.playing:
            self._player.advance(now - self._ticked)
            self._follow()
        self._ticked = now
        self._show()

    def _follow(self) -> None:
        """Keep the position inside the stretch that is shown."""
        position = self._player.position
        if self._zoom == _DAY:
            since = midnight(position)
        elif self._since <= position < self._since + self._zoom:
            since = self._since
        else:
            since = position - self._zoom / 10
        if since != self._since:
            self._since = since
            self._span_due = 0.0
            self.head.show_day(self._player.position)

    # --- questions and answers -----------------------------------------------------------------

    def _begin(self) -> None:
        """Another device: from its newest frames on."""
        self._player.clear()
        self._answers.forget()
        self._extent, self._marks, self._problem = None, (), ""
        self.timeline.show_curve(None, ())
        self._player.position = self._console.clock.now().utc
        self._since = 0.0
        self._follow()

    def _ask(self) -> None:
        """Ask for what is not known and not asked for yet."""
        device = self.head.device
        if device is None:
            return
        now = self._console.clock.now()
        end = self._since + self._zoom
        if self._span_due <= now.mono:
            fresh = _FRESHEN if end > now.utc else float("inf")
            self._span_due = now.mono + fresh
            self._span = SpanAsked(device, self._since, end)
            self._answers.ask(self._span)
        if self._extent is not None:
            for start in self._player.wanted():
                self._answers.ask(ReelAsked(device, start))

    @Slot(object)
    def _arrived(self, answer: object) -> None:
        if isinstance(answer, SpanRead) and answer.asked == self._span:
            self._take_span(answer)
        elif isinstance(answer, ReelRead) and answer.asked.device == self.head.device:
            self._player.take(answer)
        self._show()

    def _take_span(self, answer: SpanRead) -> None:
        first = self._extent is None
        self._extent, self._marks, self._problem = answer.extent, answer.marks, answer.problem
        self.timeline.show_curve(answer.curve, answer.marks)
        if self._extent is None:
            return
        if answer.asked.until > self._console.clock.now().utc:
            self._player.refresh()
        begin, end = self._extent
        if first and not begin <= self._player.position <= end:
            self.seek(min(max(begin, self._player.position), end))

    # --- showing -------------------------------------------------------------------------------

    def _show(self) -> None:
        if self.isVisible():
            self._ask()
        frame = self._player.frame() if self._extent is not None else None
        self.picture.show_frame(frame, self._message())
        self.facts.show_frame(frame)
        self.timeline.show_span(self._since, self._since + self._zoom)
        self.timeline.show_position(self._player.position)
        self.transport.show_playing(self._player.playing)
        self.transport.setEnabled(self._extent is not None)
        self.transport.export.setEnabled(frame is not None)
        self.transport.note.setText(self.tr("Loading …") if self._answers.waiting else "")

    def _message(self) -> str:
        """What stands in place of a picture."""
        if self.head.device is None:
            return self.tr("No device has sent anything yet. Add one on the devices page.")
        if self._problem:
            return self._problem
        if self._extent is None:
            if self._answers.waiting:
                return self.tr("Loading …")
            return self.tr(
                "No thermal history of this device yet. Frames are kept from its first picture on."
            )
        reel = self._player.reel
        if reel is None or reel.problem:
            return self.tr("Loading …") if reel is None else reel.problem
        if reel.later is not None and reel.earlier is not None:
            return self.tr("No frame was stored at this time. The next one is of {0}.").format(
                full_time(reel.later)[:19]
            )
        return self.tr("No frame was stored at this time.")

    @Slot()
    def _choose_device(self) -> None:
        self._begin()
        self._show()

    @Slot(object)
    def _choose_day(self, day: date) -> None:
        """The same time of day, on another day."""
        self.seek(same_time(self._player.position, day))

    @Slot(int)
    def _choose_zoom(self, seconds: int) -> None:
        self._zoom = seconds
        self._since = self._player.position - seconds / 2
        self._span_due = 0.0
        self._follow()
        self._show()

    @Slot(int)
    def _choose_speed(self, speed: int) -> None:
        self._player.speed = speed

    @Slot()
    def _export(self) -> None:
        if self.picture.shown is not None:
            self.export_asked.emit(self.picture.shown)

    def _connect(self) -> None:
        self.head.device_chosen.connect(self._choose_device)
        self.head.day_chosen.connect(self._choose_day)
        self.head.zoom_chosen.connect(self._choose_zoom)
        self.timeline.sought.connect(self.seek)
        self.transport.played.connect(self.play)
        self.transport.stepped.connect(self.step)
        self.transport.alarm_stepped.connect(self.step_alarm)
        self.transport.speed_chosen.connect(self._choose_speed)
        self.transport.export_asked.connect(self._export)
        self._timer.timeout.connect(self._tick)

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.picture, 1)
        middle.addWidget(self.facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.head)
        column.addLayout(middle, 1)
        column.addWidget(self.timeline)
        column.addWidget(self.transport)
