"""Which box of one picture is which box that was expected: greedy, the closest pairs first."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embereye.rules.zones import Box

_LEAST_OVERLAP = 0.1  # IoU; less may be two neighbours
_MOST_GROWTH = 2.5  # factor between two looks; a larger one is another object
_APART = 9.0  # cost of what cannot be one; costs of overlap are below 1, of distance up to 5


def pairs(
    boxes: Sequence[Box], expected: Sequence[Box], reach: Sequence[float]
) -> list[tuple[int, int]]:
    """Indices of boxes and expected ones that belong together, each used once.

    By overlap first, then by distance. The best assignment of all differs from this one only
    where objects hide each other, where neither is right for long.

    Args:
        reach: How far each expected one may be from its box, in mean sizes of the two.
    """
    if not boxes or not expected:
        return []
    there, before = _array(boxes), _array(expected)
    overlap, away = _overlaps(there, before), _distances(there, before)
    near = np.where(away <= np.array(reach), 1.0 + away, _APART)
    costs = np.where(overlap >= _LEAST_OVERLAP, 1.0 - overlap, near)
    rows, columns = np.nonzero(costs < _APART)
    order = np.argsort(costs[rows, columns], kind="stable")
    found: list[tuple[int, int]] = []
    taken: tuple[set[int], set[int]] = set(), set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in taken[0] and column not in taken[1]:
            taken[0].add(row)
            taken[1].add(column)
            found.append((row, column))
    return found


def _array(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return np.array([(b.left, b.top, b.right, b.bottom) for b in boxes], np.float64)


def _overlaps(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each box with each box; (n, 4) and (m, 4) give (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (one, other)]
    union = areas[0][:, None] + areas[1][None, :] - common
    return np.asarray(common / np.maximum(union, 1e-12))


def _distances(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between centres, in mean sizes of the two boxes; inf for boxes of quite other size."""
    sizes = [np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6) for boxes in (one, other)]
    centres = [(boxes[:, 2:] + boxes[:, :2]) / 2 for boxes in (one, other)]
    mean = (sizes[0][:, None] + sizes[1][None, :]) / 2
    away = np.hypot(*np.moveaxis((centres[0][:, None] - centres[1][None, :]) / mean, 2, 0))
    growth = np.sqrt(np.prod(sizes[0], axis=1)[:, None] / np.prod(sizes[1], axis=1)[None, :])
    alike = (growth <= _MOST_GROWTH) & (growth >= 1 / _MOST_GROWTH)
    return np.asarray(np.where(alike, away, np.inf))
