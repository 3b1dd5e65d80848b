"""Reducing pictures and moving boxes between scales."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import Detection
from embereye.model.errors import PictureUnusable
from embereye.model.frame import Pixels

CELL = 8  # pixels of the reduced picture a side; 4:3 at 320×240 gives 40×30 cells
Cells = NDArray[np.float32]
_LONGEST = 16_384  # px a side; the largest panoramic cameras have half of it
_LARGEST = 64_000_000  # px; 8K is 33 million


def as_bgr(picture: NDArray[Any]) -> Pixels:
    """A picture from outside as detectors take it: (height, width, 3) uint8, BGR, C-contiguous.

    Grey pictures get three equal channels, a fourth channel (transparency) is left out. 16-bit
    values are divided by 256. Floats are taken as 0–1 if none is above 1, else as 0–255.

    Raises:
        PictureUnusable: it is empty, too large, or has another shape or kind of values.
    """
    shape, depth = picture.shape, picture.shape[2] if picture.ndim == 3 else 1
    if picture.ndim not in (2, 3) or depth not in (1, 3, 4):
        raise PictureUnusable(
            f"An array of the shape {list(shape)[:8]} is no picture. Give grey, BGR or BGRA."
        )
    if picture.size == 0:
        raise PictureUnusable(f"The picture of {shape[1]}×{shape[0]} pixels is empty.")
    if max(shape[:2]) > _LONGEST or shape[0] * shape[1] > _LARGEST:
        raise PictureUnusable(
            f"The picture of {shape[1]}×{shape[0]} pixels is too large. Reduce it to at most "
            f"{_LONGEST} pixels a side and {_LARGEST // 1_000_000} megapixels."
        )
    values = _eight_bit(picture)
    if depth == 1:
        values = np.repeat(values.reshape(*shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(values[..., :3] if depth == 4 else values)


def _eight_bit(picture: NDArray[Any]) -> Pixels:
    if picture.dtype == np.uint8:
        return picture
    if picture.dtype == np.uint16:
        return (picture >> 8).astype(np.uint8)
    if picture.dtype == np.bool_:
        return picture.astype(np.uint8) * np.uint8(255)
    if picture.dtype.kind != "f":
        raise PictureUnusable(f"Pixels of the kind {picture.dtype} are not known. Use 8 bits.")
    values = np.nan_to_num(picture.astype(np.float32), nan=0.0, posinf=255.0, neginf=0.0)
    if values.max() <= 1.0:
        values = values * np.float32(255)
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


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
