"""USB cameras through OpenCV."""

from fractions import Fraction

import cv2
import numpy as np

from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Source
from embereye.model.errors import CameraUnreachable
from embereye.model.frame import Pixels
from embereye.runtime.clock import Clock


class UsbSource:
    """One USB camera. A driver that hangs in `read` is left behind by the capture worker."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self.live = True
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ("video",)
        self.interval = 0.0
        self.deadlines = Deadlines(open=10.0)  # USB cameras take up to 5 s to start
        self._number = int(source.text)
        self._clock = clock
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        capture = cv2.VideoCapture(self._number)
        if not capture.isOpened():
            capture.release()
            raise CameraUnreachable(
                f"There is no USB camera {self._number}, or another program uses it. "
                "Plug it in and close other programs."
            )
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture, not the oldest
        self._capture = capture

    def read(self, timeout: float) -> Picture | None:
        if self._capture is None:
            raise CameraUnreachable(f"USB camera {self._number} is not open.")
        ok, pixels = self._capture.read()
        if not ok:
            raise CameraUnreachable(f"USB camera {self._number} went away. Plug it in again.")
        self.arrived += 1
        return BgrPicture(np.asarray(pixels, dtype=np.uint8), self._clock.mono())

    def close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


class BgrPicture:
    """A picture that is BGR already."""

    __slots__ = ("_pixels", "height", "media", "shape", "width")

    def __init__(self, pixels: Pixels, media: float) -> None:
        self._pixels = pixels
        self.height, self.width = pixels.shape[:2]
        self.media = media
        self.shape = Fraction(1)

    def bgr(self, width: int, height: int) -> Pixels:
        scaled = cv2.resize(self._pixels, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(scaled, dtype=np.uint8)

    def bgra(self, width: int, height: int) -> Pixels:
        return np.asarray(cv2.cvtColor(self.bgr(width, height), cv2.COLOR_BGR2BGRA), dtype=np.uint8)
