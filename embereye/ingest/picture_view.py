"""Knows the view of a fixed camera again: in place, shifted or turned, or not at all.

The view is learned as points of the resting scene. The picture is made independent of light first
(each pixel against its surroundings), so that a lamp, dusk or infra-red light moves nothing.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

_AROUND = (15, 15)  # px of 160; surroundings that a pixel is compared with
_FLOOR = 6.0  # grey levels; spread below this is noise and not made larger
_SPREAD = 50.0  # grey levels a standard deviation of the surroundings becomes
_STRUCTURE = 5.0  # grey levels of spread that are more than noise after averaging

_GATHER = 20  # looks (s) that are averaged: people and cars vanish in it
_PROVE = 12  # looks (s) in which points must stay where they are
_PROVEN = 0.75  # of them
_IN_PLACE = 1.0  # px of 160; less than tracking errs
_POINTS, _LEAST_POINTS = 60, 12
_QUALITY, _APART = 0.03, 7  # of the best corner; px
_WINDOW = (13, 13)  # px that are compared around a point
_LEVELS = 3  # halvings, so that shifts of a quarter of the picture are found
_ALIKE = 28.0  # mean grey levels of difference around a point that is still the same
_BACK = 0.7  # px; tracked to and fro a point must come back
_KEPT, _LIKE = 0.35, 0.45  # share of the points, correlation: the view is in place
_INLIERS, _LEAST_INLIERS = 0.35, 8  # of the points, that move as one
_SHIFT = 0.02  # of the picture's width: 3 px, three times what tracking errs
_QUARTER = 0.125  # of what is seen; a quarter with less than half of its share counts for nothing
_ADAPT = 0.01  # a look; shadows and seasons are followed in minutes

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Aspect:
    """How a picture compares with the known view.

    Attributes:
        likeness: Correlation with the known view, −1–1.
        kept: Share of its points that are where they were.
        shift: Largest displacement of a corner of the picture as a share of its width, where the
            points moved as one; else 0.
    """

    likeness: float
    kept: float
    shift: float

    @property
    def in_place(self) -> bool:
        return self.shift == 0.0 and (self.kept >= _KEPT or self.likeness >= _LIKE)


def levelled(half: Pixels, seen: Pixels | None = None) -> tuple[Pixels, float]:
    """The picture with each pixel relative to its surroundings, and the share of it that shows
    any structure.

    `seen`: 255 where it may be judged; None: everywhere. The rest becomes plain.
    """
    plane = half.astype(np.float32)
    mean = cv2.blur(plane, _AROUND)
    variance = np.maximum(cv2.blur(plane * plane, _AROUND) - mean * mean, 0)
    level = (plane - mean) * (np.float32(_SPREAD) / np.sqrt(variance + np.float32(_FLOOR**2)))
    if seen is None:
        share = float(np.count_nonzero(variance > _STRUCTURE**2)) / variance.size
    else:
        level[seen == 0] = 0
        counted = max(1, int(np.count_nonzero(seen)))
        share = float(np.count_nonzero((variance > _STRUCTURE**2) & (seen > 0))) / counted
    return _bytes(cv2.convertScaleAbs(level + np.float32(128))), share


class KnownView:
    """Learns one view and compares pictures with it. One thread; a look a second.

    Attributes:
        known: Whether the view is learned; a camera that pans, or a scene without anything at
            rest, is never known.
    """

    def __init__(self) -> None:
        self.known = False
        self._seen: Pixels | None = None
        self._start()

    def look(self, level: Pixels, seen: Pixels | None = None) -> Aspect | None:
        """Compare a levelled picture, or learn from it (None).

        `seen`: 255 where it may be judged; None: everywhere.
        """
        self._seen = seen
        if self._sum.shape != level.shape:
            self._start(level.shape)
        if self.known:
            return self._compared(level)
        if self._gathered < _GATHER:
            self._gather(level)
        else:
            self._prove(level)
        return None

    def _start(self, shape: tuple[int, ...] = (0, 0)) -> None:
        self.known = False
        self._sum = np.zeros(shape, dtype=np.float32)
        self._gathered = self._proofs = 0
        self._points: Points = np.zeros((0, 1, 2), dtype=np.float32)
        self._hits = np.zeros(0, dtype=np.int64)
        self._view: Pixels = np.zeros(shape, dtype=np.uint8)

    def _gather(self, level: Pixels) -> None:
        cv2.accumulate(level, self._sum)
        self._gathered += 1
        if self._gathered < _GATHER:
            return
        self._sum /= np.float32(_GATHER)
        self._view = _bytes(cv2.convertScaleAbs(self._sum))
        found = cv2.goodFeaturesToTrack(
            self._view, _POINTS, _QUALITY, _APART, mask=_away(self._seen)
        )
        if found is None or len(found) < _LEAST_POINTS:
            self._start(level.shape)
            return
        self._points = np.asarray(found, dtype=np.float32)
        self._hits = np.zeros(len(found), dtype=np.int64)

    def _prove(self, level: Pixels) -> None:
        moved, seen = self._tracked(level)
        self._hits += seen & (_lengths(moved - self._points) <= _IN_PLACE)
        self._proofs += 1
        if self._proofs < _PROVE:
            return
        kept = self._hits >= _PROVEN * _PROVE
        few = np.count_nonzero(kept) < _LEAST_POINTS
        if few or not _spread(self._points[kept], level.shape, self._seen):
            self._start(level.shape)
            return
        self._points = self._points[kept]
        self.known = True

    def _compared(self, level: Pixels) -> Aspect:
        likeness = _correlation(level, self._view)
        moved, seen = self._tracked(level)
        kept = float(np.mean(seen & (_lengths(moved - self._points) <= _IN_PLACE)))
        shift = 0.0 if kept >= _KEPT else self._shift(level, moved, seen)
        aspect = Aspect(likeness, kept, shift)
        if aspect.in_place:
            cv2.accumulateWeighted(level, self._sum, _ADAPT)
            self._view = _bytes(cv2.convertScaleAbs(self._sum))
        return aspect

    def _tracked(self, level: Pixels) -> tuple[Points, NDArray[np.bool_]]:
        moved, status, error = cv2.calcOpticalFlowPyrLK(
            self._view, level, self._points, self._points.copy(), winSize=_WINDOW, maxLevel=_LEVELS
        )
        seen = (status[:, 0] == 1) & (error[:, 0] <= _ALIKE)
        return np.asarray(moved, dtype=np.float32), seen

    def _shift(self, level: Pixels, moved: Points, seen: NDArray[np.bool_]) -> float:
        """How far the picture moved as a whole, as a share of its width; 0: it did not."""
        back, status, _ = cv2.calcOpticalFlowPyrLK(
            level, self._view, moved, moved.copy(), winSize=_WINDOW, maxLevel=_LEVELS
        )
        sure = seen & (status[:, 0] == 1) & (_lengths(back - self._points) <= _BACK)
        least = max(_LEAST_INLIERS, int(_INLIERS * len(self._points)))
        if np.count_nonzero(sure) < least:
            return 0.0
        change, inliers = cv2.estimateAffinePartial2D(
            self._points[sure], moved[sure], ransacReprojThreshold=1.5
        )
        if change is None or int(inliers.sum()) < least:
            return 0.0
        height, width = level.shape
        corners = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)])
        distance = np.linalg.norm(corners @ change.T - corners[:, :2], axis=1).max() / width
        return float(distance) if distance >= _SHIFT else 0.0


def _away(seen: Pixels | None) -> Pixels | None:
    """Where points may lie: what is compared around one must be seen, too."""
    if seen is None:
        return None
    return _bytes(cv2.erode(seen, np.ones(_WINDOW, np.uint8), borderValue=(255, 255, 255, 255)))


def _spread(points: Points, shape: tuple[int, ...], seen: Pixels | None) -> bool:
    """Whether points lie in at least three quarters of the picture: one parked car is no view.

    Of a masked picture quarters around the middle of what is seen count, and only those that show
    something.
    """
    middle, least = np.array([shape[1] / 2, shape[0] / 2]), 3
    if seen is not None:
        places = np.argwhere(seen)[:, ::-1]
        middle = places.mean(axis=0)
        shown = np.unique(places > middle, axis=0, return_counts=True)[1]
        least = min(3, int(np.count_nonzero(shown >= _QUARTER * len(places))))
    return len({(bool(x), bool(y)) for x, y in points[:, 0] > middle}) >= least


def _correlation(first: Pixels, second: Pixels) -> float:
    """Pearson's, −1–1. A tenth of the time of `cv2.matchTemplate`, which measures all shifts."""
    one, two = first.astype(np.float32).ravel(), second.astype(np.float32).ravel()
    one -= one.mean()
    two -= two.mean()
    size = float(one @ one) * float(two @ two)
    return float(one @ two) / size**0.5 if size > 0 else 0.0


def _lengths(vectors: Points) -> NDArray[np.float32]:
    return np.asarray(np.hypot(vectors[:, 0, 0], vectors[:, 0, 1]), dtype=np.float32)


def _bytes(array: object) -> Pixels:
    return np.asarray(array, dtype=np.uint8)
