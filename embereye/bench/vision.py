"""`embereye bench vision`: what one look of the heuristic costs, and the way through a child."""

import tomllib
from dataclasses import replace

import av
import cv2
import numpy as np

from embereye.bench.report import Metric, Report, at_most
from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.metrics import percentile
from embereye.runtime.resources import resource
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

_SIZE = (640, 480)  # px; the size that the target names
_STEP = 0.125  # s between pictures, as at the default rate of 8/s
_WARM_UP = 20  # looks left out: history fills, caches warm
_START = 20.0  # s for the child


def run(seconds: float = 10.0) -> Report:
    """Measure on the embedded clips, looped with growing time stamps."""
    clock = SystemClock()
    clips = _clips()
    quiet = _looks([frames for frames, fire in clips if not fire], seconds / 2, clock)
    burning = _looks([frames for frames, fire in clips if fire], seconds / 2, clock)
    metrics = {**_figures("quiet", quiet), **_figures("fire", burning)}
    metrics.update(_through_pool(clips[0][0], seconds, clock))
    notes = [
        f"Pictures of the embedded clips at {_SIZE[0]}x{_SIZE[1]}, {1 / _STEP:.0f} a second.",
        "Through the pool: shared memory to a child process, verdict back, one at a time.",
    ]
    return Report("vision", metrics, notes)


def _figures(name: str, values: list[float]) -> dict[str, Metric]:
    p50, p95 = percentile(values, 50) or 0.0, percentile(values, 95) or 0.0
    return {
        f"heuristic_{name}_p50_ms": Metric(round(1000 * p50, 3), "ms"),
        f"heuristic_{name}_p95_ms": at_most(1000 * p95, 2.0, "ms"),
    }


def _looks(clips: list[list[Frame]], seconds: float, clock: Clock) -> list[float]:
    """Seconds of each look, over all clips in turn; each starts with an empty memory."""
    found: list[float] = []
    end = clock.mono() + seconds
    while clock.mono() < end:
        for frames in clips:
            detector = HeuristicDetector()
            for number, frame in enumerate(frames):
                began = clock.mono()
                detector.detect(frame)
                if number >= _WARM_UP:
                    found.append(clock.mono() - began)
    return found


def _through_pool(frames: list[Frame], seconds: float, clock: Clock) -> dict[str, Metric]:
    pool = DetectorPool(PoolOptions(1), clock)
    pool.start()
    values: list[float] = []
    try:
        began = clock.mono()
        while not pool.idle(frames[0].camera) and clock.mono() - began < _START:
            pool.collect(0.05)
        end, number = clock.mono() + seconds / 2, 0
        while clock.mono() < end:
            sent = clock.mono()
            pool.submit(_later(frames, number))
            results: list[DetectionResult] = []
            while not results and clock.mono() - sent < 1.0:
                results = list(pool.collect(0.05))
            if number >= _WARM_UP:
                values.append(clock.mono() - sent)
            number += 1
    finally:
        pool.close()
    return {
        "pool_round_trip_p50_ms": Metric(round(1000 * (percentile(values, 50) or 0.0), 3), "ms"),
        "pool_round_trip_p95_ms": Metric(round(1000 * (percentile(values, 95) or 0.0), 3), "ms"),
    }


def _later(frames: list[Frame], number: int) -> Frame:
    """Picture `number` of the clip played for ever, on one time line."""
    frame, time = frames[number % len(frames)], number * _STEP
    return replace(frame, seq=number, at=Stamp(time, time), media=time)


def _clips() -> list[tuple[list[Frame], bool]]:
    folder = resource("demo")
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    return [
        (_frames(str(folder / clip["file"]), clip["place"]), bool(clip["fire"]))
        for clip in manifest["clips"]
    ]


def _frames(path: str, name: str) -> list[Frame]:
    frames: list[Frame] = []
    with av.open(path) as container:
        for picture in container.decode(video=0):
            time = float(picture.time or 0.0)
            if time >= len(frames) * _STEP:
                pixels = cv2.resize(picture.to_ndarray(format="bgr24"), _SIZE)
                frames.append(
                    Frame(
                        CameraId(name), np.ascontiguousarray(pixels, dtype=np.uint8), len(frames),
                        Stamp(time, time), time, *_SIZE,
                    )
                )  # fmt: skip
    return frames
