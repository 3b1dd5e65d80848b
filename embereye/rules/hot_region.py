"""Hot spots of a thermal picture as regions of interest in the camera picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, ROWS
from embereye.rules.alignment import Alignment

# Above the middle of the picture: more than a person in a cool hall (12 K).
LEAST_HEIGHT = 15.0  # K
MOST_SPOTS = 3  # the hottest ones; more is a hot scene, which is looked at as a whole
_HALF = 0.5  # of its height that belongs to a spot, as usual for the width of a peak
_MARGIN = 2.0  # cells on each side: one for the lens, one for an alignment by hand
_UPWARDS = 1.0  # of its height, added above: flames and smoke stand on what is hot


@dataclass(frozen=True, slots=True)
class HotBox:
    """A part of the camera picture to look at closely.

    Attributes:
        x, y, width, height: Fractions of the camera picture, inside it.
        celsius: The hottest cell in it.
    """

    x: float
    y: float
    width: float
    height: float
    celsius: float


def hot_boxes(
    celsius: NDArray[np.float32], alignment: Alignment, least: float = LEAST_HEIGHT
) -> tuple[HotBox, ...]:
    """Where the camera sees the hot spots of a (24, 32) picture, hottest first.

    A spot is what hangs together with a cell at least `least` K above the picture's median and is
    more than half as high. Spots that the camera does not see are left out; NaN cells count for
    nothing.
    """
    rest = celsius.copy()
    if np.isnan(rest).all():
        return ()
    middle = float(np.nanmedian(rest))
    found: list[HotBox] = []
    for _ in range(MOST_SPOTS):
        hottest = int(np.where(np.isnan(rest), -np.inf, rest).argmax())
        row, column = divmod(hottest, COLUMNS)
        height = float(rest[row, column]) - middle
        if not height >= least:
            break
        spot = _spot(rest, row, column, middle + _HALF * height)
        box = _box(spot, alignment, middle + height)
        if box is not None:
            found.append(box)
        rest[spot] = np.nan
    return tuple(found)


def _spot(celsius: NDArray[np.float32], row: int, column: int, level: float) -> NDArray[np.bool_]:
    """(24, 32) the cells at or above `level` that hang together with this one."""
    hot = celsius >= level
    spot = np.zeros((ROWS, COLUMNS), np.bool_)
    spot[row, column] = True
    count = 0
    while count != (count := int(spot.sum())):
        grown = np.pad(spot, 1)
        grown = grown[:-2] | grown[1:-1] | grown[2:]
        spot = (grown[:, :-2] | grown[:, 1:-1] | grown[:, 2:]) & hot
    return spot


def _box(spot: NDArray[np.bool_], alignment: Alignment, celsius: float) -> HotBox | None:
    rows, columns = np.nonzero(spot)
    top, bottom = float(rows.min()), float(rows.max()) + 1
    left, right = columns.min() - _MARGIN, columns.max() + 1 + _MARGIN
    top, bottom = top - _MARGIN - _UPWARDS * (bottom - top), bottom + _MARGIN
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    seen = alignment.to_camera(corners)
    if np.isnan(seen).any():
        return None
    low, high = seen.min(axis=0).clip(0.0, 1.0), seen.max(axis=0).clip(0.0, 1.0)
    width, height = (high - low).tolist()
    if width <= 0 or height <= 0:
        return None
    return HotBox(float(low[0]), float(low[1]), width, height, celsius)
