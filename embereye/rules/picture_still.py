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
_LEAST_LOOKS = 8  # in a window, for slow sources
_MEMORY = 60.0  # s; how fast the usual activity is followed
_NOISY = 0.5  # share of looks in which a noisy part changes; 10 s of luck have 0.5^50 at 5 looks/s
_USUAL = 0.02  # of the looks may be still in a working stream
_DOUBTFUL = 0.05  # of the usual weight: 20 s of a beginning fault count as 1 s, below _USUAL
_NEAR = 3.0  # grey levels; coding one picture anew moves no part's mean further
_MOVED = 0.05  # of the parts may show something else in the end: a clock drawn into the picture


@dataclass(frozen=True, slots=True)
class Standing:
    """What standing still means.

    Attributes:
        step: Grey levels by which any pixel of a part must differ for the part to have changed.
        window: Seconds that are judged.
        looks: Share of the looks in it that must be still.
        quiet: Share of the noisy parts that may change in a still look.
        parts: Share of the picture that must be noisy. Sensor noise is everywhere, leaves and
            water are not, and they may well stop for a while.
    """

    step: int
    window: float
    looks: float
    quiet: float
    parts: float


# The same picture over and over: no source pauses its noise for 10 s. A clock that is drawn into
# the picture covers 1–5 % of it.
REPEATED = Standing(step=0, window=10.0, looks=1.0, quiet=0.05, parts=0.3)
# An encoder that hangs on one picture codes it anew at each key frame and refines it in between:
# that touches each part, but hardly any pixel by more than 3 levels. Measured at 0.6–1.5 Mbit/s:
# 0–0.1 % of the pixels, against 0.6–14 % in the same streams before.
CODED_ANEW = Standing(step=3, window=20.0, looks=0.6, quiet=0.3, parts=0.5)

Flags = NDArray[np.bool_]
Means = NDArray[np.float32]


class Stillness:
    """Learns where a picture is noisy and notices when that ends. One thread."""

    def __init__(self, standing: Standing = REPEATED) -> None:
        self.standing = standing
        self._frozen = False
        self._active: NDArray[np.float32] | None = None  # share of looks in which a part changes
        self._usual = 0.0  # share of looks that are still
        self._learned = 0.0  # s
        self._last: float | None = None
        self._recent: deque[_Look] = deque()

    def look(self, now: float, changed: Flags, means: Means) -> bool | None:
        """Whether the picture stands still; None while learning or where that cannot be known.

        `changed` says of each part whether it differs from the look before, `means` is each
        part's mean in grey levels.
        """
        if self._active is None or self._active.shape != changed.shape:
            self._recent.clear()
            self._active = np.zeros(changed.shape, dtype=np.float32)
        passed = 0.0 if self._last is None else min(now - self._last, 2.0)
        self._last = now
        noisy = self._active >= _NOISY
        parts = int(np.count_nonzero(noisy))
        share = np.count_nonzero(changed & noisy) / parts if parts else 1.0
        look = _Look(now, share <= self.standing.quiet, means)
        self._remember(look)
        if not self._frozen:
            self._learn(look, passed, changed)
        if self._learned < LEARN or parts < self.standing.parts * noisy.size:
            return None
        self._frozen = self._stands(now)
        return self._frozen

    def _remember(self, look: "_Look") -> None:
        self._recent.append(look)
        longest = self.standing.window
        while len(self._recent) > _LEAST_LOOKS and look.at - self._recent[1].at >= longest:
            self._recent.popleft()

    def _learn(self, look: "_Look", passed: float, changed: Flags) -> None:
        """Follow the usual activity; what may be a fault teaches slowly."""
        assert self._active is not None
        self._learned += passed
        weight = passed / min(self._learned, _MEMORY) if passed else 0.0
        if look.still and self._learned >= LEARN:
            weight *= _DOUBTFUL
        self._active += np.float32(weight) * (changed - self._active)
        self._usual += weight * (look.still - self._usual)

    def _stands(self, now: float) -> bool:
        if self._usual > _USUAL and not self._frozen:
            return False
        if len(self._recent) < _LEAST_LOOKS or now - self._recent[0].at < self.standing.window:
            return False
        if sum(look.still for look in self._recent) < self.standing.looks * len(self._recent):
            return False
        apart = np.abs(self._recent[-1].means - self._recent[0].means) > _NEAR
        return bool(np.count_nonzero(apart) <= _MOVED * apart.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One look: whether hardly any noisy part changed, and what the parts show."""

    at: float
    still: bool
    means: Means
