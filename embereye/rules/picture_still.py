"""When a picture stands still although pictures keep coming: the encoder or the sensor hangs.

A scene at rest is not a frozen picture: the sensor's noise goes on. So the parts of the picture
that normally change from look to look are learned first; only where most of those stop at once is
the picture called frozen. A source that repeats itself anyway (a noise-free or heavily compressed
picture) has no such parts and is never called frozen.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEARN = 60.0  # s of looks before anything is said
_LASTING = 10.0  # s of standing still that are a fault; no source pauses its noise that long
_WINDOW = 20.0  # s over which a picture that is coded anew again and again is judged
_LEAST_LOOKS = 8  # in either, for slow sources
_MEMORY = 60.0  # s; how fast the usual activity is followed
_NOISY = 0.5  # share of looks in which a noisy part changes; 10 s of luck have 0.5^50 at 5 looks/s
# Of the picture must be noisy: sensor noise is everywhere, leaves and water are not, and they may
# well stop for a while. What is coded anew is told less surely and needs more of it.
_LEAST_PARTS, _MOST_PARTS = 0.3, 0.5
_QUIET = 0.05  # of the noisy parts may change in a picture that stands still: a clock drawn into it
# An encoder that hangs on one picture codes it anew at each key frame and refines a few parts in
# between: 13 % in four of five looks were measured, 60–100 % in working streams.
_REFINED, _STILL_LOOKS = 0.3, 0.6  # of the noisy parts, of the looks
_USUAL = 0.02  # of the looks may be still in a working stream
_DOUBTFUL = 0.05  # of the usual weight: 20 s of a beginning fault count as 1 s, below _USUAL
_NEAR = 3.0  # grey levels; coding one picture anew moves no part's mean further

Flags = NDArray[np.bool_]
Means = NDArray[np.float32]


class Stillness:
    """Learns where a picture is noisy and notices when that ends. One thread."""

    def __init__(self) -> None:
        self.frozen = False
        self._active: NDArray[np.float32] | None = None  # share of looks in which a part changes
        self._usual = [0.0, 0.0]  # share of looks that are still, nearly still
        self._learned = 0.0  # s
        self._last: float | None = None
        self._recent: deque[_Look] = deque()

    def look(self, now: float, changed: Flags, means: Means) -> bool | None:
        """Whether the picture stands still; None while learning or where that cannot be known.

        `changed` says of each part whether any of its pixels differs from the look before,
        `means` is each part's mean in grey levels.
        """
        if self._active is None or self._active.shape != changed.shape:
            self._recent.clear()
            self._active = np.zeros(changed.shape, dtype=np.float32)
        passed = 0.0 if self._last is None else min(now - self._last, 2.0)
        self._last = now
        noisy = self._active >= _NOISY
        parts = int(np.count_nonzero(noisy))
        share = np.count_nonzero(changed & noisy) / parts if parts else 1.0
        look = _Look(now, share <= _QUIET, share <= _REFINED, means)
        self._remember(look)
        if not self.frozen:
            self._learn(look, passed, changed)
        if self._learned < LEARN or parts < _LEAST_PARTS * noisy.size:
            return None
        self.frozen = self._stands(now) or (
            parts >= _MOST_PARTS * noisy.size and self._coded_anew(now)
        )
        return self.frozen

    def _remember(self, look: "_Look") -> None:
        self._recent.append(look)
        while len(self._recent) > _LEAST_LOOKS and look.at - self._recent[1].at >= _WINDOW:
            self._recent.popleft()

    def _learn(self, look: "_Look", passed: float, changed: Flags) -> None:
        """Follow the usual activity; what may be a fault teaches slowly."""
        assert self._active is not None
        self._learned += passed
        weight = passed / min(self._learned, _MEMORY) if passed else 0.0
        if look.nearly and self._learned >= LEARN:
            weight *= _DOUBTFUL
        self._active += np.float32(weight) * (changed - self._active)
        self._usual[0] += weight * (look.still - self._usual[0])
        self._usual[1] += weight * (look.nearly - self._usual[1])

    def _stands(self, now: float) -> bool:
        if self._usual[0] > _USUAL and not self.frozen:
            return False
        begin, count = now, 0
        for look in reversed(self._recent):
            if not look.still:
                break
            begin, count = look.at, count + 1
        return count >= _LEAST_LOOKS and now - begin >= _LASTING

    def _coded_anew(self, now: float) -> bool:
        """Whether the picture is still between key frames, and the same before and after them."""
        if self._usual[1] > _USUAL and not self.frozen:
            return False
        if len(self._recent) < _LEAST_LOOKS or now - self._recent[0].at < _WINDOW:
            return False
        if sum(look.nearly for look in self._recent) < _STILL_LOOKS * len(self._recent):
            return False
        apart = np.abs(self._recent[-1].means - self._recent[0].means) > _NEAR
        return bool(np.count_nonzero(apart) <= _QUIET * apart.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One look: how much of the noisy parts changed, and what they show."""

    at: float
    still: bool
    nearly: bool
    means: Means
