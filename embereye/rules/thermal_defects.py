"""Cells of a thermal sensor that have failed, found by what no lens can show.

A lens spreads every spot: even a source smaller than a cell heats the cells beside its own by some
share of its height. A cell that stands far out for ten minutes while the cells beside it are not
heated has failed. Until then it is believed: a lone hot cell alarms (at the second frame of a slow
device), so that a failing sensor may raise one false alarm and no fire is held back. From then on
it is taken from its neighbours, so that a fire which begins just there is seen in them, later by
the time that it takes to grow over one cell. It is believed again once it agrees with them for
ten times as long, and at once when it is hotter than it ever was while this was learned: what was
known as harmless at 55 °C is news at 85 °C, whatever its neighbours say.
"""

from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, PIXELS, ROWS

# 30 times the noise of a cell (0.5 K). A lesser outlier disturbs no limit by much.
STANDS_OUT = 15.0  # K above or below the ring around its neighbours
# Ten times the noise of a cell; more would put off an alarm by as much.
NEWS = 5.0  # K above what a failed cell is known to show
# Of its height that its direct neighbours have. Small spots of sensors of this kind have 10–25 %
# beside them; half of the least, so that the texture of a scene (0.6 K) makes no difference.
SPREAD_SHARE = 0.04
LASTING = 600.0  # s; long enough to look at the alarm that such a cell may raise
# The sensor's data sheet allows four; more say that the picture is odd and not its cells.
MOST = 8

_LOOK = 10.0  # s over which a mean is taken, against noise; one frame of a slower device
_MOST_STEP = 60.0  # s that one look may count, so that one picture an hour is no proof
# A cell that fails for a tenth of the time is found, too; else it would alarm for ever.
_FORGETTING = 0.1  # s of suspicion that end with each s of agreement
_LEAST_KNOWN = 3  # cells of the ring that must be known

_DIRECT = ((-1, 0), (0, -1), (0, 1), (1, 0))
# What a direct neighbour is compared with: the cells around it on its other sides.
_BEYOND = tuple(
    ((2 * down, 2 * right), (down + right, right + down), (down - right, right - down))
    for down, right in _DIRECT
)
_SECOND = -2  # of the shares in rising order
_FOOT = 2.0  # a cell beside one that stands out so many times as far is the foot of its spot
_RING = tuple(
    (down, right)
    for down in range(-2, 3)
    for right in range(-2, 3)
    if max(abs(down), abs(right)) == 2
)

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Defect:
    """One failed cell.

    Attributes:
        highest: °C, what it showed at most while it was found out. Another value makes no other
            cell of it.
    """

    row: int
    column: int
    highest: float = field(default=inf, compare=False)

    @property
    def index(self) -> int:
        """In the flat picture."""
        return self.row * COLUMNS + self.column


