"""How sharp a picture is, against how sharp the camera usually is."""

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

_SMOOTH = 0.4  # of each look; some five seconds' average, so that noise does not pass for detail
_COARSE = (9, 9)  # px of 320; structure larger than what a slight blur takes away
_LEARN = 20  # looks
_FOLLOW = 0.01  # of each look afterwards: minutes
_LOSS = 0.45  # of the usual detail; a blur of 1 px of 320 leaves less (measured)
_BACK = 0.6  # a picture is sharp again from here
_STRANGE_LOSS = 0.2  # where the view is not the known one and may have less detail by itself
_CONTRAST = 4.0  # grey levels of structure, below which sharpness means nothing


class Focus:
    """Compares fine detail with coarse structure, so that light cancels out. One thread.

    A look each 2 s. It learns only while the view is in place: another scene has other detail.
    """

    def __init__(self) -> None:
        self._mean: NDArray[np.float32] | None = None
        self._usual = 0.0
        self._looks = 0
        self._blurred = False

    def look(
        self, grey: Pixels, *, in_place: bool, structured: bool, seen: Pixels | None = None
    ) -> bool | None:
        """Whether fine detail is lost; None while learning or without structure.

        `in_place`: The picture shows the known view. `structured`: It shows as much large
        structure as usual. `seen`: 255 where it may be judged; None: everywhere.
        """
        if self._mean is None or self._mean.shape != grey.shape:
            self._mean = grey.astype(np.float32)
        cv2.accumulateWeighted(grey, self._mean, _SMOOTH)
        detail = self._detail(seen)
        if detail is None:
            return True if structured and self._looks >= _LEARN else None
        if self._looks < _LEARN:
            self._looks += in_place
            if in_place:
                self._usual += (detail - self._usual) / self._looks
            return None
        if not in_place:
            return True if detail < _STRANGE_LOSS * self._usual else None
        self._blurred = detail < (_BACK if self._blurred else _LOSS) * self._usual
        if not self._blurred:
            self._usual += _FOLLOW * (detail - self._usual)
        return self._blurred

    def settle(self) -> None:
        """The light changed: average afresh, so that the old picture is no ghost in the new."""
        self._mean = None

    def _detail(self, seen: Pixels | None) -> float | None:
        assert self._mean is not None
        fine = _deviation(cv2.Laplacian(self._mean, cv2.CV_32F), seen)
        coarse = _deviation(cv2.subtract(self._mean, cv2.blur(self._mean, _COARSE)), seen)
        return fine / coarse if coarse >= _CONTRAST / 2 else None


def _deviation(plane: object, seen: Pixels | None) -> float:
    return float(cv2.meanStdDev(plane, mask=seen)[1][0, 0])  # type: ignore[call-overload]
