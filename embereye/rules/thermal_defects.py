"""Cells of a thermal sensor that have failed, found by what no lens can show.

A lens spreads every spot: even a source smaller than a cell heats the cells beside its own by some
share of its height. A cell that stands far out for ten minutes while the cells beside it are not
heated has failed. Until then it is believed: a lone hot cell alarms (at the second frame of a slow
device), so that a failing sensor may raise one false alarm and no fire is held back. From then on
it is taken from its neighbours, so that a fire which begins just there is seen in them, later by
the time that it takes to grow over one cell. It is believed again once it agrees with them for
as long.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, PIXELS, ROWS

# 30 times the noise of a cell (0.5 K). A lesser outlier disturbs no limit by much.
STANDS_OUT = 15.0  # K above or below the ring around its neighbours
# Of its height that its direct neighbours have. Small spots of sensors of this kind have 10–25 %
# beside them; half of the least, so that the texture of a scene (0.6 K) makes no difference.
SPREAD_SHARE = 0.04
LASTING = 600.0  # s; long enough to look at the alarm that such a cell may raise
# The sensor's data sheet allows four; more say that the picture is odd and not its cells.
MOST = 8

_LOOK = 10.0  # s over which a mean is taken, against noise; one frame of a slower device
_MOST_STEP = 60.0  # s that one look may count, so that one picture an hour is no proof
_LEAST_KNOWN = 3  # cells of the ring that must be known

_DIRECT = ((-1, 0), (0, -1), (0, 1), (1, 0))
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
    """One failed cell."""

    row: int
    column: int

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
        self._sum += celsius.reshape(PIXELS)  # a NaN leaves its cell out of this look
        self._frames += 1
        if self._looked is None:
            self._looked = now
        step = now - self._looked
        if step < _LOOK:
            return False
        mean = (self._sum / self._frames).astype(np.float32)
        self._looked, self._frames = now, 0
        self._sum[:] = 0.0
        return self._judge(mean, min(step, _MOST_STEP))

    def repair(self, celsius: Floats) -> Floats:
        """The picture with each failed cell as the mean of what is known around it, else NaN.

        A copy when there are any.
        """
        if not self.defects:
            return celsius
        repaired = celsius.copy()
        repaired.reshape(PIXELS)[[defect.index for defect in self.defects]] = np.nan
        for defect in self.defects:
            rows = slice(max(0, defect.row - 1), defect.row + 2)
            columns = slice(max(0, defect.column - 1), defect.column + 2)
            around = celsius[rows, columns][~np.isnan(repaired[rows, columns])]
            if len(around):
                repaired[defect.row, defect.column] = around.mean()
        return repaired

    def _judge(self, mean: Floats, step: float) -> bool:
        known = np.zeros(PIXELS, np.bool_)
        known[[defect.index for defect in self.defects]] = True
        out = _impossible(mean, known)
        change = np.where(out, step, -step)  # not to zero: people passing do not end a suspicion
        change[np.isnan(mean)] = 0.0
        self._suspicion = (self._suspicion + change).clip(0.0, LASTING)
        failed = (self._suspicion >= LASTING) | (known & (self._suspicion > 0))
        found = tuple(Defect(*divmod(int(cell), COLUMNS)) for cell in np.flatnonzero(failed))
        self.suspicious = len(found) if len(found) > MOST else 0
        if self.suspicious or found == self.defects:
            return False
        self.defects = found
        return True


def _impossible(mean: Floats, known: Flags) -> Flags:
    """(768,) cells that stand out and heat, or cool, none beside them."""
    trusted = np.where(known, np.float32(np.nan), mean)
    direct, ring = _around(trusted, _DIRECT), _around(trusted, _RING)
    ordered = np.sort(ring, axis=0)  # what is unknown comes last
    count = np.count_nonzero(~np.isnan(ring), axis=0)
    middle = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    beside = np.count_nonzero(~np.isnan(direct), axis=0)
    height = mean - middle
    share = (np.nansum(direct, axis=0) / np.maximum(beside, 1) - middle) / np.where(
        height == 0, np.float32(1), height
    )
    enough = (count >= _LEAST_KNOWN) & (beside > 0)
    return np.asarray(enough & (np.abs(height) >= STANDS_OUT) & (share < SPREAD_SHARE))


def _around(cells: Floats, steps: tuple[tuple[int, int], ...]) -> Floats:
    """(steps, 768) the cells at these distances (down, right); NaN outside the picture."""
    padded = np.pad(cells.reshape(ROWS, COLUMNS), 2, constant_values=np.nan)
    return np.array(
        [
            padded[2 + down : 2 + down + ROWS, 2 + right : 2 + right + COLUMNS].reshape(PIXELS)
            for down, right in steps
        ]
    )
