"""The YOLO layouts: one table with a row for each candidate."""

import numpy as np

from embereye.vision.boxes import Boxes, Values, around, usable

STRIDES = (8, 16, 32)  # of the three feature maps of every YOLO family


def from_table(table: Values, objectness: bool, least: float) -> Boxes:
    """Rows of centre, size, [objectness,] class scores (YOLOv5, YOLOv8).

    Raises:
        ValueError: there is no class column, or scores are no probabilities.
    """
    classes = table[:, 5:] if objectness else table[:, 4:]
    if classes.shape[1] == 0:
        raise ValueError("there is no class column")
    best = classes.argmax(axis=1)
    scores = classes[np.arange(len(best)), best]
    if objectness:
        with np.errstate(invalid="ignore", over="ignore"):
            scores = scores * table[:, 4]
    return usable(around(table), scores, best.astype(np.float32), least)


def upright(table: Values, cells: int) -> Values:
    """The YOLOv8 table with a row for each candidate, whichever way the export has turned it."""
    return table if table.shape[0] == cells and table.shape[1] != cells else table.T


def ungridded(table: Values, width: int, height: int) -> Values:
    """YOLOX: (value + cell) × stride for the centre, exp(value) × stride for the size.

    Raises:
        ValueError: the table does not belong to an input of width × height.
    """
    grids, strides = [], []
    for stride in STRIDES:
        down, across = np.mgrid[0 : height // stride, 0 : width // stride]
        grids.append(np.stack([across.ravel(), down.ravel()], axis=1))
        strides.append(np.full((across.size, 1), stride))
    grid, step = np.concatenate(grids), np.concatenate(strides)
    if len(grid) != len(table):
        raise ValueError(f"{len(grid)} candidates are expected for this input size")
    out = table.astype(np.float32, copy=True)
    with np.errstate(invalid="ignore", over="ignore"):
        out[:, :2] = (table[:, :2] + grid) * step
        out[:, 2:4] = np.exp(np.minimum(table[:, 2:4], 10.0)) * step  # e¹⁰ × 8 exceeds any picture
    return out


def from_rows(table: Values, least: float) -> Boxes:
    """Rows of corners, score, class number, after suppression (end to end).

    Raises:
        ValueError: there are not six columns, or scores are no probabilities.
    """
    if table.ndim != 2 or table.shape[1] != 6:
        raise ValueError("six columns are expected")
    return usable(table[:, :4], table[:, 4], table[:, 5], least)
