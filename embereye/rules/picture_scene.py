"""What light does to a whole picture: black, and a change of the whole scene at once."""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from math import inf

import numpy as np
from numpy.typing import NDArray

SETTLE = 3.0  # s; exposure and white balance of cameras settle within 2 s
_SPAN = 1.0  # s in which a switch of lights, or of the infra-red filter, is over
_STEP = 20.0  # grey levels; exposure that follows a cloud moves less in a second
_SHARE = 0.6  # of the picture; a person at arm's length covers half
_STAYS = 0.4  # of the picture still differs when it has settled
_WARMER = 10.0  # grey levels of red less blue; lamps change some 5, a fire ball 30 (measured)
_COLOURED, _GREY = 6.0, 1.5  # mean distance of red and blue from green, grey levels: an
# infra-red filter that opens leaves no colour at all, not even that of noise after averaging
_OFTEN, _SELDOM = 12, 4  # changes in …
_COUNTED = 600.0  # s; an infra-red filter that hunts switches each 10–60 s, people switch lights
# on and off a few times
_BLACK = 20.0  # grey levels of 255; the brightest part of a picture that shows nothing
_BLACK_SPREAD = 3.0  # grey levels; sensor noise of a covered lens

Means = NDArray[np.float32]


def is_black(means: Means, spread: float) -> bool:
    """Whether nothing can be seen: every part's mean dark, and `spread` (standard deviation of the
    pixels, grey levels) no more than noise."""
    return bool(means.max() <= _BLACK) and spread <= _BLACK_SPREAD


class Scene(Enum):
    """What a look at the whole picture found."""

    SAME = "same"
    CUT = "cut"  # most of it changed just now
    CHANGED = "changed"  # it changed some seconds ago, came to rest and stays different


class Cuts:
    """Notices that most of a picture changed within a second, and whether for good. One thread.

    A lorry that passes close by is a cut and then the old scene again; an explosion is many cuts.
    Only what comes to rest and stays different is a changed scene.

    Attributes:
        settling: Until when what moves means little, monotonic seconds; see `PictureSigns`.
    """

    def __init__(self) -> None:
        self.settling = 0.0
        self._recent: deque[_Shade] = deque()
        self._before: _Shade | None = None  # the scene before the first of some cuts
        self._cut_at = -inf

    @property
    def unsettled(self) -> bool:
        """Whether the last cut is so recent that the picture cannot be judged."""
        return self._before is not None

    def look(self, now: float, means: Means, colour: float, warmth: float) -> Scene:
        """Judge one picture at `now`, monotonic seconds.

        `means` are the parts' means in grey levels, `colour` the mean distance of red and blue
        from green, `warmth` the mean of red less blue. After a cut the next looks are compared
        with what it led to.
        """
        shade = _Shade(now, means, colour, warmth)
        if self._recent and self._recent[0].means.shape != means.shape:
            self._recent.clear()
            self._before = None
        self._recent.append(shade)
        while now - self._recent[0].at > _SPAN and len(self._recent) > 2:
            self._recent.popleft()
        before = self._recent[0]
        if _differ(before, shade, _SHARE):
            return self._cut(before, shade)
        if self._before is not None and now - self._cut_at >= SETTLE:
            origin, self._before = self._before, None
            return Scene.CHANGED if _differ(origin, shade, _STAYS) else Scene.SAME
        return Scene.SAME

    def _cut(self, before: "_Shade", now: "_Shade") -> Scene:
        if self._before is None:
            self._before = before
            if now.warmth - before.warmth < _WARMER:
                self.settling = now.at + SETTLE
        self._cut_at = now.at
        self._recent.clear()
        self._recent.append(now)
        return Scene.CUT


class Restlessness:
    """Counts changed scenes, and says when that does not end. Monotonic seconds; one thread."""

    def __init__(self) -> None:
        self._changes: deque[float] = deque(maxlen=_OFTEN)
        self._held = False

    def changed(self, now: float) -> None:
        """One more scene."""
        self._changes.append(now)

    def look(self, now: float) -> bool:
        """Whether the picture keeps changing."""
        while self._changes and now - self._changes[0] > _COUNTED:
            self._changes.popleft()
        self._held = len(self._changes) > (_SELDOM if self._held else _OFTEN - 1)
        return self._held


@dataclass(frozen=True, slots=True, eq=False)
class _Shade:
    """How light and colour lie in one picture."""

    at: float
    means: Means
    colour: float
    warmth: float


def _differ(one: _Shade, other: _Shade, share: float) -> bool:
    low, high = sorted((one.colour, other.colour))
    if low <= _GREY and high >= _COLOURED:
        return True
    apart = np.abs(one.means - other.means) > _STEP
    return bool(np.count_nonzero(apart) >= share * apart.size)