class DefectWatch:
    """Learns the failed cells of one device. Times are monotonic seconds.

    Attributes:
        defects: What is known now, at most `MOST`; replaced as a whole.
        suspicious: Cells that would be failed ones but are more than `MOST`, else 0.
    """

    def __init__(self, known: tuple[Defect, ...] = ()) -> None:
        self.defects = known[:MOST]
        self.suspicious = 0
        self._sum = np.zeros(PIXELS)
        self._frames = 0
        self._looked: float | None = None
        self._top = np.full(PIXELS, -np.inf, np.float32)  # hottest frame of this look
        self._peak = self._top.copy()  # and of the whole suspicion
        self._suspicion = np.zeros(PIXELS)  # s, 0–LASTING
        self._suspicion[[defect.index for defect in self.defects]] = LASTING

    @property
    def texts(self) -> tuple[str, ...]:
        """What a technician should know; rows and columns count from 0, from the upper left."""
        if self.suspicious:
            return (f"{self.suspicious} thermal cells stand out; check the sensor and its window",)
        return tuple(
            f"failed thermal cell at row {d.row}, column {d.column}, taken from its neighbours"
            for d in self.defects
        )

    def forget(self) -> None:
        """Believe all cells again."""
        self.defects, self.suspicious = (), 0
        self._suspicion[:] = 0.0

    def take(self, now: float, celsius: Floats) -> bool:
        """Take one picture (24, 32) as measured; True when `defects` changed."""
        cells = celsius.reshape(PIXELS)
        self._sum += cells  # a NaN leaves its cell out of this look
        np.fmax(self._top, cells, out=self._top)
        self._frames += 1
        if self._looked is None:
            self._looked = now
        step = now - self._looked
        if step < _LOOK:
            return False
        mean = (self._sum / self._frames).astype(np.float32)
        self._looked, self._frames = now, 0
        self._sum[:] = 0.0
        changed = self._judge(mean, min(step, _MOST_STEP))
        self._top[:] = -np.inf
        return changed

    def repair(self, celsius: Floats) -> Floats:
        """The picture with each failed cell as the mean of what is known around it, else NaN.

        A copy when there are any. One that shows something new is left as it is.
        """
        failed = [d for d in self.defects if not celsius[d.row, d.column] > d.highest + NEWS]
        if not failed:
            return celsius
        repaired = celsius.copy()
        repaired.reshape(PIXELS)[[defect.index for defect in failed]] = np.nan
        for defect in failed:
            rows = slice(max(0, defect.row - 1), defect.row + 2)
            columns = slice(max(0, defect.column - 1), defect.column + 2)
            around = celsius[rows, columns][~np.isnan(repaired[rows, columns])]
            if len(around):
                repaired[defect.row, defect.column] = around.mean()
        return repaired

    def _judge(self, mean: Floats, step: float) -> bool:
        known = {d.index: d for d in self.defects if not mean[d.index] > d.highest + NEWS}
        self._suspicion[[d.index for d in self.defects if d.index not in known]] = 0.0
        flags = np.zeros(PIXELS, np.bool_)
        flags[list(known)] = True
        out = _impossible(mean, flags)
        self._peak = np.where(self._suspicion > 0, np.fmax(self._peak, self._top), self._top)
        change = np.where(out, step, -_FORGETTING * step)
        change[np.isnan(mean)] = 0.0
        self._suspicion = (self._suspicion + change).clip(0.0, LASTING)
        failed = (self._suspicion >= LASTING) | (flags & (self._suspicion > 0))
        found = tuple(known.get(int(cell)) or self._defect(cell) for cell in np.flatnonzero(failed))
        self.suspicious = len(found) if len(found) > MOST else 0
        if self.suspicious or found == self.defects:
            return False
        self.defects = found
        return True

    def _defect(self, cell: np.intp) -> Defect:
        return Defect(*divmod(int(cell), COLUMNS), float(self._peak[cell]))


def _impossible(mean: Floats, known: Flags) -> Flags:
    """(768,) cells that stand out and heat, or cool, at most one of those beside them.

    Each of these is compared with what lies around it on its other sides, so that a hot cell on a
    cold beam is not taken for one that heats nothing. One may be hot for another reason: it may
    have failed, too.
    """
    if not np.fmax.reduce(mean) - np.fmin.reduce(mean) >= STANDS_OUT:
        return np.zeros(PIXELS, np.bool_)  # no cell can; the rest takes 0.3 ms
    around = _Around(np.where(known, np.float32(np.nan), mean))
    height = mean - (middle := _middle(ring := around.at(_RING)))
    if not (np.abs(height) >= STANDS_OUT).any():
        return np.zeros(PIXELS, np.bool_)
    highest = np.fmax.reduce(np.abs(around.at(_DIRECT) - middle), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.sort(
            [
                np.where(np.isnan(beside), -np.inf, (beside - _middle(around.at(beyond))) / height)
                for beside, beyond in zip(around.at(_DIRECT), _BEYOND, strict=True)
            ],
            axis=0,
        )
    lone = np.isneginf(shares[_SECOND])  # but one neighbour is known
    share = np.where(lone, shares[-1], shares[_SECOND])
    enough = (_known(ring) >= _LEAST_KNOWN) & ~np.isneginf(share)
    peak = (np.abs(height) >= STANDS_OUT) & (highest < _FOOT * np.abs(height))
    return np.asarray(enough & peak & (share < SPREAD_SHARE))


def _known(cells: Floats) -> NDArray[np.intp]:
    return np.asarray(np.count_nonzero(~np.isnan(cells), axis=0))


def _middle(cells: Floats) -> Floats:
    """The median over the first axis of what is known, the lower one of two; NaN of nothing."""
    ordered = np.sort(cells, axis=0)  # what is unknown comes last
    index = np.maximum(_known(cells) - 1, 0)[None] // 2
    return np.asarray(np.take_along_axis(ordered, index, axis=0)[0])


class _Around:
    """The cells at some distance of each cell; NaN outside the picture."""

    def __init__(self, cells: Floats) -> None:
        self._padded = np.pad(cells.reshape(ROWS, COLUMNS), 2, constant_values=np.nan)

    def at(self, steps: tuple[tuple[int, int], ...]) -> Floats:
        """(steps, 768) the cells at these distances (down, right)."""
        return np.array(
            [
                self._padded[2 + down : 2 + down + ROWS, 2 + right : 2 + right + COLUMNS].reshape(
                    PIXELS
                )
                for down, right in steps
            ]
        )
