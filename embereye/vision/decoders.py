"""Turning what object detection networks put out into boxes."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import DetectorError

Values = NDArray[np.float32]
_STRIDES = (8, 16, 32)  # of the three feature maps of every YOLO family


class Family(StrEnum):
    """Layouts of one output tensor, N candidates, C classes (formats.md)."""

    YOLOV5 = "yolov5"  # [1, N, 5+C]: centre, size, objectness, classes; input pixels
    YOLOX = "yolox"  # the same, but centre and log size relative to the grid
    YOLOV8 = "yolov8"  # [1, 4+C, N]: centre, size, classes; input pixels (also v9, v10 raw, v11)
    END_TO_END = "end_to_end"  # [1, N, 6]: x1, y1, x2, y2, score, class; after suppression


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Candidates in input pixels.

    Attributes:
        corners: (n, 4) x1, y1, x2, y2.
        scores: (n,) 0–1.
        classes: (n,) class numbers.
    """

    corners: Values
    scores: Values
    classes: NDArray[np.int64]


def family_of(shape: tuple[int, ...], width: int, height: int) -> Family:
    """The layout of an output of this shape for an input of width × height.

    Raises:
        DetectorError: no known layout has this shape.
    """
    if len(shape) == 3 and shape[0] == 1:
        cells = sum((width // s) * (height // s) for s in _STRIDES)
        _, rows, columns = shape
        if rows == cells and columns >= 6:
            return Family.YOLOX
        if rows == 3 * cells and columns >= 6:
            return Family.YOLOV5
        if columns == cells and rows >= 5:
            return Family.YOLOV8
        if columns == 6:
            return Family.END_TO_END
        if columns > 6 and rows > columns:
            return Family.YOLOV5
        if rows >= 5 and columns > rows:
            return Family.YOLOV8
    raise DetectorError(
        f"The model's output has the shape {list(shape)}, which no supported family has. "
        "Name the family in a manifest beside the model."
    )


def decoded(family: Family, output: Values, width: int, height: int, least: float) -> Boxes:
    """Candidates with a score of at least `least`; not yet suppressed.

    Raises:
        DetectorError: the output does not fit the family.
    """
    try:
        if family is Family.END_TO_END:
            return _end_to_end(output[0], least)
        table = output[0].T if family is Family.YOLOV8 else output[0]
        if family is Family.YOLOX:
            table = _ungridded(table, width, height)
        return _from_table(table, family is not Family.YOLOV8, least)
    except (IndexError, ValueError) as error:
        shape = list(output.shape)
        raise DetectorError(f"The model's output {shape} is not {family.value}: {error}.") from None


def suppressed(boxes: Boxes, overlap: float, most: int) -> Boxes:
    """Non-maximum suppression inside each class; the best `most` remain, best first."""
    if boxes.scores.size == 0:
        return boxes
    spans = boxes.corners[:, 2:] - boxes.corners[:, :2]
    rectangles = np.concatenate([boxes.corners[:, :2], spans], axis=1)
    kept = cv2.dnn.NMSBoxesBatched(
        rectangles.tolist(), boxes.scores.tolist(), boxes.classes.tolist(), 0.0, overlap
    )
    order = np.asarray(kept, dtype=np.int64).reshape(-1)
    order = order[np.argsort(-boxes.scores[order], kind="stable")][:most]
    return Boxes(boxes.corners[order], boxes.scores[order], boxes.classes[order])


def _from_table(table: Values, objectness: bool, least: float) -> Boxes:
    """Rows of centre, size, [objectness,] class scores."""
    classes = table[:, 5:] if objectness else table[:, 4:]
    if classes.shape[1] == 0:
        raise ValueError("there is no class column")
    best = classes.argmax(axis=1)
    scores = classes[np.arange(len(best)), best]
    if objectness:
        scores = scores * table[:, 4]
    chosen = np.isfinite(scores) & (scores >= least) & np.isfinite(table[:, :4]).all(axis=1)
    centre, half = table[chosen, :2], table[chosen, 2:4] / 2
    return Boxes(
        np.concatenate([centre - half, centre + half], axis=1),
        np.clip(scores[chosen], 0, 1),
        best[chosen].astype(np.int64),
    )


def _ungridded(table: Values, width: int, height: int) -> Values:
    """YOLOX: (value + cell) × stride for the centre, exp(value) × stride for the size."""
    grids, strides = [], []
    for stride in _STRIDES:
        down, across = np.mgrid[0 : height // stride, 0 : width // stride]
        grids.append(np.stack([across.ravel(), down.ravel()], axis=1))
        strides.append(np.full((across.size, 1), stride))
    grid, step = np.concatenate(grids), np.concatenate(strides)
    if len(grid) != len(table):
        raise ValueError(f"{len(grid)} candidates are expected for this input size")
    out = table.astype(np.float32, copy=True)
    out[:, :2] = (table[:, :2] + grid) * step
    out[:, 2:4] = np.exp(np.minimum(table[:, 2:4], 10.0)) * step  # e¹⁰ × 8 exceeds any picture
    return out


def _end_to_end(table: Values, least: float) -> Boxes:
    if table.ndim != 2 or table.shape[1] != 6:
        raise ValueError("six columns are expected")
    chosen = np.isfinite(table).all(axis=1) & (table[:, 4] >= least)
    rows = table[chosen]
    return Boxes(rows[:, :4], np.clip(rows[:, 4], 0, 1), rows[:, 5].astype(np.int64))
