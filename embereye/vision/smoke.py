"""Finding smoke: a grey plume that streams upwards through a place and stays there."""

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels
from embereye.vision.imaging import exceeding
from embereye.vision.marks import mark

_SHRINK = 4  # of the reduced picture: 80×60 at 4:3, where optical flow costs 0.25 ms
_SMALLEST = 16  # px a side; optical flow refuses less than 12
_PERIOD = 0.14  # s between looks; smoke is slower than flames, and flow needs some motion
_GAP = 1.2  # s without a look after which the past no longer counts
_MEMORY = 1.5  # s, time constant of all running means
_STEP = 3  # grey levels between looks that count as activity after area averaging
_ACTIVE = 0.35  # share of time a place is active; people and cars pass, a plume keeps on
_GREY_SPREAD = 38  # levels between the largest and smallest channel
_DARKEST, _BRIGHTEST = 25, 235  # levels; blacker is night, whiter is glare
_GREY = 0.6  # share of time
# Spread ÷ mean of the upward speed inside the region. Smoke billows: 0.25–0.9. A belt with sacks
# 0.04–0.13, an escalator 0.20–0.24: all parts of a machine move alike.
_UNEVEN = 0.18, 0.29
_SETTLING = 0.2  # weight of a look in what is averaged over looks: about a second
_LEAP = 2.0  # times the usual speed of the picture; faster is a leap, not a flow
_ANCHOR = 2.0  # s; a plume covers the place that it covered then, a walker does not

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SmokeRegion:
    """The largest streaming grey region.

    Attributes:
        box: x, y, width, height as shares of the picture, 0–1.
        score: 0–1.
        size: Share of the picture.
        rise: −1…1; the part of the flow that points upwards.
        anchored: 0–1; the part of the region of 2 s ago that is still covered.
        restless: Share of the whole picture that is active; a moving camera gives 0.8 and more.
        steady: Seconds for which the region has been rising without a break.
    """

    box: tuple[float, float, float, float]
    score: float
    size: float
    rise: float
    anchored: float
    restless: float
    steady: float


