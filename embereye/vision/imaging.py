"""Reducing pictures and moving boxes between scales."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import Detection
from embereye.model.frame import Pixels

CELL = 8  # pixels of the reduced picture a side; 4:3 at 320×240 gives 40×30 cells
Cells = NDArray[np.float32]


def reduced(pixels: Pixels, longest: int) -> Pixels:
    """`pixels` made smaller by a whole factor until the longer side is at most `longest`.

    A whole factor keeps area averaging on OpenCV's fast path (0.05 ms at 640×480, where an odd
    ratio costs 0.6 ms). Up to factor − 1 rows and columns at the right and bottom are left out.
    Sides are multiples of `CELL` afterwards; a picture smaller than one cell is enlarged to one.
    """
    height, width = pixels.shape[:2]
    factor = max(1, -(-max(height, width) // longest))
    columns, rows = width // factor // CELL * CELL, height // factor // CELL * CELL
    if columns == 0 or rows == 0:
        size = (max(columns, CELL), max(rows, CELL))
        return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    part = pixels[: rows * factor, : columns * factor]
    if factor == 1:
        return np.ascontiguousarray(part)
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def pooled(plane: Pixels) -> Cells:
    """Mean of each CELL×CELL square of one reduced plane, float32 in the plane's own units."""
    rows, columns = plane.shape[0] // CELL, plane.shape[1] // CELL
    means = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(means, dtype=np.float32).reshape(rows, columns)


def share(mask: Pixels) -> Cells:
    """Share of set pixels (255) of each cell, 0–1."""
    return pooled(mask) * np.float32(1 / 255)


def exceeding(before: Pixels, now: Pixels, step: int) -> Pixels:
    """Mask (0 or 255) of the places where two planes differ by more than `step` levels."""
    _, mask = cv2.threshold(cv2.absdiff(before, now), step, 255, cv2.THRESH_BINARY)
    return np.asarray(mask, dtype=np.uint8)


def cell_box(
    label: str,
    confidence: float,
    cells: tuple[int, int, int, int],
    grid: tuple[int, int],
    source: tuple[int, int],
) -> Detection:
    """A box of cells (x, y, width, height) in a (rows, columns) grid as a box in source pixels.

    `source` is (width, height) of the source picture.
    """
    across, down = source[0] / grid[1], source[1] / grid[0]
    x, y, width, height = cells
    return Detection(label, confidence, x * across, y * down, width * across, height * down)


def moved(
    seen: Detection, left: float, top: float, across: float = 1.0, down: float = 1.0
) -> Detection:
    """What was seen in a part of a picture, in the whole one; its contour comes along.

    `left`, `top`: Corner of the part in pixels of the whole. `across`, `down`: Pixels of the whole
    for each pixel of the part.
    """
    return replace(
        seen,
        x=seen.x * across + left,
        y=seen.y * down + top,
        width=seen.width * across,
        height=seen.height * down,
        outline=tuple((x * across + left, y * down + top) for x, y in seen.outline),
    )
