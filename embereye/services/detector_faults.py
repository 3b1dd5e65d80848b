"""Supervision of the detectors: a lost model, and cameras that nobody looks at, are faults."""

from collections.abc import Callable, Iterable

from embereye.model.camera import CameraStatus
from embereye.model.ids import CameraId
from embereye.model.messages import WorkerFailed
from embereye.runtime.engine import Engine
from embereye.services.detection import DetectionFeeder, DetectionState

_NAME = "detectors"  # "detection" is the thread that feeds them; its crashes are told as such
_LOOK = 1.0  # s between looks
# s without a verdict on a live camera; a stuck child is replaced after 5 s, and a still picture is
# looked at every 10 s at the latest
_SILENCE = 20.0
_INTERVALS = 3  # pictures of a slow camera; as many as it may miss before it is stale
_NAMED = 3  # cameras in the text; more would not fit on the screen


class DetectorFaults:
    """Looks at the feeder's snapshot and tells what is wrong. Engine thread.

    Each model that is left out is a fault of its own, which ends when the model works again or is
    no longer chosen.
    Each camera is watched for itself: it belongs to one child of the pool, and where that child
    never comes up the others still deliver verdicts.
    """

    def __init__(
        self,
        engine: Engine,
        feeder: DetectionFeeder,
        live: Callable[[], Iterable[CameraStatus]],
        tell: Callable[[WorkerFailed], None],
    ) -> None:
        """`live`: the watched cameras that deliver pictures; for all others silence is right."""
        self._clock = engine.clock
        self._feeder = feeder
        self._live = live
        self._tell = tell
        self._seen: dict[CameraId, float] = {}  # last verdict, or when it became live
        self._told: dict[str, str] = {}  # by what the fault is about
        engine.every(_LOOK, self.look)

    def look(self) -> None:
        """One look."""
        state = self._feeder.current
        faults = {f"model {name}": text for name, text in state.pool.troubles} if state.pool else {}
        faults |= dict(state.pool.remarks) if state.pool else {}
        if silence := self._silence(state):
            faults[_NAME] = silence
        for name in self._told.keys() - faults.keys():
            self._tell(WorkerFailed(name, "", recovered=True, at=self._clock.now()))
        for name, text in faults.items():
            if self._told.get(name) != text:
                self._tell(WorkerFailed(name, text, recovered=False, at=self._clock.now()))
        self._told = faults

    def _silence(self, state: DetectionState) -> str:
        unseen = self._unseen(state)
        if not unseen:
            return ""
        names = ", ".join(unseen[:_NAMED])
        more = f" and {len(unseen) - _NAMED} more" if len(unseen) > _NAMED else ""
        return (
            f"The detectors have said nothing for {_SILENCE:.0f} s about {names}{more}: these "
            "pictures are not looked at. Restart the program; if it happens again, send the log."
        )

    def _unseen(self, state: DetectionState) -> list[str]:
        now = self._clock.mono()
        verdicts = {camera.camera: camera.seen_at or 0.0 for camera in state.cameras}
        live = list(self._live())
        self._seen = {
            camera.id: max(self._seen.get(camera.id, now), verdicts.get(camera.id, 0.0))
            for camera in live
        }
        return [
            camera.name
            for camera in live
            if now - self._seen[camera.id] > max(_SILENCE, _INTERVALS * camera.counters.interval)
        ]
