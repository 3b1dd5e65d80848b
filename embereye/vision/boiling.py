"""How much of a change cannot be explained by things that move."""

import cv2
import numpy as np

from embereye.model.frame import Pixels
from embereye.vision.imaging import exceeding

_LONGEST = 64  # px; 0.2–0.35 ms a look, and telling apart no worse than at 128 px
_SMALLEST = 16  # px a side; optical flow refuses less than 12
_MARGIN = 8  # px around the box, so that things can move in from outside
_STEP = 16  # grey levels that count as a change
_LEAST = 6  # changed pixels below which nothing is said


class Boiling:
    """Compares two looks at a region after undoing the motion between them.

    Cloth, people, vehicles, a shaken camera and a panning screen keep their brightness while they
    move: following the motion explains the change (0.05–0.3 of the changed pixels remain).
    A flame appears and vanishes in place: half or more remains. Lives in one thread.
    """

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(0)  # full resolution: the region is small already
        self._flow.setPatchSize(8)
        self._flow.setPatchStride(4)

    def remains(self, before: Pixels, now: Pixels, box: tuple[int, int, int, int]) -> float | None:
        """Changed pixels with motion undone ÷ without; None when hardly anything changed.

        `before` and `now` are planes of the same size, `box` is x, y, width, height in pixels.
        """
        x, y, width, height = box
        rows = slice(max(0, y - _MARGIN), y + height + _MARGIN)
        columns = slice(max(0, x - _MARGIN), x + width + _MARGIN)
        old, new = _small(before[rows, columns]), _small(now[rows, columns])
        changed = _changes(old, new)
        if changed < _LEAST or min(new.shape) < _SMALLEST:
            return None
        flow = self._flow.calc(new, old, None)  # type: ignore[call-overload]
        across, down = np.meshgrid(
            np.arange(new.shape[1], dtype=np.float32), np.arange(new.shape[0], dtype=np.float32)
        )
        followed = cv2.remap(
            old,
            across + flow[..., 0],
            down + flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return min(1.0, _changes(np.asarray(followed, dtype=np.uint8), new) / changed)


def _small(part: Pixels) -> Pixels:
    longest = max(part.shape)
    if longest <= _LONGEST:
        return np.ascontiguousarray(part)
    scale = _LONGEST / longest
    size = (
        max(_SMALLEST, round(part.shape[1] * scale)),
        max(_SMALLEST, round(part.shape[0] * scale)),
    )
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _changes(old: Pixels, new: Pixels) -> int:
    return int(cv2.countNonZero(exceeding(old, new, _STEP)))
