"""A picture made small enough to be judged by the way."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

_LONGEST = 320  # px; fine detail enough to tell a sharp picture from a blurred one
PART = 16  # px a side of a part: 20×15 of them

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture, reduced.

    Attributes:
        grey: Green plane, longest side at most 320 px, sides multiples of 16.
        half: The same at half the size.
        means: (rows, columns) float32: mean of each 16×16 part of `grey`; where not all parts
            count, (n,) of those that do.
        colour: Mean distance of red and blue from green, grey levels.
        warmth: Mean of red less blue, grey levels.
    """

    grey: Pixels
    half: Pixels
    means: Plane
    colour: float
    warmth: float


def sampled(pixels: Pixels, parts: NDArray[np.bool_] | None = None) -> Sample | None:
    """Reduce BGR or BGRX pixels; None when they are smaller than 4×4 parts (64 px a side).

    `parts` (rows, columns): the ones that count; None: all.
    """
    small = reduced(pixels)
    if small is None:
        return None
    rows, columns = small.shape[:2]
    half = cv2.resize(small, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    tiny = cv2.resize(half, (columns // PART, rows // PART), interpolation=cv2.INTER_AREA)
    shades = tiny.astype(np.float32)
    counted = shades.reshape(-1, shades.shape[2]) if parts is None else shades[parts]
    blue, green, red = (counted[:, channel] for channel in range(3))
    colour = (np.abs(red - green).mean() + np.abs(blue - green).mean()) / 2
    return Sample(
        _plane(cv2.extractChannel(small, 1)),
        _plane(cv2.extractChannel(half, 1)),
        np.ascontiguousarray(green) if parts is not None else shades[:, :, 1].copy(),
        float(colour),
        float((red - blue).mean()),
    )


def reduced(pixels: Pixels) -> Pixels | None:
    """Any planes at the size of `Sample.grey`; None when they are too small.

    Whole factors keep area averaging on OpenCV's fast path.
    """
    height, width = pixels.shape[:2]
    factor = max(1, -(-max(height, width) // _LONGEST))
    columns, rows = width // factor // PART * PART, height // factor // PART * PART
    if columns < 4 * PART or rows < 4 * PART:
        return None
    part = pixels[: rows * factor, : columns * factor]
    if factor == 1:
        return part
    return _plane(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA))


def difference(before: Pixels, now: Pixels) -> Pixels:
    """Of each pixel, grey levels."""
    return _plane(cv2.absdiff(before, now))


def changed_parts(difference: Pixels, step: int) -> NDArray[np.bool_]:
    """Which 16×16 parts differ by more than `step` grey levels in any pixel."""
    _, mask = cv2.threshold(difference, step, 255, cv2.THRESH_BINARY)
    parts = (difference.shape[1] // PART, difference.shape[0] // PART)
    # Of 256 pixels a single one moves the mean from 0 to 1.
    return np.asarray(cv2.resize(mask, parts, interpolation=cv2.INTER_AREA) > 0)


def _plane(array: object) -> Pixels:
    return np.asarray(array, dtype=np.uint8)
