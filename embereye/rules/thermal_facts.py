"""What a thermal picture says in a few numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, PIXELS, ROWS

AGREEING_SHARE = 0.1  # of the height above the median; see `ThermalFrame.agreeing`
_DOWN = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
_RIGHT = np.array([-1, 0, 1, -1, 1, -1, 0, 1])

Floats = NDArray[np.float32]
Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Facts of n pictures; flagged (NaN) cells take no part in any of them.

    Attributes:
        usable: (n,) cells that are temperatures; where it is 0 the other facts mean nothing.
        highest, lowest, mean: (n,) °C.
        row, column: (n,) of the hottest cell.
        agreeing: (n,) neighbours of it that are nearly as hot, 0–8.
    """

    usable: Counts
    highest: Floats
    lowest: Floats
    mean: Floats
    row: Counts
    column: Counts
    agreeing: Counts


def facts_of(celsius: Floats) -> Facts:
    """The facts of (n, 24, 32) pictures with n ≥ 1."""
    cells = celsius.reshape(-1, PIXELS)
    flagged = np.isnan(cells)
    usable = PIXELS - np.count_nonzero(flagged, axis=1)
    if flagged.any():
        low_cells = np.where(flagged, np.float32(np.inf), cells)
        cells = np.where(flagged, np.float32(-np.inf), cells)
        total = np.where(flagged, np.float32(0), cells).sum(axis=1)
    else:
        low_cells, total = cells, cells.sum(axis=1)
    hottest = cells.argmax(axis=1)
    highest = np.take_along_axis(cells, hottest[:, None], axis=1)[:, 0]
    row, column = np.divmod(hottest, COLUMNS)
    with np.errstate(invalid="ignore"):  # pictures without any usable cell
        height = highest - _median(low_cells, usable)
        near = highest - np.float32(AGREEING_SHARE) * height
    return Facts(
        usable=usable,
        highest=highest,
        lowest=low_cells.min(axis=1),
        mean=(total / np.maximum(usable, 1)).astype(np.float32),
        row=row,
        column=column,
        agreeing=_agreeing(cells.reshape(-1, ROWS, COLUMNS), row, column, near),
    )


def _median(cells: Floats, usable: Counts) -> Floats:
    """(n,) medians; flagged cells are +inf and so behind all others."""
    if np.all(usable == PIXELS):
        middle = np.partition(cells, (PIXELS // 2 - 1, PIXELS // 2), axis=1)
        return np.asarray((middle[:, PIXELS // 2 - 1] + middle[:, PIXELS // 2]) / 2)
    ordered = np.sort(cells, axis=1)
    picture = np.arange(len(cells))
    lower = ordered[picture, np.maximum(usable - 1, 0) // 2]
    return np.asarray((lower + ordered[picture, usable // 2 % PIXELS]) / 2)


def _agreeing(cells: Floats, row: Counts, column: Counts, near: Floats) -> Counts:
    rows, columns = row[:, None] + _DOWN, column[:, None] + _RIGHT
    inside = (rows >= 0) & (rows < ROWS) & (columns >= 0) & (columns < COLUMNS)
    picture = np.arange(len(cells))[:, None]
    around = cells[picture, rows.clip(0, ROWS - 1), columns.clip(0, COLUMNS - 1)]
    return np.asarray(np.count_nonzero(inside & (around >= near[:, None]), axis=1), dtype=np.intp)
