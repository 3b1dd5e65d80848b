"""Whether a flicker has a seat, and whether it comes round again like a machine."""

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

_MEMORY = 1.0  # s, time constant of the mean; two to four tongues of a flame
_FEWEST = 6  # flickering pixels below which nothing is said
_HARDLY = 5  # of 255: 2 % of the time
_THIN, _WIDE = 2, 6000  # every second row and column of boxes of more pixels; saves 0.2 ms
_SHRINK = 4  # of the reduced picture: 80×60 at 4:3
_NEAREST, _FARTHEST = 0.3, 2.0  # s back: slower than one swing of an arm, shorter than a clip
_CAPACITY = 24  # pictures; 2 s at 12 looks a second
_NEEDED = 6  # pictures in that time before anything is said


class Seat:
    """The share of time each pixel has had the colour of a flame. Lives in one thread.

    The tongues of a flame stand on a seat: a pixel that flickers burns 20–80 % of the time
    (measured on 10 recorded and rendered fires: median 0.21–0.80). Glints of the sun or of lamps
    on water, sparks and flakes are somewhere else each time: 0.08–0.12.
    """

    def __init__(self) -> None:
        self._burning: NDArray[np.float32] | None = None

    def look(self, passed: float, fire: Pixels) -> None:
        """Take the next mask of flame colours (0 or 255), `passed` s after the one before."""
        if self._burning is None or self._burning.shape != fire.shape:
            self._burning = fire.astype(np.float32)
            return
        keep = float(1 - np.exp(-max(0.0, passed) / _MEMORY))
        cv2.accumulateWeighted(fire, self._burning, keep)

    def clear(self) -> None:
        """Forget the past (a cut)."""
        self._burning = None

    def haunted(self, changed: Pixels, box: tuple[int, int, int, int]) -> float | None:
        """Median share of time, 0–1, over the pixels of `box` that changed just now.

        Pixels that hardly ever had the colour of a flame do not count. None when few changed.
        """
        if self._burning is None:
            return None
        x, y, width, height = box
        step = _THIN if width * height > _WIDE else 1
        rows, columns = slice(y, y + height, step), slice(x, x + width, step)
        burning = self._burning[rows, columns]
        chosen = burning[(changed[rows, columns] > 0) & (burning > _HARDLY)]
        return float(np.median(chosen)) / 255 if chosen.size >= _FEWEST else None


class Recurrence:
    """The pictures of the last two seconds, to see whether one of them comes back.

    A fan, a waving arm, a chasing neon sign return to the same picture; turbulence never does.
    Lives in one thread.
    """

    def __init__(self) -> None:
        self._past: deque[tuple[float, Pixels]] = deque(maxlen=_CAPACITY)

    def look(self, time: float, heat: Pixels) -> None:
        """Take the next picture, of the time `time` s."""
        rows, columns = heat.shape
        size = (max(1, columns // _SHRINK), max(1, rows // _SHRINK))
        small = np.asarray(cv2.resize(heat, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        if self._past and self._past[-1][1].shape != small.shape:
            self._past.clear()
        self._past.append((time, small))

    def clear(self) -> None:
        """Forget the past (a cut)."""
        self._past.clear()

    def novelty(self, box: tuple[int, int, int, int]) -> float | None:
        """Difference to the most similar past picture ÷ to a typical one, inside `box` (pixels).

        0 for a machine that runs evenly (up to 0.2 for an arm), 0.4–0.9 for flames (one look in
        five 0.3); None while too little is known.
        """
        x, y, width, height = (side // _SHRINK for side in box)
        time, now = self._past[-1]
        part = now[y : y + height, x : x + width]
        apart = [
            cv2.norm(old[y : y + height, x : x + width], part, cv2.NORM_L1)
            for then, old in self._past
            if _NEAREST <= time - then <= _FARTHEST
        ]
        if len(apart) < _NEEDED or part.size == 0:
            return None
        return min(apart) / max(1e-3, float(np.median(apart)))
