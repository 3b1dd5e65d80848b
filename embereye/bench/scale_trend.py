"""Samples of memory and delay beside a running program, and how they grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

import numpy as np

from embereye.bench.scale_costs import Memory, memory
from embereye.bench.scale_site import LOAD, Scene
from embereye.model.camera import CameraState
from embereye.runtime.worker import PlainThreads

_SAMPLES = 120  # of one part; enough for a slope
_SHORTEST = 2.0  # s between two; reading the memory of a process holds it up for milliseconds
_JOIN = 5.0  # s
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment.

    Attributes:
        at: Monotonic seconds.
        lag: Seconds that live pictures come later than the quickest so far, of the median and of
            the worst camera.
        age: Seconds since the newest picture was decoded, of the worst live camera.
    """

    at: float
    memory: Memory
    lag: float
    worst_lag: float
    age: float


class Sampler:
    """Takes samples in a thread of its own until it is stopped."""

    def __init__(self, scene: Scene, seconds: float) -> None:
        self.samples: list[Sample] = []
        self._scene = scene
        self._period = max(_SHORTEST, seconds / _SAMPLES)
        self._stop = Event()
        self._thread = PlainThreads().start("samples", self._run)

    def stop(self) -> list[Sample]:
        """End it; what it found."""
        self._stop.set()
        self._thread.join(_JOIN)
        return self.samples

    def _run(self) -> None:
        self.samples.append(_sample(self._scene))  # short parts end before the second one
        while not self._stop.wait(self._period):
            self.samples.append(_sample(self._scene))


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Growth per hour of (monotonic s, value), by least squares; 0 for fewer than three."""
    if len(points) < 3:
        return 0.0
    times, values = np.array(points).T
    times = times - times.mean()
    return float(times @ (values - values.mean()) / (times @ times)) * _HOUR


def _sample(scene: Scene) -> Sample:
    now = scene.arrivals.clock.mono()
    live = [
        camera.counters
        for camera in scene.program.desk.cameras().cameras
        if camera.state is CameraState.LIVE
    ]
    lags = sorted(counters.picture.lag for counters in live) or [0.0]
    ages = [now - c.last_frame.mono for c in live if c.last_frame is not None]
    return Sample(now, memory(LOAD), lags[len(lags) // 2], lags[-1], max(ages, default=0.0))
