"""`embereye bench vision`: what a look costs, and many cameras through the feeder and the pool."""

import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from embereye.bench.detection_load import CAMERAS, RATE, Load, sustained
from embereye.bench.model_time import ModelTimes, model_times
from embereye.bench.report import Metric, Report, at_least, at_most
from embereye.bench.spent import Spent, timed
from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.metrics import percentile
from embereye.runtime.resources import resource
from embereye.services.model_choice import built_in_model
from embereye.vision.heuristic import HeuristicDetector
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

_SIZE = (640, 480)  # px; the size that the target names
_STEP = 0.125  # s between pictures, as at the default rate of 8/s
_WARM_UP = 20  # looks left out: history fills, caches warm
_START = 20.0  # s for the child


def run(seconds: float = 10.0, model: Path | None = None) -> Report:
    """Measure on the embedded clips, looped with growing time stamps.

    `model`: an ONNX file; None: the one that ships with the program, where there is one.
    DetectorError when it cannot be used.
    """
    cv2.setNumThreads(1)  # as in a child of the pool
    clock = SystemClock()
    clips = _clips()
    model = model or built_in_model()
    quiet = _looks([frames for frames, fire in clips if not fire], seconds / 2, clock)
    burning = _looks([frames for frames, fire in clips if fire], seconds / 2, clock)
    metrics = {**_figures("quiet", quiet), **_figures("fire", burning)}
    metrics.update(_through_pool(clips[0][0], seconds, clock))
    notes = [
        f"Pictures of the embedded clips at {_SIZE[0]}x{_SIZE[1]}, {1 / _STEP:.0f} a second.",
        "cpu: processor time of a look, which does not count what other programs took meanwhile.",
        "Through the pool: shared memory to a child process, verdict back, one at a time.",
        f"Load: {CAMERAS} cameras, {RATE:.0f} pictures a second each, through the feeder.",
    ]
    pictures = [frames for frames, _ in clips]
    if model is None:
        notes.append("No model: none ships with this program, and --model names none.")
    else:
        times = model_times(model, [frame for clip in pictures for frame in clip], seconds, clock)
        metrics.update(_model_figures(times))
        notes.append(f"{times.name} at {times.size[0]}x{times.size[1]}, one thread.")
        notes.append("load_each: the model looks at every picture, not once a second and camera.")
        each = sustained(pictures, str(model), 0.0, seconds, clock)
        metrics.update(_load_figures("load_each", each, Metric(100 * each.worst_share, "%")))
    period = PoolOptions().model_period
    load = sustained(pictures, str(model or ""), period, seconds, clock)
    metrics.update(_load_figures("load", load, at_least(100 * load.worst_share, 95.0, "%")))
    notes.append(f"Detector of the load: {load.detector}.")
    return Report("vision", metrics, notes)


def _model_figures(times: ModelTimes) -> dict[str, Metric]:
    whole, bare = times.whole, times.bare
    return {
        "model_p50_ms": Metric(whole.wall_ms(50), "ms"),
        "model_p95_ms": at_most(whole.wall_ms(95), 40.0, "ms"),
        "model_cpu_p95_ms": Metric(whole.cpu_ms(95), "ms"),
        "model_bare_p50_ms": Metric(bare.wall_ms(50), "ms"),
        "model_bare_p95_ms": Metric(bare.wall_ms(95), "ms"),
        "model_to_bare": Metric(round(whole.cpu_ms(50) / bare.cpu_ms(50), 2), ""),
    }


def _load_figures(name: str, load: Load, worst: Metric) -> dict[str, Metric]:
    return {
        f"{name}_worst_camera": replace(worst, value=round(worst.value, 1)),
        f"{name}_latency_p50_ms": Metric(round(load.latency_ms(50), 1), "ms"),
        f"{name}_latency_p95_ms": Metric(round(load.latency_ms(95), 1), "ms"),
        f"{name}_children_cores": Metric(round(load.children_core, 2), "cores"),
        f"{name}_parent_cores": Metric(round(load.parent_core, 2), "cores"),
        f"{name}_cpu_ms": Metric(round(1000 * load.look, 2), "ms"),
        f"{name}_child_memory": Metric(round(load.memory), "MiB"),
    }


def _figures(name: str, spent: Spent) -> dict[str, Metric]:
    return {
        f"heuristic_{name}_p50_ms": Metric(spent.wall_ms(50), "ms"),
        f"heuristic_{name}_p95_ms": at_most(spent.wall_ms(95), 2.0, "ms"),
        f"heuristic_{name}_cpu_p95_ms": Metric(spent.cpu_ms(95), "ms"),
    }


def _looks(clips: list[list[Frame]], seconds: float, clock: Clock) -> Spent:
    """Each look, over all clips in turn; each starts with an empty memory."""
    found = Spent()
    end = clock.mono() + seconds
    while clock.mono() < end:
        for frames in clips:
            detector = HeuristicDetector()
            for number, frame in enumerate(frames):
                times = timed(clock, partial(detector.detect, frame))
                if number >= _WARM_UP:
                    found.add(times)
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
