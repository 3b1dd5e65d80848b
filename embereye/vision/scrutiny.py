"""What the closer looks at one flickering region have shown, remembered from look to look."""

from collections import deque
from collections.abc import Iterable, Sequence
from statistics import median

from embereye.vision.marks import mark

Box = tuple[int, int, int, int]  # x, y, width, height in cells

_LOOKS = 9  # looks over which the boiling is taken as a median; a cut spoils one
_LEAST = 3  # looks at the boiling before anything is said
_HAUNTED = 0.12, 0.19  # median share of time that flickering pixels burn; see `seat.Seat`
_NOVEL = 0.1, 0.3  # how far a picture differs from any past one; see `seat.Recurrence`

_SAME = 0.2  # shared cells ÷ the smaller box; a flame's box doubles and halves from look to look
_NEAR = 4.0  # cells between centres; half the height of the rendered flame of 50×90 px
_FORGOTTEN = 2.0  # s; two puffs of the slowest flame wanted (1.2 Hz) lie 0.8 s apart


class Scrutiny:
    """The closer looks at one region. Lives in one thread.

    Attributes:
        box: Where the region was last seen.
        seen: When, s.
        examined: When it was last looked at closer, s; -inf before.
    """

    def __init__(self, box: Box, seen: float) -> None:
        self.box, self.seen, self.examined = box, seen, float("-inf")
        self._boils: deque[float] = deque(maxlen=_LOOKS)
        self._aparts: deque[float] = deque(maxlen=_LOOKS)
        self._haunts: deque[float] = deque(maxlen=_LOOKS)
        self._novelties: deque[float] = deque(maxlen=_LOOKS)

    def add(
        self, boils: float | None, apart: float, haunted: float | None, novelty: float | None
    ) -> None:
        """Take what one look has shown, each 0–1; None where it could not tell."""
        self._aparts.append(apart)
        for looks, value in (
            (self._boils, boils),
            (self._haunts, haunted),
            (self._novelties, novelty),
        ):
            if value is not None:
                looks.append(value)

    @property
    def firm(self) -> bool:
        """Whether it has seen as much as it remembers."""
        return len(self._boils) == _LOOKS

    @property
    def boiling(self) -> float | None:
        """0–1, how surely the change is not motion: the median; None while unknown."""
        return median(self._boils) if len(self._boils) >= _LEAST else None

    @property
    def credit(self) -> float | None:
        """0–1, what the looks leave of a region's score; None while unknown."""
        typical = self.boiling
        if typical is None:
            return None
        credit = float(typical**0.5) * median(self._aparts)
        if self._haunts:
            credit *= mark(median(self._haunts), *_HAUNTED)
        if self._novelties:
            credit *= mark(lower(self._novelties), *_NOVEL)
        return credit


class Scrutinies:
    """The scrutinies of one camera. Lives in one thread."""

    def __init__(self) -> None:
        self._known: list[Scrutiny] = []  # the one of the best region first

    def clear(self) -> None:
        """Forget the past (a cut)."""
        self._known.clear()

    def matched(self, time: float, boxes: Sequence[Box]) -> list[Scrutiny]:
        """The scrutiny of each box, new where nothing fits; `boxes` best first, `time` in s.

        The best region takes over the one of the best before it when nothing fits, since a flame
        that is blown about leaves its box. That one is kept until it is taken; others are
        forgotten after 2 s.
        """
        free = [
            known
            for index, known in enumerate(self._known)
            if index == 0 or time - known.seen <= _FORGOTTEN
        ]
        chosen: list[Scrutiny] = []
        for box in boxes:
            found = _fitting(box, free) or (free[0] if free and not chosen else None)
            if found is None:
                found = Scrutiny(box, time)
            else:
                free.remove(found)
                found.box, found.seen = box, time
            chosen.append(found)
        self._known = chosen + free
        return chosen


def lower(values: Iterable[float]) -> float:
    """The lower quartile."""
    ordered = sorted(values)
    return ordered[len(ordered) // 4]


def due(found: Sequence[Scrutiny]) -> Sequence[Scrutiny]:
    """Those whose turn it is for a closer look; `found` best first, not empty.

    One a look, the one that has waited longest, since each costs 0.3 ms. As long as the best has
    seen little, it and one of the others, so that no alarm waits for a turn.
    """
    best, *others = found
    waiting = found if best.firm else others
    longest = sorted(waiting, key=lambda known: known.examined)[:1]
    return longest if best.firm else [best, *longest]


def _fitting(box: Box, free: Iterable[Scrutiny]) -> Scrutiny | None:
    """The one that shares most with `box`; else the nearest, if near."""
    best = max(
        free, key=lambda known: (_shared(box, known.box), -_away(box, known.box)), default=None
    )
    if best is None:
        return None
    fits = _shared(box, best.box) >= _SAME or _away(box, best.box) <= _NEAR
    return best if fits else None


def _shared(one: Box, other: Box) -> float:
    """Intersection ÷ the smaller area, 0–1."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0, width) * max(0, height) / min(one[2] * one[3], other[2] * other[3])


def _away(one: Box, other: Box) -> float:
    """Cells between the centres."""
    across = one[0] + one[2] / 2 - other[0] - other[2] / 2
    down = one[1] + one[3] / 2 - other[1] - other[3] / 2
    return float((across**2 + down**2) ** 0.5)
