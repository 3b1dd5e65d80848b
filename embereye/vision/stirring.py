"""How a part of the picture that somebody points at has changed lately."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels
from embereye.vision.boiling import Boiling
from embereye.vision.marks import mark
from embereye.vision.scrutiny import lower
from embereye.vision.seat import Recurrence

Place = tuple[float, float, float, float]  # x, y, width, height as shares of the picture, 0–1

_SHRINK = 4  # of the reduced picture: 80×60 at 4:3, as in `seat.Recurrence`
_WINDOW = 2.5  # s, as in `flame`: three periods of the slowest flicker wanted
_GAP = 1.2  # s without a look after which the past says nothing
_CAPACITY = 40  # planes; 2.5 s at 15 looks a second
_ENOUGH = 6  # looks before anything is said
_STEP = 8  # grey levels; noise of 6 levels averages to 1.5 over 16 pixels, exposure drifts by less
_CHANGE = 16  # grey levels of the reduced picture, as in `flame`
_REST = 0.06  # share of the picture; less cannot stand for "the rest"
_EVERYWHERE = 0.6  # where the part is nearly everything, as in `flame`
_LOOKS = 9  # closer looks remembered; a second at eight looks a second
_NOVEL = 0.1, 0.3  # as in `scrutiny`
_LEAST = 2  # px of the small planes a side


@dataclass(frozen=True, slots=True)
class Stir:
    """How one part changes; all 0 for a still picture.

    Attributes:
        active: Mean share of its pixels that change from look to look, 0–1.
        turns: Changes of direction a second, mean over the pixels that ever change. A thing that
            passes makes one in all.
        balance: 0–1; how far brightening and darkening happen at the same time. See
            `flame.FlameRegion`.
        apart: 0–1; 0 where it changes no more than the rest of the picture.
        boils: 0–1; how surely the change is not motion. None while unknown.
        novel: 0–1; 0 where the same pictures come round again, as a fan or a beacon makes them.
        seconds: Of pictures behind this.
    """

    active: float = 0.0
    turns: float = 0.0
    balance: float = 0.0
    apart: float = 0.0
    boils: float | None = None
    novel: float = 1.0
    seconds: float = 0.0


STILL = Stir()


class Stirring:
    """The recent past of one camera, to be asked about a place. Lives in one thread."""

    def __init__(self) -> None:
        self._boiling = Boiling()
        self._planes: deque[tuple[float, Pixels]] = deque(maxlen=_CAPACITY)
        self._fine: deque[tuple[float, Pixels]] = deque(maxlen=2)
        self._boils: deque[float] = deque(maxlen=_LOOKS)
        self._novelties: deque[float] = deque(maxlen=_LOOKS)
        self._recurrence = Recurrence()

    def look(self, time: float, small: Pixels) -> None:
        """Take the next reduced BGR picture, of the time `time` s."""
        # Red and green: the part of the spectrum a flame modulates most; grey for smoke.
        heat = np.asarray(cv2.transform(small, _HEAT), dtype=np.uint8)
        rows, columns = small.shape[:2]
        heat = heat.reshape(rows, columns)
        size = (max(1, columns // _SHRINK), max(1, rows // _SHRINK))
        plane = np.asarray(cv2.resize(heat, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        if self._planes and not self._follows(time, plane):
            self.clear()
        self._planes.append((time, plane))
        self._fine.append((time, heat))
        self._recurrence.look(time, heat)
        while time - self._planes[0][0] > _WINDOW:
            self._planes.popleft()

    def clear(self) -> None:
        """Forget the past (a cut)."""
        self._planes.clear()
        self._fine.clear()
        self._boils.clear()
        self._novelties.clear()
        self._recurrence.clear()

    def at(self, place: Place) -> Stir:
        """How the place has changed over the last 2.5 s. At most once a look."""
        if len(self._planes) < _ENOUGH:
            return STILL
        seconds = self._planes[-1][0] - self._planes[0][0]
        signs = self._signs()
        rows, columns = _slices(place, (signs.shape[1], signs.shape[2]))
        part = signs[:, rows, columns]
        up = np.count_nonzero(part > 0, axis=(1, 2))
        down = np.count_nonzero(part < 0, axis=(1, 2))
        most = float(np.maximum(up, down).sum())
        if most == 0:
            return Stir(seconds=seconds)
        self._look_closer(place)
        return Stir(
            active=float((up + down).mean()) / part[0].size,
            turns=_turns(part) / max(seconds, 1e-3),
            balance=float(np.minimum(up, down).sum()) / most,
            apart=_apart(signs, part),
            boils=fmean(self._boils) if self._boils else None,
            novel=mark(lower(self._novelties), *_NOVEL) if self._novelties else 1.0,
            seconds=seconds,
        )

    def active(self, places: Sequence[Place]) -> list[float] | None:
        """The share of each place that changes from look to look, 0–1; None while unknown."""
        if len(self._planes) < _ENOUGH:
            return None
        changes = self._signs() != 0
        shape = (changes.shape[1], changes.shape[2])
        return [float(changes[:, *_slices(place, shape)].mean()) for place in places]

    def _signs(self) -> NDArray[np.int8]:
        """Which pixels brightened (1) and darkened (−1) from look to look."""
        stack = np.stack([plane for _, plane in self._planes]).astype(np.int16)
        steps = np.diff(stack, axis=0)
        return (steps > _STEP).astype(np.int8) - (steps < -_STEP).astype(np.int8)

    def _follows(self, time: float, plane: Pixels) -> bool:
        last, before = self._planes[-1]
        return 0 <= time - last <= _GAP and before.shape == plane.shape

    def _look_closer(self, place: Place) -> None:
        (then, before), (time, now) = self._fine
        rows, columns = _slices(place, (now.shape[0], now.shape[1]))
        box = (columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
        remains = self._boiling.remains(before, now, box)
        if remains is not None:
            nothing = 0.22 + min(0.45, max(0.0, 1.4 * (time - then - 0.1)))
            self._boils.append(mark(remains, nothing, nothing + 0.26))
        novelty = self._recurrence.novelty(box)
        if novelty is not None:
            self._novelties.append(novelty)


_HEAT = np.array([[0.0, 0.5, 0.5]], np.float32)  # of blue, green, red


def _slices(place: Place, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of a place, at least 2 each where the plane has them."""
    rows, columns = shape
    x, y, width, height = place
    return _span(y, height, rows), _span(x, width, columns)


def _span(start: float, length: float, side: int) -> slice:
    least = min(_LEAST, side)
    first = min(max(0, int(start * side)), side - least)
    return slice(first, min(side, max(first + least, round((start + length) * side))))


def _turns(signs: NDArray[np.int8]) -> float:
    """Changes of direction of a pixel, mean over those that changed at all."""
    last = signs[0].copy()
    total = np.zeros(last.shape, np.int32)
    for sign in signs[1:]:
        total += (sign * last) < 0
        np.copyto(last, sign, where=sign != 0)
    return float(total[(signs != 0).any(axis=0)].mean())


def _apart(signs: NDArray[np.int8], part: NDArray[np.int8]) -> float:
    """As `flame._apart`, over the whole window."""
    inside = int(np.count_nonzero(part))
    rest = signs.size - part.size
    if rest < _REST * signs.size:
        return _EVERYWHERE
    outside = max(1, int(np.count_nonzero(signs)) - inside) / rest
    return mark(inside / part.size / outside, 0.6, 1.25)
