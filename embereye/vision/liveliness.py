"""Whether what a model found keeps changing, as fire and smoke do."""

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import Detection
from embereye.model.frame import Frame, Pixels
from embereye.vision.motion import tiny

_LIVELY = 3  # frames in which the place must have changed
_CHANGE, _CHANGED = 10, 0.03  # grey levels, share of the box; noise stays below


class Liveliness:
    """Compares the places of fire and smoke boxes of one camera from frame to frame."""

    def __init__(self) -> None:
        self._before: Pixels | None = None
        self._changes: deque[bool] = deque(maxlen=5)

    def lively(self, frame: Frame, hazards: list[Detection]) -> bool:
        """Whether one of the places changed in at least three of the last five frames."""
        picture, before = tiny(frame.pixels), self._before
        self._before = picture
        changed = False
        if before is not None and hazards:
            change = cv2.absdiff(picture, before) > _CHANGE
            changed = any(float(_inside(change, box, frame).mean()) >= _CHANGED for box in hazards)
        self._changes.append(changed)
        return sum(self._changes) >= _LIVELY


def _inside(change: NDArray[np.bool_], box: Detection, frame: Frame) -> NDArray[np.bool_]:
    rows, columns = change.shape
    x, y = columns / frame.source_width, rows / frame.source_height
    left, top = min(columns - 1, int(box.x * x)), min(rows - 1, int(box.y * y))
    right = max(left + 1, round((box.x + box.width) * x))
    return change[top : max(top + 1, round((box.y + box.height) * y)), left:right]
