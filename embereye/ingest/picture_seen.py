"""Which of a camera's picture can be judged: what a privacy mask covers never changes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.ingest.picture_sample import PART, reduced
from embereye.model.frame import Pixels

_FINE = 6  # px of 320 around a mask whose sharpness is that of its edge: half of 9, and one
_AROUND = 8  # px of 160 around a mask that are compared with it: half of 15
_HALF = 0.5  # of a part must be seen for it to count
_LEAST = 16  # parts; with less there is nothing to tell a camera by


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What of a sample is seen.

    Attributes:
        grey, half: 255 where the planes of this name may be judged, with room around masks.
        parts: Which of the 16×16 parts count.
    """

    grey: Pixels
    half: Pixels
    parts: NDArray[np.bool_]

    @property
    def enough(self) -> bool:
        """Whether it says anything about the camera."""
        return int(np.count_nonzero(self.parts)) >= _LEAST


def seen(visible: Pixels) -> Seen | None:
    """What is seen of samples of pictures of which `visible` (rows, columns) is 255 where nothing
    is masked; None when they are too small to be judged."""
    small = reduced(visible)
    if small is None:
        return None
    rows, columns = small.shape
    half = cv2.resize(small, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    parts = cv2.resize(small, (columns // PART, rows // PART), interpolation=cv2.INTER_AREA)
    share = np.asarray(parts, dtype=np.float32) / 255
    return Seen(_clear(small, _FINE), _clear(half, _AROUND), share >= _HALF)


def _clear(plane: object, room: int) -> Pixels:
    """255 where a plane is so, and everything within `room` px of it."""
    whole = np.where(np.asarray(plane) == 255, 255, 0).astype(np.uint8)
    side = 2 * room + 1
    # What lies outside of the picture is no mask.
    worn = cv2.erode(whole, np.ones((side, side), np.uint8), borderValue=(255, 255, 255, 255))
    return np.asarray(worn, dtype=np.uint8)
