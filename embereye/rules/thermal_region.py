"""Regions of the thermal picture: what is watched in them, and which cells they cover.

Points count columns (0–32) and rows (0–24) from the upper left corner; halves are cell centres.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, PIXELS, ROWS

Points = tuple[tuple[float, float], ...]
Flags = NDArray[np.bool_]

_STRAIGHT = 1e-9  # cells; a line that leans less is upright, and dividing by less overflows
_DIGITS = 6  # of a cell; far below what a hand can draw
_LEFT = np.tile(np.arange(COLUMNS, dtype=np.float64), ROWS)  # of each cell
_TOP = np.repeat(np.arange(ROWS, dtype=np.float64), COLUMNS)


class Measure(StrEnum):
    """What is watched: °C for MAX, MIN and MEAN, °C/min for RISE, K for the others."""

    MAX = "max"
    MIN = "min"
    MEAN = "mean"
    SPREAD = "spread"  # hottest less coldest cell
    DIFFERENCE = "difference"  # this mean less that of another region
    AMBIENT = "ambient"  # maximum less the sensor's own temperature
    RISE = "rise"  # of the maximum
    UNUSUAL = "unusual"  # above the learned background


@dataclass(frozen=True, slots=True)
class RegionRule:
    """What counts in a region.

    Attributes:
        other: Id of the region that DIFFERENCE compares with.
        below: Counts when it falls below the levels instead of reaching them.
        pre_alarm, alarm: Levels in the unit of the measure; None: no such level.
        dead_band: Return beyond the level that ends it.
        on_delay, off_delay: Seconds.
    """

    measure: Measure
    other: str = ""
    below: bool = False
    pre_alarm: float | None = None
    alarm: float | None = None
    dead_band: float = 2.0
    on_delay: float = 2.0
    off_delay: float = 5.0


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the picture with rules of its own.

    Attributes:
        shape: "point", "line", "polygon" or "frame".
        emissivity: None: the device's.
        reflected: °C; None: the device's.
    """

    id: str
    name: str
    shape: str = "frame"
    points: Points = ()
    emissivity: float | None = None
    reflected: float | None = None
    rules: tuple[RegionRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is watched in one device's picture.

    Attributes:
        masks: Polygons that count for nothing, neither in regions nor in the whole picture.
    """

    regions: tuple[Region, ...] = ()
    masks: tuple[Points, ...] = ()


def cells_of(shape: str, points: Points) -> Flags:
    """(768,) which cells a shape covers; never none.

    A point is the cell it lies in: interpolating between cells would dilute a hot one. A line
    covers every cell that it touches, a polygon those whose centre lies inside, or, when it is
    smaller than a cell, the cell of its middle.
    """
    if shape == "frame":
        return np.ones(PIXELS, np.bool_)
    if shape == "point":
        return _cell(*points[0])
    if shape == "line":
        return _touched(points)
    inside = _inside(points)
    if inside.any():
        return inside
    middle = np.mean(np.array(points), axis=0)
    return _cell(float(middle[0]), float(middle[1]))


def masked_cells(masks: tuple[Points, ...]) -> Flags | None:
    """(768,) which cells count for nothing; None when all count."""
    if not masks:
        return None
    return np.asarray(np.any([cells_of("polygon", points) for points in masks], axis=0))


def _cell(x: float, y: float) -> Flags:
    found = np.zeros(PIXELS, np.bool_)
    found[min(int(y), ROWS - 1) * COLUMNS + min(int(x), COLUMNS - 1)] = True
    return found


def _touched(points: Points) -> Flags:
    found = _cell(*points[0])
    for start, end in pairwise(points):
        found |= _crossed(start, end)
    return found


def _crossed(start: tuple[float, float], end: tuple[float, float]) -> Flags:
    """Cells whose inside a straight line enters (the slab method), and that of its start."""
    # A line along the right or lower border lies in the last column or row.
    edge = COLUMNS - _STRAIGHT, ROWS - _STRAIGHT
    start = min(start[0], edge[0]), min(start[1], edge[1])
    end = min(end[0], edge[0]), min(end[1], edge[1])
    enter, leave = np.zeros(PIXELS), np.ones(PIXELS)
    outside = np.zeros(PIXELS, np.bool_)
    for low, begin, way in (
        (_LEFT, start[0], end[0] - start[0]),
        (_TOP, start[1], end[1] - start[1]),
    ):
        if abs(way) < _STRAIGHT:
            outside |= (begin < low) | (begin >= low + 1)
            continue
        first, second = (low - begin) / way, (low + 1 - begin) / way
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    return (~outside & (enter < leave)) | _cell(*start)


def _inside(points: Points) -> Flags:
    """Cells whose centre lies inside, by the even-odd rule."""
    # Rounded, so that an edge is level or leans enough to be divided by.
    points = tuple((round(x, _DIGITS), round(y, _DIGITS)) for x, y in points)
    x, y = _LEFT + 0.5, _TOP + 0.5
    inside = np.zeros(PIXELS, np.bool_)
    for (x1, y1), (x2, y2) in zip(points, (*points[1:], points[0]), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside
