"""Supervision of the detectors: a lost model and a silent pool are faults."""

from collections.abc import Callable

from embereye.model.messages import WorkerFailed
from embereye.runtime.engine import Engine
from embereye.services.detection import DetectionFeeder, DetectionState

_NAME = "detectors"  # "detection" is the thread that feeds them; its crashes are told as such
_LOOK = 1.0  # s between looks
# s without any verdict while cameras are watched; a stuck child is replaced after 5 s, and a
# still picture is looked at every 10 s at the latest
_SILENCE = 20.0


class DetectorFaults:
    """Looks at the feeder's snapshot and tells what is wrong. Engine thread."""

    def __init__(
        self,
        engine: Engine,
        feeder: DetectionFeeder,
        live: Callable[[], bool],
        tell: Callable[[WorkerFailed], None],
    ) -> None:
        """`live`: whether any watched camera delivers pictures; without one silence is right."""
        self._clock = engine.clock
        self._feeder = feeder
        self._live = live
        self._tell = tell
        self._verdicts = -1
        self._moved_at = self._clock.mono()
        self._told = ""
        engine.every(_LOOK, self.look)

    def look(self) -> None:
        """One look."""
        text = self._trouble(self._feeder.current)
        if text != self._told:
            self._told = text
            self._tell(WorkerFailed(_NAME, text, recovered=not text, at=self._clock.now()))

    def _trouble(self, state: DetectionState) -> str:
        now = self._clock.mono()
        verdicts = state.pool.verdicts if state.pool else 0
        if verdicts != self._verdicts or not self._live():
            self._verdicts, self._moved_at = verdicts, now
        if now - self._moved_at > _SILENCE:
            return (
                f"The detectors have said nothing for {_SILENCE:.0f} s: pictures are not looked "
                "at. Restart the program; if it happens again, send the log."
            )
        return state.pool.trouble if state.pool else ""
