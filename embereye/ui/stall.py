"""How much later than asked the GUI thread gets its turns, for benchmarks."""

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

from embereye.runtime.clock import Clock, thread_seconds
from embereye.runtime.histogram import Histogram

_PROBE = 5  # ms between two beats of the probe


class Beats(QObject):
    """Notes by how much each beat of a 5 ms timer is late. GUI thread.

    Attributes:
        late: Seconds.
        busy: Processor seconds of this thread between two beats: what it was late by its own
            work, whatever else the machine did.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.late, self.busy = Histogram(), Histogram()
        self._clock = clock
        self._before: float | None = None
        self._used = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(_PROBE)

    def stop(self) -> None:
        """Note nothing more."""
        self._timer.stop()

    @Slot()
    def _beat(self) -> None:
        now, used = self._clock.mono(), thread_seconds()
        if self._before is not None:
            self.late.add(max(0.0, now - self._before - _PROBE / 1000))
            self.busy.add(used - self._used)
        self._before, self._used = now, used


def spin(seconds: float) -> None:
    """Let the GUI work for a while. GUI thread."""
    loop = QEventLoop()  # not `app.quit`, which would close the window
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