class SmokeWatch:
    """The smoke of one camera. Lives in one thread."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(1)  # half resolution: 0.07 instead of 0.32 ms
        self.clear()

    def clear(self) -> None:
        """Forget the past (a cut)."""
        self._before: Pixels | None = None
        self._last = 0.0
        self._means: list[Plane] = []
        self._regions: deque[tuple[float, NDArray[np.bool_]]] = deque(maxlen=24)
        self._speed: float | None = None
        self._uneven = 0.0
        self._rising_since: float | None = None
        self._verdict: SmokeRegion | None = None
        self._changes = [0.0, 0.0]

    def look(self, time: float, small: Pixels) -> SmokeRegion | None:
        """Take the next reduced picture; the region most like smoke, None when nothing streams."""
        if self._before is not None and 0 <= time - self._last < _PERIOD:
            return self._verdict
        picture = _shrunk(small)
        luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        before, passed = self._before, time - self._last
        self._before, self._last = luma, time
        if before is None or before.shape != luma.shape or not 0 < passed <= _GAP:
            self._start(luma)
            return None
        self._blend(passed, picture, before, luma)
        self._verdict = self._judged(time, before, luma)
        return self._verdict

    def _start(self, luma: Pixels) -> None:
        self._means = [np.zeros(luma.shape, np.float32) for _ in range(4)]
        self._regions.clear()
        self._speed = None
        self._uneven = 0.0
        self._rising_since = self._verdict = None

    def _blend(self, passed: float, picture: Pixels, before: Pixels, luma: Pixels) -> None:
        flow = self._flow.calc(before, luma, None)  # type: ignore[call-overload]
        flow -= np.median(flow.reshape(-1, 2), axis=0)  # the camera's own motion
        active = cv2.blur(exceeding(before, luma, _STEP), (5, 5)).astype(np.float32) / 255
        keep = float(1 - np.exp(-passed / _MEMORY))
        rate = active / np.float32(passed)
        across, down = flow[..., 0] * rate, flow[..., 1] * rate
        speed = cv2.magnitude(across, down)
        calm = np.float32(self._calmed(float(speed.mean()), keep))
        new = (active, down * calm, speed * calm, _grey(picture, luma))
        for mean, value in zip(self._means, new, strict=True):
            cv2.accumulateWeighted(value, mean, keep)

    def _calmed(self, speed: float, keep: float) -> float:
        """Factor ≤ 1 that keeps one look from outweighing the others.

        Where a clip starts again or a camera drops pictures everything seems to leap; smoke
        itself does not double its speed between two looks.
        """
        usual = self._speed if self._speed is not None else speed
        factor = min(1.0, _LEAP * usual / speed) if speed > 0 else 1.0
        self._speed = usual + keep * (factor * speed - usual)
        return factor

    def _judged(self, time: float, before: Pixels, luma: Pixels) -> SmokeRegion | None:
        active, down, speed, grey = self._means
        mask = (active > _ACTIVE) & (grey > _GREY)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        if count < 2:
            self._rising_since = None
            return None
        label = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        region = labels == label
        total = float(speed[region].sum()) + 1e-6
        rise = -float(down[region].sum()) / total
        change = luma[region].astype(np.int16) - before[region]
        counts = sorted((int((change > _STEP).sum()), int((change < -_STEP).sum())))
        self._changes = [0.8 * old + new for old, new in zip(self._changes, counts, strict=True)]
        upwards = -down[region] / active[region]  # px/s, where something moved at all
        uneven = float(upwards.std() / max(1e-3, abs(float(upwards.mean()))))
        self._uneven += _SETTLING * (uneven - self._uneven)
        return self._scored(time, region, rise, float((active > _ACTIVE).mean()))

    def _scored(
        self, time: float, region: NDArray[np.bool_], rise: float, restless: float
    ) -> SmokeRegion:
        anchored = self._anchored(time, region)
        if rise < 0.4 or anchored < 0.5:
            self._rising_since = None
        elif self._rising_since is None:
            self._rising_since = time
        steady = time - self._rising_since if self._rising_since is not None else 0.0
        size = float(region.mean())
        balance = self._changes[0] / max(1.0, self._changes[1])
        marks = (
            mark(size, 0.005, 0.02),
            mark(rise, 0.4, 0.8),
            mark(anchored, 0.5, 0.8),
            mark(1 - restless, 0.15, 0.4),
            mark(steady, 0.5, 3.5),
            mark(balance, 0.05, 0.3),  # a lamp brightens everything at once
        )
        score = float(np.prod(marks) ** 0.5) * mark(self._uneven, *_UNEVEN)
        return SmokeRegion(_box(region), score, size, rise, anchored, restless, steady)

    def _anchored(self, time: float, region: NDArray[np.bool_]) -> float:
        self._regions.append((time, region))
        while len(self._regions) > 1 and time - self._regions[1][0] >= _ANCHOR:
            self._regions.popleft()
        then, past = self._regions[0]
        if time - then < _ANCHOR / 2:
            return 0.0
        return float((region & past).sum() / max(1, past.sum()))


def _shrunk(small: Pixels) -> Pixels:
    size = (max(_SMALLEST, small.shape[1] // _SHRINK), max(_SMALLEST, small.shape[0] // _SHRINK))
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _grey(picture: Pixels, luma: Pixels) -> Plane:
    blue, green, red = cv2.split(picture)
    highest, lowest = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    flat = cv2.inRange(cv2.subtract(highest, lowest), 0, _GREY_SPREAD)
    lit = cv2.inRange(luma, _DARKEST, _BRIGHTEST)
    return cv2.bitwise_and(flat, lit).astype(np.float32) / np.float32(255)


def _box(region: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    rows, columns = region.shape
    y, x = np.nonzero(region)
    return (
        float(x.min()) / columns,
        float(y.min()) / rows,
        (float(np.ptp(x)) + 1) / columns,
        (float(np.ptp(y)) + 1) / rows,
    )
