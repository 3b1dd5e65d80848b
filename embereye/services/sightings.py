"""The newest verdict of each camera and the objects followed in it, for screens."""

from collections.abc import Callable, Mapping

from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId
from embereye.model.messages import TableChanged
from embereye.model.sighting import Followed, Sighting
from embereye.runtime.engine import Engine


class Sightings:
    """Keeps the newest `Sighting` of each camera. Engine thread; the attributes any thread.

    Publishes `TableChanged("detections")` once per slice of messages.

    Attributes:
        current: Newest verdict by camera, with track numbers.
        followed: The objects followed at that time, by camera.
    """

    def __init__(self, engine: Engine, publish: Callable[[object], None]) -> None:
        self.current: Mapping[CameraId, DetectionResult] = {}
        self.followed: Mapping[CameraId, tuple[Followed, ...]] = {}
        self._clock = engine.clock
        self._publish = publish
        self._fresh: dict[CameraId, Sighting] = {}
        engine.on(Sighting, self._take)
        engine.after_step(self._flush)

    def _take(self, sighting: Sighting) -> None:
        self._fresh[sighting.seen.camera] = sighting

    def _flush(self) -> None:
        if not self._fresh:
            return
        fresh, self._fresh = self._fresh, {}
        newest = max((sighting.seen for sighting in fresh.values()), key=lambda r: r.at.mono)
        self.followed = {**self.followed, **{c: s.followed for c, s in fresh.items()}}
        self.current = {**self.current, **{c: s.seen for c, s in fresh.items()}}
        self._publish(TableChanged("detections", self._clock.now(), newest.frame_at))
