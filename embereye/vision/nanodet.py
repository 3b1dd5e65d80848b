"""NanoDet and FastestDet: small detectors that leave more of the arithmetic to their user.

Sources: the ONNX and ncnn demonstrations in RangiLyu/nanodet (distances as distributions, after
Generalized Focal Loss, arXiv 2006.04388) and test.py of dog-qiuqiu/FastestDet.
"""

from dataclasses import dataclass

import numpy as np

from embereye.vision.boxes import Outputs, Reading, Values, around, usable
from embereye.vision.manifest import Manifest
from embereye.vision.probabilities import probabilities, sigmoid, softmax

_STRIDES = (8, 16, 32, 64)
_BINS = 8  # of each distance in NanoDet-Plus: 0 to 7 strides


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """One feature map: class values (cells, C), distances (cells, 4 × bins)."""

    stride: int
    values: Values
    distances: Values


def read_nanodet(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    """Boxes from distances of the four sides to the middle pixel of each cell.

    NanoDet-Plus (one table of all levels) counts from the corner of the cell instead.

    Raises:
        ValueError: the outputs do not belong to an input of this size.
    """
    plus = len(outputs) == 1
    levels = _split(next(iter(outputs.values())), size) if plus else _paired(outputs, size)
    corners = np.concatenate([_corners(level, size, 0.0 if plus else 0.5) for level in levels])
    values = np.concatenate([level.values for level in levels])
    if values.shape[1] == 0:
        raise ValueError("there is no class column")
    scores = probabilities(values, manifest.activation)
    best = scores.argmax(axis=1)
    top = scores[np.arange(len(best)), best]
    boxes = usable(corners, top, best.astype(np.float32), manifest.confidence)
    return Reading(boxes, classes=values.shape[1])


def read_fastest_det(outputs: Outputs, size: tuple[int, int], manifest: Manifest) -> Reading:
    """Boxes of one map [1, 5+C, rows, columns]: objectness, place, size, classes.

    Raises:
        ValueError: the output has another shape.
    """
    planes = next(iter(outputs.values()))
    if planes.ndim != 4 or planes.shape[0] != 1 or planes.shape[1] < 6:
        raise ValueError("a map [1, 5 + classes, rows, columns] is expected")
    _, depth, rows, columns = planes.shape
    table = planes[0].reshape(depth, -1).T
    down, across = np.mgrid[0:rows, 0:columns]
    cells = np.stack([across.ravel(), down.ravel()], axis=1)
    centres = (cells + np.tanh(table[:, 1:3])) / (columns, rows)
    boxes = np.concatenate([centres, sigmoid(table[:, 3:5])], axis=1) * np.array(size * 2)
    best = table[:, 5:].argmax(axis=1)
    # The exponents are the author's.
    with np.errstate(invalid="ignore"):
        scores = table[:, 0] ** 0.6 * table[np.arange(len(best)), 5 + best] ** 0.4
    corners = around(boxes.astype(np.float32))
    found = usable(corners, scores, best.astype(np.float32), manifest.confidence)
    return Reading(found, classes=depth - 5)


def _corners(level: _Level, size: tuple[int, int], offset: float) -> Values:
    columns, rows = _grid(size, level.stride)
    bins = level.distances.shape[1] // 4
    if bins * 4 != level.distances.shape[1] or bins == 0:
        raise ValueError("four distances are expected for each cell")
    shares = softmax(level.distances.reshape(-1, 4, bins))
    sides = shares @ np.arange(bins, dtype=np.float32) * level.stride
    down, across = np.mgrid[0:rows, 0:columns]
    x = across.ravel() * level.stride + offset * (level.stride - 1)
    y = down.ravel() * level.stride + offset * (level.stride - 1)
    edges = [x - sides[:, 0], y - sides[:, 1], x + sides[:, 2], y + sides[:, 3]]
    return np.stack(edges, axis=1).astype(np.float32)


def _paired(outputs: Outputs, size: tuple[int, int]) -> list[_Level]:
    """The levels of separate outputs: those of the classes come first, or are named."""
    tables = [(name.lower(), value) for name, value in outputs.items()]
    if any(value.ndim != 3 or value.shape[0] != 1 for _, value in tables) or len(tables) % 2:
        raise ValueError("two tables for each level are expected")
    half = len(tables) // 2
    told = ["dis" in name or "reg" in name for name, _ in tables]
    if not any(told):
        told = [False] * half + [True] * half
    distances = [value[0] for (_, value), is_told in zip(tables, told, strict=True) if is_told]
    classes = [value[0] for (_, value), is_told in zip(tables, told, strict=True) if not is_told]
    if len(classes) != half:
        raise ValueError("as many tables of classes as of distances are expected")
    levels = []
    for values, sides in zip(classes, distances, strict=True):
        if len(values) != len(sides):
            raise ValueError("levels are expected in the same order")
        levels.append(_Level(_stride_of(len(values), size), values, sides))
    return levels


def _split(table: Values, size: tuple[int, int]) -> list[_Level]:
    if table.ndim != 3 or table.shape[0] != 1 or table.shape[2] <= 4 * _BINS:
        raise ValueError("a table of classes and distances is expected")
    counts = [columns * rows for columns, rows in (_grid(size, s) for s in _STRIDES)]
    if sum(counts) != table.shape[1]:
        raise ValueError(f"{sum(counts)} candidates are expected for this input size")
    parts = np.split(table[0], np.cumsum(counts)[:-1])
    return [
        _Level(stride, part[:, : -4 * _BINS], part[:, -4 * _BINS :])
        for stride, part in zip(_STRIDES, parts, strict=True)
    ]


def _stride_of(cells: int, size: tuple[int, int]) -> int:
    for stride in _STRIDES:
        columns, rows = _grid(size, stride)
        if columns * rows == cells:
            return stride
    raise ValueError(f"no level of this input size has {cells} cells")


def _grid(size: tuple[int, int], stride: int) -> tuple[int, int]:
    return -(-size[0] // stride), -(-size[1] // stride)
