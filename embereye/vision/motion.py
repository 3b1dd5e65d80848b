"""The motion gate: whether anything changed, for a fiftieth of a detector's time."""

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.vision.imaging import exceeding

_SIZE = (80, 60)  # pixels; targets.md: 0.02 ms
_STEP = 12  # grey levels; sensor noise and re-quantisation stay below after averaging
_SHARE = 0.001  # of the picture: 5 of the 4,800 pixels, the smallest flame that can be judged
_ADAPT = 0.1  # of the difference taken over a look; slow growth still accumulates against it


class MotionGate:
    """Compares each frame of a camera with its recent past. Lives in one thread.

    It only lowers the rate of detection; its user keeps a floor rate, never zero.
    """

    def __init__(self) -> None:
        self._past: dict[CameraId, NDArray[np.float32]] = {}

    def moved(self, frame: Frame) -> bool:
        """Whether the picture differs from the recent past; True for the first one."""
        now = tiny(frame.pixels)
        past = self._past.get(frame.camera)
        if past is None:
            self._past[frame.camera] = now.astype(np.float32)
            return True
        recent = np.asarray(cv2.convertScaleAbs(past), dtype=np.uint8)
        cv2.accumulateWeighted(now, past, _ADAPT)
        changed = cv2.countNonZero(exceeding(now, recent, _STEP))
        return bool(changed >= _SHARE * _SIZE[0] * _SIZE[1])

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._past.pop(camera, None)


def tiny(pixels: Pixels) -> Pixels:
    """The green plane at 80×60; green carries most of the luminance and costs no conversion.

    Of large pictures every n-th row and column is taken first, so that 16 pixels are averaged: it
    costs the same at any size, and noise of 6 grey levels (a camera at night) shrinks to 1.5.
    """
    height, width = pixels.shape[:2]
    stride = max(1, min(height // (4 * _SIZE[1]), width // (4 * _SIZE[0])))
    green = np.ascontiguousarray(pixels[::stride, ::stride, 1])
    return np.asarray(cv2.resize(green, _SIZE, interpolation=cv2.INTER_AREA), dtype=np.uint8)
