"""Many cameras through the real feeder and the real pool, for the vision bench."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

import psutil

from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock
from embereye.runtime.metrics import percentile
from embereye.services.detection import DetectionFeeder, FeederOptions, pool_options
from embereye.vision.pool import DetectorPool

CAMERAS, RATE = 10, 5.0  # what the target names

_TURN = 0.01  # s; as the feeder's own thread waits
_START = 60.0  # s for the children; a model takes a second
_WARM_UP = 3.0  # s left out: histories fill, caches warm
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Load:
    """What one run came to.

    Attributes:
        worst_share: Verdicts of the camera that got fewest, of those due.
        latency: Seconds from decoding to each verdict.
        children_core, parent_core: Processor seconds a second.
        look: Processor seconds of the children for each verdict.
        memory: Largest child, MiB.
        detector: What looked.
    """

    worst_share: float
    latency: list[float]
    children_core: float
    parent_core: float
    look: float
    memory: float
    detector: str

    def latency_ms(self, percent: float) -> float:
        return 1000 * (percentile(self.latency, percent) or 0.0)


class Wheel:
    """A frame source: cameras that play clips, at `RATE`, one after the other in each turn."""

    def __init__(self, clips: Sequence[Sequence[Frame]], clock: Clock) -> None:
        self._clock = clock
        self._began = clock.mono()
        self._clips = clips
        self._taken = [-1] * CAMERAS
        self.cameras = tuple(CameraId(f"camera {number}") for number in range(CAMERAS))

    def take(self, camera: CameraId) -> Frame | None:
        """The newest picture of a camera that was not taken yet."""
        place = self.cameras.index(camera)
        offset = place / CAMERAS / RATE
        now = self._clock.now()
        number = floor((now.mono - self._began - offset) * RATE)
        if number <= self._taken[place]:
            return None
        self._taken[place] = number
        late = now.mono - self._began - offset - number / RATE
        clip = self._clips[place % len(self._clips)]
        return replace(
            clip[number % len(clip)],
            camera=camera,
            seq=number,
            at=Stamp(now.mono - late, now.utc - late),
            media=number / RATE,
        )

    def attend(self, camera: CameraId, until: float) -> None:
        """Every picture comes anyway."""


def sustained(
    clips: Sequence[Sequence[Frame]], model: str, period: float, seconds: float, clock: Clock
) -> Load:
    """`CAMERAS` at the full rate for so long.

    Args:
        model: Path of an ONNX model beside the heuristic, empty for none.
        period: Least seconds between two inferences of one camera.
    """
    wheel = Wheel(clips, clock)
    results: list[DetectionResult] = []
    options = replace(pool_options(0, "cpu", os.cpu_count() or 1), model=model, model_period=period)
    pool = DetectorPool(options, clock)
    feeder = DetectionFeeder(wheel, results.append, clock, FeederOptions(rate=RATE), lambda: pool)
    feeder.watch(wheel.cameras)
    for camera in wheel.cameras:  # as though something were hot in each: all at the full rate
        feeder.hurry(camera, 10 * (seconds + _START))
    pool.start()
    try:
        _turn_until_seen(feeder, pool, results, clock)
        _turn(feeder, pool, _WARM_UP, clock)
        results.clear()
        began, spent = clock.mono(), _processor_seconds()
        _turn(feeder, pool, seconds, clock)
        passed, used = clock.mono() - began, _processor_seconds()
        memory = max((child.memory_info().rss for child in _children()), default=0) / _MIB
    finally:
        pool.close()
    counts = Counter(result.camera for result in results)
    return Load(
        min(counts[camera] for camera in wheel.cameras) / (RATE * passed),
        [result.at.mono - result.frame_at.mono for result in results],
        (used[0] - spent[0]) / passed,
        (used[1] - spent[1]) / passed,
        (used[0] - spent[0]) / max(1, len(results)),
        memory,
        results[-1].detector if results else "",
    )


def _turn_until_seen(
    feeder: DetectionFeeder, pool: DetectorPool, results: list[DetectionResult], clock: Clock
) -> None:
    """Wait for a verdict on each camera, so that loading a model does not count."""
    end = clock.mono() + _START
    while len({result.camera for result in results}) < CAMERAS and clock.mono() < end:
        feeder.turn(pool, _TURN)


def _turn(feeder: DetectionFeeder, pool: DetectorPool, seconds: float, clock: Clock) -> None:
    end = clock.mono() + seconds
    while clock.mono() < end:
        feeder.turn(pool, _TURN)


def _children() -> list[psutil.Process]:
    """The pool's, not the helper process of shared memory."""
    return [psutil.Process(child.pid) for child in multiprocessing.active_children()]


def _processor_seconds() -> tuple[float, float]:
    """Of all children together, and of this process."""
    times = [child.cpu_times() for child in _children()]
    own = psutil.Process().cpu_times()
    return sum(time.user + time.system for time in times), own.user + own.system
