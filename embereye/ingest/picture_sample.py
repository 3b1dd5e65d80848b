"""A picture made small enough to be judged by the way."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

_LONGEST = 320  # px; fine detail enough to tell a sharp picture from a blurred one
_PART = 16  # px a side of a part: 20×15 of them
_HALF_PART = _PART // 2

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture, reduced.

    Attributes:
        grey: Green plane, longest side at most 320 px, sides multiples of 16.
        half: The same at half the size.
        means: (rows, columns) float32: mean of each 16×16 part of `grey`.
        colour: Mean distance of red and blue from green, grey levels.
        warmth: Mean of red less blue, grey levels.
    """

    grey: Pixels
    half: Pixels
    means: Plane
    colour: float
    warmth: float


def sampled(pixels: Pixels) -> Sample | None:
    """Reduce BGR or BGRX pixels; None when they are smaller than 4×4 parts (64 px a side).

    Whole factors keep area averaging on OpenCV's fast path.
    """
    height, width = pixels.shape[:2]
    factor = max(1, -(-max(height, width) // _LONGEST))
    columns, rows = width // factor // _PART * _PART, height // factor // _PART * _PART
    if columns < 4 * _PART or rows < 4 * _PART:
        return None
    part = pixels[: rows * factor, : columns * factor]
    small = part if factor == 1 else cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    half = cv2.resize(small, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    parts = (columns // _PART, rows // _PART)
    tiny = cv2.resize(half, parts, interpolation=cv2.INTER_AREA).astype(np.float32)
    blue, green, red = (tiny[:, :, channel] for channel in range(3))
    colour = (np.abs(red - green).mean() + np.abs(blue - green).mean()) / 2
    return Sample(
        _plane(cv2.extractChannel(small, 1)),
        _plane(cv2.extractChannel(half, 1)),
        np.ascontiguousarray(green),
        float(colour),
        float((red - blue).mean()),
    )


def difference(before: Pixels, now: Pixels) -> Pixels:
    """Of each pixel, grey levels."""
    return _plane(cv2.absdiff(before, now))


def changed_parts(difference: Pixels, step: int) -> NDArray[np.bool_]:
    """Which 16×16 parts differ by more than `step` grey levels in any pixel."""
    _, mask = cv2.threshold(difference, step, 255, cv2.THRESH_BINARY)
    parts = (difference.shape[1] // _PART, difference.shape[0] // _PART)
    # Of 256 pixels a single one moves the mean from 0 to 1.
    return np.asarray(cv2.resize(mask, parts, interpolation=cv2.INTER_AREA) > 0)


def _plane(array: object) -> Pixels:
    return np.asarray(array, dtype=np.uint8)
