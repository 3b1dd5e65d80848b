"""Supervises the window: one that no longer answers is a fault, which goes out by other ways."""

from collections.abc import Callable

from embereye.model.messages import WorkerFailed
from embereye.model.window import WindowAlive, WindowClosed
from embereye.runtime.engine import Engine

STALL = 10.0  # s without a turn; a camera may be silent for as long before it is a fault
_LOOK = 1.0  # s between looks
_NAME = "window"


class WindowWatch:
    """Follows the signs of life of the GUI thread. Engine thread; `open` from any.

    Attributes:
        open: Whether there is a window; True also while it hangs.
    """

    def __init__(self, engine: Engine, tell: Callable[[object], None]) -> None:
        self.open = False
        self._clock = engine.clock
        self._tell = tell
        self._alive = 0.0
        self._hangs = False
        engine.on(WindowAlive, self._seen)
        engine.on(WindowClosed, self._closed)
        engine.every(_LOOK, self._look)

    def _seen(self, message: WindowAlive) -> None:
        self.open, self._alive = True, message.at.mono
        self._end()

    def _closed(self, _message: WindowClosed) -> None:
        self.open = False
        self._end()

    def _look(self) -> None:
        silence = self._clock.mono() - self._alive
        if self.open and silence > STALL and not self._hangs:
            self._hangs = True
            text = (
                f"The window has not answered for {silence:.0f} s: alarms are not shown. Close it "
                "and start the program again."
            )
            self._tell(WorkerFailed(_NAME, text, recovered=False, at=self._clock.now()))

    def _end(self) -> None:
        if self._hangs:
            self._hangs = False
            text = "The window answers again."
            self._tell(WorkerFailed(_NAME, text, recovered=True, at=self._clock.now()))
