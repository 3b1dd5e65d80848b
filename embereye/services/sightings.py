"""The newest verdict of each camera, for screens."""

from collections.abc import Callable, Mapping

from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId
from embereye.model.messages import TableChanged
from embereye.runtime.engine import Engine


class Sightings:
    """Keeps the newest `DetectionResult` of each camera. Engine thread; `current` any thread.

    Publishes `TableChanged("detections")` once per slice of messages.
    """

    def __init__(self, engine: Engine, publish: Callable[[object], None]) -> None:
        self.current: Mapping[CameraId, DetectionResult] = {}
        self._clock = engine.clock
        self._publish = publish
        self._fresh: dict[CameraId, DetectionResult] = {}
        engine.on(DetectionResult, self._take)
        engine.after_step(self._flush)

    def _take(self, result: DetectionResult) -> None:
        self._fresh[result.camera] = result

    def _flush(self) -> None:
        if not self._fresh:
            return
        newest = max(self._fresh.values(), key=lambda r: r.at.mono)
        self.current = {**self.current, **self._fresh}
        self._fresh = {}
        self._publish(TableChanged("detections", self._clock.now(), newest.frame_at))
