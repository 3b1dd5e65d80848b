"""Measures when an operator sees and hears an alarm: painted bar, started sound."""

import os
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

_SIZE = (1920, 1080)  # px
_JOIN = 10.0  # s for the loading thread to end
_SETTLE = 500  # ms between the end of the load and the end of the window


@dataclass
class Seen:
    """Seconds from the arrival of the packet or picture."""

    painted: list[float] = field(default_factory=list)
    sounded: list[float] = field(default_factory=list)


def seen_latencies(program: Running, load: Callable[[], None], clock: Clock) -> Seen:
    """Show the window of a running program while `load` runs in another thread.

    Offscreen where there is no display; each alarm is acknowledged as soon as it was painted.
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
    """Takes the time when the alarm bar has been painted after an announcement."""

    def __init__(
        self, window: MainWindow, program: Running, clock: Clock, load: Callable[[], None]
    ) -> None:
        super().__init__()
        self.seen = Seen()
        self._window, self._desk, self._clock = window, program.desk, clock
        self._unpainted: list[AlarmChanged] = []
        self._sound: tuple[AlarmId, float] | None = None  # of which alarm, and when it started
        self._over = Event()
        window.alarm_painted.connect(self._updated)
        window.sounds.started.connect(self._started)
        window.bar.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.setInterval(_SETTLE)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._thread = PlainThreads().start("load", lambda: self._run(load))

    def join(self) -> None:
        self._thread.join(_JOIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The bar is about to be painted: what was updated before is on the screen after it."""
        if event.type() == QEvent.Type.Paint and self._unpainted:
            QTimer.singleShot(0, self._painted)
        return super().eventFilter(watched, event)

    def _run(self, load: Callable[[], None]) -> None:
        try:
            load()
        finally:
            self._over.set()

    @Slot(object)
    def _updated(self, message: AlarmChanged) -> None:
        if message.announced and message.origin is not None:
            self._unpainted.append(message)
            self._window.bar.update()
            # The window starts the sound first; an alarm that finds one playing starts none.
            if self._sound is not None and self._sound[0] == message.alarm.id:
                self.seen.sounded.append(self._sound[1] - message.origin.mono)

    @Slot()
    def _painted(self) -> None:
        now = self._clock.mono()
        for message in self._unpainted:
            if message.origin is not None:
                self.seen.painted.append(now - message.origin.mono)
            self._desk.ask(AcknowledgeAsked(message.alarm.id, "bench"))
        self._unpainted.clear()

    @Slot(object)
    def _started(self, sound: Sound) -> None:
        self._sound = sound.alarm.id, self._clock.mono()

    @Slot()
    def _look(self) -> None:
        if self._over.is_set():
            self._timer.stop()
            self._window.close()
