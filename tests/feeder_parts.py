"""A detection feeder with fakes around it: pictures, and a pool of a known capacity."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from fakes import FakeClock

from embereye.model.detection import DetectionResult, Verification
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.services.detection import DetectionFeeder, FeederOptions

_ROUND = 0.01  # s


class Pictures:
    """A frame source that always has a new frame; `moving` cameras change from frame to frame.

    Attributes:
        paint: Makes the picture of a still camera; replaced by tests.
    """

    def __init__(self, clock: FakeClock, moving: set[CameraId] | None = None) -> None:
        self.clock, self.moving = clock, moving or set()
        self.silent: set[CameraId] = set()
        self.paint: Callable[[CameraId], Pixels] = lambda _: np.full((60, 80, 3), 100, np.uint8)
        self._seq = 0
        self.attended: dict[CameraId, float] = {}

    def attend(self, camera: CameraId, until: float) -> None:
        self.attended[camera] = until

    def take(self, camera: CameraId) -> Frame | None:
        if camera in self.silent:
            return None
        self._seq += 1
        pixels = self.paint(camera)
        if camera in self.moving:
            pixels[self._seq % 40 : self._seq % 40 + 20] = 200
        return Frame(camera, pixels, self._seq, self.clock.now(), self.clock.mono(), 80, 60)


class Pool:
    """The pool's port; answers in the next round unless `stuck`.

    Attributes:
        seconds: What a look takes, with one at a time; 0: as many as are asked for in a round.
        fires: Score of single cameras; `fire` for the others.
        order, times, at: Of the looks so far: camera, verification time, monotonic s.
    """

    def __init__(self, clock: FakeClock, seconds: float = 0.0) -> None:
        self.clock, self.seconds = clock, seconds
        self.order: list[CameraId] = []
        self.at: list[float] = []
        self.stuck: set[CameraId] = set()
        self.fire = 0.0
        self.fires: dict[CameraId, float] = {}
        self.suspicion = 0.0
        self.gone: list[CameraId] = []
        self.begun_anew: list[CameraId] = []
        self.assigned: list[object] = []
        self.times: list[Verification] = []
        self.state = None
        self._waiting: list[Frame] = []

    def start(self) -> None: ...

    def close(self) -> None: ...

    def assign(self, looks: object) -> None:
        self.assigned.append(looks)

    def idle(self, camera: CameraId) -> bool:
        return camera not in self.stuck and not (self.seconds and self._waiting)

    def submit(self, frame: Frame) -> bool:
        assert self.idle(frame.camera), "a picture waits in a queue"
        self.order.append(frame.camera)
        self.at.append(self.clock.mono())
        self.times.append(frame.verification)
        self._waiting.append(frame)
        return True

    def collect(self, timeout: float) -> list[DetectionResult]:
        if self._waiting and self.clock.mono() < self.at[-1] + self.seconds - _ROUND / 2:
            return []
        frames, self._waiting = self._waiting, []
        return [self._verdict(frame) for frame in frames]

    def forget(self, cameras: list[CameraId]) -> None:
        self.gone += cameras

    def renew(self, camera: CameraId) -> None:
        self.begun_anew.append(camera)

    def _verdict(self, f: Frame) -> DetectionResult:
        fire, now = self.fires.get(f.camera, self.fire), self.clock.now()
        verdict = DetectionResult(f.camera, f.seq, f.at, now, (), fire, 0.0, False, "fake", 0.001)
        size = (f.source_width, f.source_height)
        return replace(verdict, source=size, suspicion=self.suspicion)


class Bench:
    """A feeder with fakes around it; 10 ms a round. Without a cache unless it gets an age."""

    def __init__(
        self,
        clock: FakeClock,
        moving: set[CameraId] | None = None,
        seconds: float = 0.0,
        cache_age: float = 0.0,
    ) -> None:
        self.clock = clock
        self.source, self.pool = Pictures(clock, moving), Pool(clock, seconds)
        self.results: list[DetectionResult] = []
        options = FeederOptions(8.0, 2.0, cache_age)
        self.feeder = DetectionFeeder(
            self.source, self.results.append, clock, options, lambda: self.pool
        )

    def run(self, seconds: float) -> list[CameraId]:
        """Let time pass; the cameras that were looked at."""
        before = len(self.pool.order)
        for _ in range(round(seconds / _ROUND)):
            self.feeder.turn(self.pool, 0.0)
            self.clock.advance(_ROUND)
        return self.pool.order[before:]

    def looks(self, camera: CameraId) -> list[float]:
        """When this camera was looked at by detectors, monotonic s."""
        return [at for one, at in zip(self.pool.order, self.pool.at, strict=True) if one == camera]
