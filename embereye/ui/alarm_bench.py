"""Measures when an operator sees and hears an alarm: painted popup, started sound."""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from PySide6.QtCore import QEvent, QObject, QTimer, Slot

from embereye.model.ids import AlarmId
from embereye.model.messages import AcknowledgeAsked, AlarmChanged
from embereye.rules.annunciation import Sound
from embereye.runtime.clock import Clock
from embereye.runtime.worker import PlainThreads
from embereye.ui.main_window import MainWindow
from embereye.ui.shell import Calls, Look, Running, Shell
from embereye.ui.sound_child import Heard, Proved

_SIZE = (1920, 1080)  # px
_JOIN = 60.0  # s for the loading thread to end
_LOOK = 10  # ms between looks for popups that are not there yet
_SETTLE = 0.5  # s between the end of the load and the end of the window
_PATIENCE = 0.4  # s for the confirmation of a sound, which is looked for every 100 ms


@dataclass
class Latencies:
    """Seconds from the arrival of the packet or verdict."""

    committed: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    sounded: list[float] = field(default_factory=list)


@dataclass
class Seen:
    """What was measured.

    Attributes:
        early: Alarms that were shown before they were recorded.
        confirmed: Whether the sound process confirmed sounds; else `sounded` are orders.
    """

    packets: Latencies = field(default_factory=Latencies)
    verdicts: Latencies = field(default_factory=Latencies)
    early: int = 0
    confirmed: bool = False

    def count(self, what: str) -> int:
        """How many were measured, of packets and verdicts."""
        return len(getattr(self.packets, what)) + len(getattr(self.verdicts, what))


@dataclass
class _Waiting:
    """An alarm on its way to eye and ear; moments are monotonic seconds."""

    origin: float
    into: Latencies
    shown: float
    popup: QObject | None = None
    painted: bool = False
    ordered: float | None = None
    sounded: float | None = None


def seen_latencies(
    program: Running, load: Callable[[Callable[[], None]], None], clock: Clock
) -> Seen:
    """Show the window of a running program while `load` runs in another thread.

    Offscreen where there is no display; each alarm is acknowledged when it was seen and heard.

    Args:
        load: Is given what it must call when the warm-up is over.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    shell = Shell()
    kept: list[_Watch] = []

    def begin(window: MainWindow) -> None:
        window.resize(*_SIZE)
        kept.append(_Watch(window, program, clock, load))

    shell.run(program, Calls(), Look(), begin)
    kept[0].join()
    return kept[0].seen


class _Watch(QObject):
    """Takes the time when popups have been painted and sounds were started. GUI thread."""

    def __init__(
        self,
        window: MainWindow,
        program: Running,
        clock: Clock,
        load: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__()
        self.seen = Seen()
        self._window, self._desk, self._clock = window, program.desk, clock
        self._waiting: dict[AlarmId, _Waiting] = {}
        self._orders: deque[tuple[AlarmId, float]] = deque(maxlen=100)
        self._measuring, self._over = Event(), Event()
        self._over_at: float | None = None
        window.alarm_painted.connect(self._updated)
        window.sounds.started.connect(self._ordered)
        window.sounds.heard.connect(self._heard)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._thread = PlainThreads().start("load", lambda: self._run(load))

    def join(self) -> None:
        self._thread.join(_JOIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A popup is about to be painted: it is on the screen after this turn."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, watched, lambda: self._painted(watched))
        return super().eventFilter(watched, event)

    def _run(self, load: Callable[[Callable[[], None]], None]) -> None:
        try:
            load(self._measuring.set)
        finally:
            self._over.set()

    @Slot(object)
    def _updated(self, message: AlarmChanged) -> None:
        if not message.announced or message.origin is None:
            return
        if not self._measuring.is_set():
            self._desk.ask(AcknowledgeAsked(message.alarm.id, "bench"))
            return
        seen = self.seen
        into = seen.verdicts if message.alarm.cameras else seen.packets
        into.committed.append(message.at.mono - message.origin.mono)
        seen.early += not message.alarm.recorded
        waiting = _Waiting(message.origin.mono, into, self._clock.mono())
        self._waiting[message.alarm.id] = waiting
        for alarm, at in self._orders:  # the window orders the sound first
            if alarm == message.alarm.id:
                waiting.ordered = at
        self._seek()

    def _seek(self) -> None:
        """Watch the popups of alarms that have one now."""
        for popup in self._window.popups.popups():
            waiting = self._waiting.get(popup.alarm.id)
            if waiting is not None and waiting.popup is None:
                waiting.popup = popup
                popup.installEventFilter(self)
                popup.update()

    def _painted(self, popup: QObject) -> None:
        now = self._clock.mono()
        for waiting in self._waiting.values():
            if waiting.popup is popup and not waiting.painted:
                waiting.painted = True
                waiting.into.painted.append(now - waiting.origin)

    @Slot(object)
    def _ordered(self, sound: Sound) -> None:
        now = self._clock.mono()
        self._orders.append((sound.alarm.id, now))
        waiting = self._waiting.get(sound.alarm.id)
        if waiting is not None and waiting.ordered is None:
            waiting.ordered = now

    @Slot(object)
    def _heard(self, word: Heard | Proved) -> None:
        if isinstance(word, Proved):
            return
        self.seen.confirmed = True
        # The newest order is meant: this thread may note it after the sound process answered.
        waiting = self._waiting.get(self._orders[-1][0]) if self._orders else None
        if waiting is not None and waiting.sounded is None:
            waiting.sounded = word.mono

    @Slot()
    def _look(self) -> None:
        now = self._clock.mono()
        self._seek()
        for alarm, waiting in list(self._waiting.items()):
            listened = waiting.sounded is not None or now - waiting.shown > _PATIENCE
            if waiting.painted and listened:
                self._done(alarm, waiting)
        if self._over.is_set():
            self._over_at = self._over_at or now
            if now - self._over_at > _SETTLE:
                self._timer.stop()
                self._window.close()

    def _done(self, alarm: AlarmId, waiting: _Waiting) -> None:
        del self._waiting[alarm]
        started = waiting.sounded
        if started is None and not self.seen.confirmed:
            started = waiting.ordered
        if started is not None:
            waiting.into.sounded.append(started - waiting.origin)
        self._desk.ask(AcknowledgeAsked(alarm, "bench"))
