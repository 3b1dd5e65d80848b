"""What two detectors of everyday things see in the training pictures, as goals for our features.

Their features know far more things than a few thousand pictures of fire can teach. Only numbers
that they put out on our training pictures are used here; none of their weights is shipped.
"""

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from tools.train.augment import fitting
from tools.train.pictures import Picture

CANVAS = (320, 256)  # px
GRIDS = ((16, 20), (8, 10))  # cells of the goals at strides 16 and 32
# Tensors at strides 16 and 32 of the files in data/media/models, their input side and their form.
_TEACHERS = (
    ("yolox_nano_416.onnx", ("841", "886"), 416),
    ("nanodet_m_320.onnx", ("743", "846"), 320),
)
# NanoDet: BGR minus mean over deviation of ImageNet (its published configuration).
_MEAN, _SPREAD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
_KEPT = (128, 192)  # principal components kept of each goal
_SAMPLE = 400  # pictures that decide them


def goals(models: Path, pictures: list[Picture]) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """(n, components, rows, columns) at strides 16 and 32, each component with unit deviation."""
    sessions = [_session(models / name, tensors) for name, tensors, _ in _TEACHERS]
    levels: list[list[NDArray[np.float16]]] = [[], []]
    for picture in pictures:
        for level, values in enumerate(_seen(sessions, picture)):
            levels[level].append(values.astype(np.float16))
    return _reduced(levels[0], _KEPT[0]), _reduced(levels[1], _KEPT[1])


def _seen(
    sessions: list[onnxruntime.InferenceSession], picture: Picture
) -> list[NDArray[np.float32]]:
    canvas = np.full((CANVAS[0], CANVAS[0], 3), 114, np.uint8)
    canvas[: CANVAS[1]] = cv2.warpAffine(
        picture.pixels, fitting(picture.pixels.shape, CANVAS), CANVAS,
        flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=(114, 114, 114),
    )  # fmt: skip
    found: list[list[NDArray[np.float32]]] = [[], []]
    for session, (name, tensors, side) in zip(sessions, _TEACHERS, strict=True):
        pixels = cv2.resize(canvas, (side, side)).astype(np.float32)
        if name.startswith("nanodet"):
            pixels = (pixels - np.array(_MEAN, np.float32)) / np.array(_SPREAD, np.float32)
        fed = {session.get_inputs()[0].name: pixels.transpose(2, 0, 1)[None]}
        for level, values in enumerate(session.run(list(tensors), fed)):
            found[level].append(_on_grid(values[0], GRIDS[level]))
    return [np.concatenate(parts) for parts in found]


def _on_grid(values: NDArray[np.float32], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Features of the square canvas on the cells of its upper part."""
    rows, columns = grid
    return np.stack([cv2.resize(plane, (columns, columns))[:rows] for plane in values])


def _reduced(values: list[NDArray[np.float16]], kept: int) -> NDArray[np.float16]:
    sample = np.concatenate(
        [v.reshape(v.shape[0], -1).T for v in values[:: max(1, len(values) // _SAMPLE)]]
    ).astype(np.float32)
    mean, spread = sample.mean(0), sample.std(0) + 1e-3
    sample = (sample - mean) / spread
    _, vectors = np.linalg.eigh(np.cov(sample, rowvar=False))
    axes = vectors[:, ::-1][:, :kept].astype(np.float32)
    deviation = (sample @ axes).std(0)
    matrix = (axes / deviation) / spread[:, None]
    offset = mean @ matrix
    rows, columns = values[0].shape[1:]
    out = np.empty((len(values), kept, rows, columns), np.float16)
    for number, value in enumerate(values):
        flat = value.reshape(value.shape[0], -1).T.astype(np.float32) @ matrix - offset
        out[number] = np.clip(flat.T, -6, 6).reshape(kept, rows, columns)
    return out


def _session(path: Path, tensors: tuple[str, ...]) -> onnxruntime.InferenceSession:
    model = onnx.load(str(path))
    for tensor in tensors:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(tensor))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options)
