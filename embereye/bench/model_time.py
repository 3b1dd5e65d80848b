"""What one inference of a model costs here, beside the bare run of its network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np
import onnxruntime

from embereye.bench.spent import Spent, timed
from embereye.model.frame import Frame
from embereye.runtime.clock import Clock
from embereye.vision.onnx import OnnxDetector

_WARM_UP = 5  # runs left out: ONNX Runtime lays out its memory in the first ones


@dataclass(frozen=True, slots=True)
class ModelTimes:
    """Runs of both, one after the other in turn, with one thread of arithmetic.

    Attributes:
        whole: Of the detector: picture in, verdict out.
        bare: Of `session.run` alone, on a tensor that is ready.
        size: Width and height of the input, pixels.
    """

    name: str
    size: tuple[int, int]
    whole: Spent
    bare: Spent


def model_times(path: Path, frames: Sequence[Frame], seconds: float, clock: Clock) -> ModelTimes:
    """Measure on these pictures for so long; DetectorError when it is no usable model."""
    detector = OnnxDetector(path)
    bare = _bare(path, detector.size)
    whole_times, bare_times = Spent(), Spent()
    end = clock.mono() + seconds
    for number, frame in enumerate(cycle(frames)):
        spent = timed(clock, partial(detector.detect, frame)), timed(clock, bare)
        if number >= _WARM_UP:
            whole_times.add(spent[0])
            bare_times.add(spent[1])
            if clock.mono() >= end:
                break
    return ModelTimes(detector.name, detector.size, whole_times, bare_times)


def _bare(path: Path, size: tuple[int, int]) -> Callable[[], object]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    picture = session.get_inputs()[0]
    shape = (1, size[1], size[0], 3) if picture.shape[-1] == 3 else (1, 3, size[1], size[0])
    random = np.random.default_rng(3)
    if picture.type == "tensor(uint8)":
        tensor = random.integers(0, 256, shape, dtype=np.uint8)
    else:
        kind = np.float16 if picture.type == "tensor(float16)" else np.float32
        tensor = random.random(shape, dtype=np.float32).astype(kind)
    return lambda: session.run(None, {picture.name: tensor})
