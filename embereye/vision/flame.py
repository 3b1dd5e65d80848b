"""Finding flames by how they look and move over the last seconds."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels
from embereye.vision.boiling import Boiling
from embereye.vision.colour import FlamePlanes, brightened, flame_planes, spread
from embereye.vision.history import CellHistory
from embereye.vision.imaging import CELL, Cells, exceeding, share
from embereye.vision.marks import mark
from embereye.vision.scrutiny import Scrutinies, Scrutiny, due
from embereye.vision.seat import Recurrence, Seat

_WINDOW = 2.5  # s; holds 3 periods of the slowest flicker wanted (1.2 Hz, a pool fire of 1.5 m)
_GAP = 1.2  # s; with fewer looks a second flicker cannot be told from other changes
_LEAST = 10  # samples kept of slow cameras
_ENOUGH = 7  # samples before flicker is judged
_MATURE = 1.6  # s of history for full marks; a swing of an arm or a fan takes up to 1 s

_OCCUPIED = 0.04  # share of a cell and of time: 2.5 of 64 pixels
_STEADY = 0.9  # share of a cell and of time: paint, a lit wall, a sunset; no flame fills a cell so
_NET_STEP = 0.04  # share of a cell that must brighten or darken more than the other
_WIDEST = 12  # cells; a crowd is judged by its liveliest part, since shrinking hides motion
_CHANGE = 16  # grey levels, as in `colour`
_REST = 0.06  # share of the picture; less cannot stand for "the rest"
_EVERYWHERE = 0.6  # a picture that flickers all over: twigs before the sun; no alarm from it alone
_UNSEEN = 0.45  # highest score before closer looks say anything; a hint for fusion begins at 0.5
_WORTH = 0.35  # score without boiling from which looking at it is worth 0.3 ms
_REGIONS = 3  # judged; a lamp or a glint may flicker larger than the fire beside it

_TURNS = 1.0  # changes of direction a second; an object passing by makes one in all


@dataclass(frozen=True, slots=True)
class FlameRegion:
    """One connected group of flickering cells.

    Attributes:
        box: x, y, width, height in cells.
        score: 0–1.
        turns: Changes of direction a second, mean over the cells.
        balance: 0–1; how far brightening and darkening happen at the same time. A lamp, a
            beacon and an exposure step move all pixels one way (0); a flame's tongues do both.
        spread: See `colour.spread`.
        core: Share of the region that is yellow-white, mean over time.
        cells: How many.
        boiling: 0–1, how surely the change is not motion; median over the last looks at
            it, 0 while unknown. See `boiling.Boiling`.
    """

    box: tuple[int, int, int, int]
    score: float
    turns: float
    balance: float
    spread: float
    core: float
    cells: int
    boiling: float = 0.0


class FlameWatch:
    """The flames of one camera. Lives in one thread."""

    def __init__(self) -> None:
        self._before: FlamePlanes | None = None
        self._time = 0.0
        self._history: CellHistory | None = None
        self._boiling = Boiling()
        self._seat, self._recurrence = Seat(), Recurrence()
        self._scrutinies = Scrutinies()

    def clear(self) -> None:
        """Forget the past (a cut)."""
        self._before = None
        self._history = None
        self._seat.clear()
        self._recurrence.clear()
        self._scrutinies.clear()

    @property
    def seconds(self) -> float:
        """Length of the history."""
        return self._history.span if self._history else 0.0

    def look(self, time: float, small: Pixels) -> tuple[FlameRegion, ...]:
        """Take the next reduced picture; regions that flicker like a flame, best first."""
        planes = flame_planes(small)
        before, self._before = self._before, planes
        passed, self._time = time - self._time, time
        if before is None or before.fire.shape != planes.fire.shape:
            before, self._history = planes, None
        if self._history is None:
            grid = (small.shape[0] // CELL, small.shape[1] // CELL)
            self._history = CellHistory(4, grid, _WINDOW, _GAP, _LEAST)
        self._seat.look(passed, planes.fire)
        self._recurrence.look(time, planes.heat)
        up, down = brightened(planes, before)
        self._history.add(time, [share(planes.fire), share(up), share(down), share(planes.core)])
        if len(self._history) < _ENOUGH:
            return ()
        regions = [region for region in self._regions(planes) if region.score >= _WORTH]
        if not regions:
            return ()
        found = self._scrutinies.matched(time, [region.box for region in regions])
        self._examine(found, before, planes, passed)
        weighed = [_weighed(region, known) for region, known in zip(regions, found, strict=True)]
        return tuple(sorted(weighed, key=lambda region: -region.score))

    def _examine(
        self, found: list[Scrutiny], before: FlamePlanes, now: FlamePlanes, passed: float
    ) -> None:
        """Look closer than the cells allow at those regions whose turn it is."""
        assert self._history is not None
        newest = self._history.samples[-1]
        activity = newest[1] + newest[2]
        changed = exceeding(before.heat, now.heat, _CHANGE)
        for known in due(found):
            known.examined = self._time
            window, box = _pixels(_busiest(known.box, activity)), _pixels(known.box)
            remains = self._boiling.remains(before.heat, now.heat, window)
            known.add(
                None if remains is None else _boils(remains, passed),
                _apart(changed, box),
                self._seat.haunted(changed, box),
                self._recurrence.novelty(box),
            )

    def _regions(self, planes: FlamePlanes) -> tuple[FlameRegion, ...]:
        assert self._history is not None
        samples, seconds = self._history.samples, max(self._history.span, 1e-3)
        occupied = samples[:, 0].mean(axis=0)
        if float(occupied.max()) < _OCCUPIED:
            return ()
        turns = _turns(samples[:, 1] - samples[:, 2]) / np.float32(seconds)
        lively = ((occupied >= _OCCUPIED) & (turns >= _TURNS)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            cv2.dilate(lively, np.ones((3, 3), np.uint8)), connectivity=8
        )
        order = sorted(range(1, count), key=lambda label: -int(stats[label, cv2.CC_STAT_AREA]))
        maturity = min(1.0, seconds / _MATURE)
        found = [
            _judge((labels == label) & (lively > 0), samples, turns, planes, maturity)
            for label in order[:_REGIONS]
        ]
        return tuple(sorted(found, key=lambda region: -region.score))


def _weighed(region: FlameRegion, known: Scrutiny) -> FlameRegion:
    credit, boiling = known.credit, known.boiling
    if credit is None or boiling is None:
        return replace(region, score=min(region.score, _UNSEEN))
    return replace(region, score=region.score * credit, boiling=boiling)


def _turns(net: NDArray[np.float32]) -> Cells:
    """How often each cell changed between brightening and darkening; (n, r, c) → (r, c)."""
    signs = (net > _NET_STEP).astype(np.int8) - (net < -_NET_STEP).astype(np.int8)
    last = signs[0].copy()
    total = np.zeros(last.shape, dtype=np.float32)
    for sign in signs[1:]:
        total += (sign * last) < 0
        np.copyto(last, sign, where=sign != 0)
    return total


def _judge(
    cells: NDArray[np.bool_],
    samples: NDArray[np.float32],
    turns: Cells,
    planes: FlamePlanes,
    maturity: float,
) -> FlameRegion:
    occupied = samples[:, 0].mean(axis=0)
    up, down = samples[:, 1][:, cells].sum(axis=1), samples[:, 2][:, cells].sum(axis=1)
    balance = float(np.minimum(up, down).sum() / max(float(np.maximum(up, down).sum()), 1e-6))
    rows, columns = planes.fire.shape
    where = cv2.resize(
        cells.astype(np.uint8) * 255, (columns, rows), interpolation=cv2.INTER_NEAREST
    )
    mixed = spread(planes, np.asarray(where, dtype=np.uint8))
    core = float(samples[:, 3][:, cells].mean())
    pace, size = float(turns[cells].mean()), int(cells.sum())
    score = maturity * _score(pace, balance, mixed, core, size) * _contrast(cells, occupied)
    score *= _lasting(up + down) * _puffing(samples[:, 0][:, cells].sum(axis=1))
    y, x = np.nonzero(cells)
    box = (int(x.min()), int(y.min()), int(np.ptp(x)) + 1, int(np.ptp(y)) + 1)
    return FlameRegion(box, score, pace, balance, mixed, core, size)


def _busiest(box: tuple[int, int, int, int], activity: Cells) -> tuple[int, int, int, int]:
    """The part of a box, at most `_WIDEST` cells a side, in which most happens."""
    x, y, width, height = box
    if max(width, height) <= _WIDEST:
        return box
    inside = np.zeros_like(activity)
    inside[y : y + height, x : x + width] = activity[y : y + height, x : x + width]
    sums = cv2.boxFilter(
        inside, -1, (_WIDEST, _WIDEST), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    row, column = (int(side) for side in np.unravel_index(int(sums.argmax()), sums.shape))
    left = max(x, min(column - _WIDEST // 2, x + width - _WIDEST))
    top = max(y, min(row - _WIDEST // 2, y + height - _WIDEST))
    return left, top, min(width, _WIDEST), min(height, _WIDEST)


def _pixels(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    return x * CELL, y * CELL, width * CELL, height * CELL


def _apart(changed: Pixels, box: tuple[int, int, int, int]) -> float:
    """0–1: 0 where the region changes no more than the rest of the picture (rain, a shaken camera).

    The limits let a camera on a drone pass (1.3 times) and stop lamps in heavy rain (0.6 times).
    """
    x, y, width, height = box
    within = cv2.countNonZero(changed[y : y + height, x : x + width])
    rest = changed.size - width * height
    if rest < _REST * changed.size:
        return _EVERYWHERE
    outside = max(1, cv2.countNonZero(changed) - within) / rest
    return mark(within / (width * height) / outside, 0.6, 1.25)


def _boils(remains: float, passed: float) -> float:
    """How surely something boils, 0–1, when `remains` of the change is left after `passed` s.

    At 0.1 s cloth, people and vehicles leave up to 0.3, flames 0.45–0.8; with longer pauses
    motion is harder to follow and the limits rise (0.3 s: people and flags up to 0.55).
    """
    nothing = 0.22 + min(0.45, max(0.0, 1.4 * (passed - 0.1)))
    return mark(remains, nothing, nothing + 0.26)


def _lasting(activity: NDArray[np.float32]) -> float:
    """0–1: 0 where one of the last two thirds of the window shows next to no activity.

    Something passed by, then. Flames in recordings give at least 0.3 (median 0.45–0.9); the first
    third does not count, so that a flame that has just begun is not held up.
    """
    thirds = [float(part.mean()) for part in np.array_split(activity, 3)]
    return mark(min(thirds[1:]) / max(1e-6, *thirds), 0.05, 0.25)


def _puffing(burning: NDArray[np.float32]) -> float:
    """0.8–1: less where the flame-coloured area hardly changes from look to look.

    The body of a flame swells and shrinks by 8–30 % of itself between two looks; a lamp behind
    rain or snow, or its image in a wet floor, keeps its area within 1–3 %. A fire of many fronts
    seen from far away does so too (1 %), hence no more than a fifth is taken off.
    """
    change = float(np.abs(np.diff(burning)).mean()) / max(1e-6, float(burning.mean()))
    return 0.8 + 0.2 * mark(change, 0.01, 0.06)


def _contrast(cells: NDArray[np.bool_], occupied: Cells) -> float:
    """0–1: 0 where something moves in front of a surface that has the colour of fire itself."""
    ring = (cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~cells
    if not ring.any():
        return 1.0
    return mark(1.0 - float((occupied[ring] > _STEADY).mean()), 0.3, 0.7)


def _score(turns: float, balance: float, mixed: float, core: float, cells: int) -> float:
    """Every property must be there; the root lets two of them be half met, not one missing."""
    marks = (
        mark(turns, 1.0, 2.0),
        mark(balance, 0.05, 0.35),
        mark(mixed, 0.5, 1.1),
        mark(core, 0.0005, 0.01),
        mark(cells, 0.0, 3.0),
    )
    return float(np.prod(marks) ** (1 / 3))
