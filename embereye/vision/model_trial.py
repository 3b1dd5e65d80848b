"""Running a model that nobody has tried yet, in a confined process of its own."""

import json
import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.vision_models import ModelTrial
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.confinement import Limits, confine, free_memory, kill_group, resident
from embereye.runtime.process import Child
from embereye.vision.detector import Detector, Verdict

_MEMORY = 2 << 30  # bytes (formats.md)
_WALL = 15.0  # s for everything the model does (formats.md)
_SPARE = 512 << 20  # bytes; a trial run of usual detectors needs 100–200 MiB
_START = 30.0  # s for the process to start and load its libraries, on a machine that is busy
_LOOKS = 21  # pictures; of the 20 that are measured the 95th percentile is not the slowest …
_MEASURED = 4.0  # … or as many as this many seconds allow
_TURN = 0.05  # s between looks at the child's memory
_LONGEST = 1 << 20  # bytes of a report; 1,203 labels need 30,000
_NOISE = (360, 640)  # px


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """Memory in bytes and seconds that a model gets; the defaults are those of formats.md."""

    memory: int = _MEMORY
    wall: float = _WALL


def try_model(
    path: Path,
    providers: Sequence[str],
    picture: Pixels,
    clock: Clock,
    limits: TrialLimits = TrialLimits(),
) -> ModelTrial:
    """Load a model with its manifest and let it look at pictures; waits for that.

    Whatever the model does, the calling process goes on and this returns: the child is killed
    after 15 s, and when it needs more than 2 GiB.

    Args:
        providers: As ONNX Runtime names them.
        picture: A photograph; noise is looked at as well.

    Raises:
        DetectorError: the model is refused; the text says why.
    """
    if free_memory() < _SPARE:
        raise DetectorError(
            f"Less than {_SPARE >> 20} MiB of memory are free: close other programs and try again."
        )
    child = Child("model trial", _body, str(path), tuple(providers), picture, limits)
    try:
        report = _watched(child, path.name, clock, limits)
    finally:
        kill_group(child.pid)
        child.kill()
    if "problem" in report:
        raise DetectorError(str(report["problem"])[:500])
    return _trial(report, path.name)


def _watched(child: Child, name: str, clock: Clock, limits: TrialLimits) -> dict[str, Any]:
    """What the child reports; bytes, not objects, since a broken process may send anything."""
    end, base, most = clock.mono() + _START, 0, 0
    while True:
        try:
            message = child.pipe.recv_bytes(_LONGEST) if child.pipe.poll(_TURN) else b""
        except (EOFError, OSError):
            raise DetectorError(
                f"The model {name} is refused: its trial run ended the process. It may need more "
                f"than {limits.memory >> 20} MiB."
            ) from None
        if message == b"begin":
            end, base = clock.mono() + limits.wall, resident(child.pid)
        elif message:
            return {"most": most, **_decoded(message, name)}
        most = max(most, resident(child.pid) - base) if base else 0
        if most > limits.memory:
            raise DetectorError(_hungry(name, limits))
        if clock.mono() > end:
            raise DetectorError(
                f"The model {name} is refused: it did not finish its trial run within "
                f"{limits.wall:.0f} s."
            )


def _decoded(message: bytes, name: str) -> dict[str, Any]:
    try:
        report = json.loads(message)
    except ValueError:
        report = None
    if not isinstance(report, dict):
        raise DetectorError(f"The trial run of {name} ended with nonsense: the model is refused.")
    return report


def _trial(report: dict[str, Any], name: str) -> ModelTrial:
    try:
        return ModelTrial(
            families=tuple(str(item) for item in report["families"]),
            labels=tuple(str(item) for item in report["labels"]),
            width=int(report["width"]),
            height=int(report["height"]),
            load=float(report["load"]),
            p50=float(report["p50"]),
            p95=float(report["p95"]),
            memory=max(int(report["memory"]), int(report["most"])),
            provider=str(report["provider"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        raise DetectorError(
            f"The trial run of {name} ended with nonsense: the model is refused."
        ) from None


def _body(
    pipe: Connection, path: str, providers: tuple[str, ...], picture: Pixels, limits: TrialLimits
) -> None:
    """The child."""
    # What costs time and address space by itself comes before the limits.
    from embereye.vision.onnx import OnnxDetector

    cv2.setNumThreads(1)
    pipe.send_bytes(b"begin")
    base = resident(os.getpid())
    confine(Limits(limits.memory, math.ceil(limits.wall) + 1))
    try:
        clock = SystemClock()
        began = clock.mono()
        detector = OnnxDetector(Path(path), providers)
        load = clock.mono() - began
        times = _looked(detector, (picture, _noise()), clock)
        report: dict[str, Any] = {
            "families": [str(family) for family in detector.families],
            "labels": list(detector.manifest.labels),
            "width": detector.size[0],
            "height": detector.size[1],
            "load": load,
            "p50": statistics.median(times),
            "p95": sorted(times)[math.ceil(0.95 * len(times)) - 1],
            "memory": max(0, resident(os.getpid()) - base),
            "provider": detector.provider,
        }
    except DetectorError as error:
        # ONNX Runtime says it in its own words: "bad allocation", or a line of its allocator.
        short = "alloc" in str(error) or "arena" in str(error)
        report = {"problem": _hungry(path, limits) if short else str(error)}
    except MemoryError:
        report = {"problem": _hungry(path, limits)}
    pipe.send_bytes(json.dumps(report).encode())


def _looked(detector: Detector, pictures: Sequence[Pixels], clock: Clock) -> list[float]:
    """Seconds of each look; DetectorError when one says what cannot be."""
    times: list[float] = []
    end = clock.mono() + _MEASURED
    while len(times) < _LOOKS and (len(times) <= len(pictures) or clock.mono() < end):
        pixels = pictures[len(times) % len(pictures)]
        rows, columns = pixels.shape[:2]
        at = clock.now()
        frame = Frame(CameraId("trial"), pixels, len(times), at, at.mono, columns, rows)
        verdict = detector.detect(frame)
        times.append(clock.mono() - at.mono)
        _check(verdict, columns, rows)
    # The first one warms caches up; a detector that runs all day never sees it again.
    return times[1:]


def _check(verdict: Verdict, width: int, height: int) -> None:
    scores = [verdict.fire, verdict.smoke, *(seen.confidence for seen in verdict.detections)]
    if not all(0.0 <= score <= 1.0 for score in scores):
        raise DetectorError("It gives scores that are no probabilities. Correct its manifest.")
    for seen in verdict.detections:
        right, down = seen.x + seen.width, seen.y + seen.height
        # One pixel for rounding on the way back from the input's size.
        if not (-1 <= seen.x <= right <= width + 1 and -1 <= seen.y <= down <= height + 1):
            raise DetectorError("It gives boxes outside the picture. Correct its manifest.")


def _hungry(path: str, limits: TrialLimits) -> str:
    return f"The model {Path(path).name} is refused: it needs more than {limits.memory >> 20} MiB."


def _noise() -> Pixels:
    rows, columns = _NOISE
    random = np.random.default_rng(0)  # always the same picture: figures can be compared
    return random.integers(0, 256, (rows, columns, 3), dtype=np.uint8)
