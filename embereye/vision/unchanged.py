"""Whether a picture still shows what the one shows whose verdict is known: a small fingerprint."""

from dataclasses import dataclass

import cv2
import numpy as np

from embereye.model.frame import Pixels

_SIZE = (80, 60)  # cells; of 640×480 one stands for 8×8 pixels, a flame of 1 % of its width
_GRAIN = 4  # pixels a side of a cell that are averaged, after rows and columns were left out
_COARSE = (20, 15)  # blocks of 16 cells
# Grey levels, in any channel. Sensor noise of 6 levels, which 16 averaged pixels bring to 1.5, is
# 2.1 between two pictures: 12 is 5.7 times that, a chance of 1 in 5,000 for all 14,400 values.
_CELL_STEP = 12
# A block averages 16 cells: 0.5 of noise; 4 is what a slow change of light or thin smoke brings.
_BLOCK_STEP = 4


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """What is kept of a picture, 15 KiB.

    Attributes:
        cells: (60, 80, 3) uint8, BGR means.
        shape: Of the pixels that it was made of.
    """

    cells: Pixels
    shape: tuple[int, ...]


def fingerprint(pixels: Pixels) -> Fingerprint:
    """Of BGR pixels of any size; costs the same for each (0.1 ms)."""
    height, width = pixels.shape[:2]
    stride = max(1, min(height // (_GRAIN * _SIZE[1]), width // (_GRAIN * _SIZE[0])))
    kept = (width // stride, height // stride)
    part = cv2.resize(pixels, kept, interpolation=cv2.INTER_NEAREST) if stride > 1 else pixels
    cells = cv2.resize(part, _SIZE, interpolation=cv2.INTER_AREA)
    return Fingerprint(np.asarray(cells, dtype=np.uint8), pixels.shape)


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether they differ by noise only.

    Colour counts, since a flame may be as bright as the wall behind it. A noisier camera than
    assumed is never alike, which costs time and hides nothing.
    """
    if one.shape != other.shape:
        return False
    if cv2.norm(one.cells, other.cells, cv2.NORM_INF) > _CELL_STEP:
        return False
    return cv2.norm(_blocks(one), _blocks(other), cv2.NORM_INF) <= _BLOCK_STEP


def _blocks(seen: Fingerprint) -> Pixels:
    blocks = cv2.resize(seen.cells, _COARSE, interpolation=cv2.INTER_AREA)
    return np.asarray(blocks, dtype=np.uint8)
