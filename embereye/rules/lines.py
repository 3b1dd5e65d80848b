"""When an object crosses a line, in which direction, and only once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from embereye.rules.polygon import Point, distance, turn
from embereye.rules.zones import Box

# An object has left a line when its foot is a quarter of its width away, at least 1 % and at most
# 5 % of the picture: boxes of standing people jitter by less.
_CLEAR = 0.25
_LEAST_CLEAR = 0.01
_MOST_CLEAR = 0.05


@dataclass(slots=True)
class _Path:
    last: Point
    net: int = 0  # crossings to the right less those to the left, since it was clear last


class LineCrossing:
    """Watches one line. Places are fractions of the picture.

    The path of the foot from look to look is what crosses, so an object that jumps over the line
    counts, and one that walks around its end does not. It counts when the object is clear of the
    line: one that stands on it and sways, or turns back, counts not at all or once.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        self._parts = list(pairwise(points))
        self._paths: dict[int, _Path] = {}

    def step(self, track: int, place: Point, box: Box, believed: bool = True) -> int:
        """Take where an object is now: 1 when it has crossed to the right, −1 to the left, else 0.

        Right is where the right hand of somebody points who walks from the first corner to the
        last. A crossing of an object that is not `believed` yet is told when it is.
        """
        path = self._paths.get(track)
        if path is None:
            self._paths[track] = _Path(place)
            return 0
        path.net += sum(_crossing(a, b, path.last, place) for a, b in self._parts)
        path.last = place
        if not believed or path.net == 0 or self._away(place) < _clear(box):
            return 0
        crossed, path.net = (1 if path.net > 0 else -1), 0
        return crossed

    def keep(self, tracks: Sequence[int]) -> None:
        """Forget all other objects."""
        self._paths = {n: path for n, path in self._paths.items() if n in tracks}

    def _away(self, place: Point) -> float:
        return min((distance(a, b, place) for a, b in self._parts), default=inf)


def _clear(box: Box) -> float:
    return min(_MOST_CLEAR, max(_LEAST_CLEAR, _CLEAR * box.width))


def _crossing(a: Point, b: Point, start: Point, end: Point) -> int:
    """1 when the way from `start` to `end` crosses a–b to the right, −1 to the left, else 0.

    A place on the line counts as right of it, before and after alike, so that each crossing is
    seen once; the same holds for a way through a corner of two parts.
    """
    before, after = turn(a, b, start) >= 0, turn(a, b, end) >= 0
    if before == after:
        return 0
    if (turn(start, end, a) >= 0) == (turn(start, end, b) >= 0):
        return 0
    return 1 if after else -1
