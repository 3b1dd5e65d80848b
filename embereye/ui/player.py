"""Where playback of stored thermal frames stands, and which frame that means. No Qt, no clock."""

from bisect import bisect_right
from collections import OrderedDict

from embereye.model.past import REEL_SECONDS, ReelRead
from embereye.model.reading import ThermalFrame

SPEEDS = (1, 2, 5, 10, 30, 60)
_KEPT = 8  # reels: 8 minutes, about 4 MB at the fastest stored rate
_SILENCE = 15.0  # s; a longer time without frames is skipped while playing
_LINGER = 5.0  # s of history for which the last frame before a silence stays
_FRESH = 60.0  # s; an older frame does not stand for a moment any more


def reel_start(utc: float) -> float:
    """The beginning of the minute that a moment lies in, s UTC."""
    return utc // REEL_SECONDS * REEL_SECONDS


class Player:
    """Moves over the minutes of one device; asks for those it lacks. GUI thread.

    Attributes:
        position: The moment shown, s UTC.
        speed: Seconds of history a second.
        playing: Whether `advance` moves.
    """

    def __init__(self) -> None:
        self.position = 0.0
        self.speed = 10
        self.playing = False
        self._reels: OrderedDict[float, ReelRead] = OrderedDict()
        self._old: set[float] = set()

    @property
    def reel(self) -> ReelRead | None:
        """The minute of the position, None until it was taken."""
        return self._reels.get(reel_start(self.position))

    def clear(self) -> None:
        """Forget everything: another device."""
        self._reels.clear()
        self._old.clear()
        self.playing = False

    def take(self, reel: ReelRead) -> None:
        """Keep a minute that was read."""
        self._old.discard(reel.asked.start)
        self._reels[reel.asked.start] = reel
        self._reels.move_to_end(reel.asked.start)
        while len(self._reels) > _KEPT:
            self._reels.popitem(last=False)

    def refresh(self) -> None:
        """Newer frames may have been stored: read the last minutes again, and show them so long."""
        self._old = {start for start, reel in self._reels.items() if reel.later is None}

    def wanted(self) -> list[float]:
        """Beginnings of the minutes to read now, s UTC: this one, and while playing the next."""
        start = reel_start(self.position)
        ahead = [start]
        if self.playing and self.reel is not None and self.reel.later is not None:
            ahead.append(reel_start(self.reel.later))
        return [one for one in ahead if one not in self._reels or one in self._old]

    def frame(self) -> ThermalFrame | None:
        """The newest frame up to the position, of this minute or the end of the one before."""
        reel = self.reel
        if reel is None:
            return None
        index = _index(reel, self.position)
        if index >= 0:
            return reel.frames[index]
        before = self._reels.get(reel.asked.start - REEL_SECONDS)
        if before is not None and before.frames:
            last = before.frames[-1]
            return last if self.position - last.at.utc <= _FRESH else None
        return None

    def advance(self, seconds: float) -> None:
        """Play on for `seconds` of real time; waits for what is not read yet."""
        reel = self.reel
        if not self.playing or reel is None:
            return
        target = self.position + seconds * self.speed
        index = _index(reel, self.position)
        following = reel.frames[index + 1].at.utc if index + 1 < len(reel.frames) else reel.later
        if following is None:
            self.playing = False
            return
        shown = self.frame()
        lingered = shown is None or target - shown.at.utc > _LINGER
        if lingered and following - target > _SILENCE:
            self.position = following
        else:
            self.position = min(target, reel.asked.start + REEL_SECONDS)

    def step(self, direction: int) -> None:
        """To the next (1) or previous (-1) frame; nothing happens where there is none."""
        reel = self.reel
        if reel is None:
            return
        self.playing = False
        index = _index(reel, self.position)
        if direction > 0:
            inside = index + 1 < len(reel.frames)
            target = reel.frames[index + 1].at.utc if inside else reel.later
        elif index >= 1:
            target = reel.frames[index - 1].at.utc
        else:
            target = self._before(reel, index)
        if target is not None:
            self.position = target

    def _before(self, reel: ReelRead, index: int) -> float | None:
        """The frame before the one that is shown at or before the first of a minute."""
        if index == 0 or reel.earlier is None:
            return reel.earlier
        shown = self.frame()
        if shown is None:
            return reel.earlier
        before = self._reels[reel.asked.start - REEL_SECONDS]
        return before.frames[-2].at.utc if len(before.frames) > 1 else before.earlier


def _index(reel: ReelRead, utc: float) -> int:
    """Index of the newest frame of a minute up to a moment, -1 before the first."""
    return bisect_right([frame.at.utc for frame in reel.frames], utc) - 1
