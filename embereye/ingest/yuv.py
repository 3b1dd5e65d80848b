"""Scaling decoded pictures straight from their planes, without a full-size copy in between."""

from fractions import Fraction
from typing import Any, cast

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from embereye.model.frame import Pixels

_PLANAR = frozenset(
    ["yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "yuv411p", "yuv440p"]
)
_NV12 = "nv12"  # what decoder chips hand out: brightness, then both colours in turn
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_KEPT = 8  # scratch buffers: three tile sizes and detection, before and after a change of layout


def _table(low: float, span: float) -> NDArray[np.uint8]:
    return np.round(low + np.arange(256) * span / 255).astype(np.uint8)


# OpenCV reads limited range only. Source: ITU-R BT.601, section 2.5.3 (16–235, 16–240)
_LUMA, _CHROMA = _table(16, 219), _table(16, 224)


class PlaneScaler:
    """Scratch memory for scaling the pictures of one source. Lives in one thread.

    Measured on planes of 640×480: 50–65 µs to 320×240 BGRA, where the way over a full-size
    picture takes 0.6–1 ms.
    """

    def __init__(self) -> None:
        self._scratch: dict[tuple[int, int], Pixels] = {}
        self._reformatter = VideoReformatter()

    def bgr(self, frame: av.VideoFrame, width: int, height: int) -> Pixels:
        """A new (height, width, 3) array; sides are even."""
        if frame.format.name == _NV12:
            return _pixels(cv2.cvtColor(self._nv12(frame, width, height), cv2.COLOR_YUV2BGR_NV12))
        if frame.format.name not in _PLANAR:
            return self._converted(frame, width, height, "bgr24")
        return _pixels(cv2.cvtColor(self._i420(frame, width, height), cv2.COLOR_YUV2BGR_I420))

    def bgra(self, frame: av.VideoFrame, width: int, height: int) -> Pixels:
        """A new (height, width, 4) array; sides are even."""
        if frame.format.name == _NV12:
            return _pixels(cv2.cvtColor(self._nv12(frame, width, height), cv2.COLOR_YUV2BGRA_NV12))
        if frame.format.name not in _PLANAR:
            return self._converted(frame, width, height, "bgra")
        return _pixels(cv2.cvtColor(self._i420(frame, width, height), cv2.COLOR_YUV2BGRA_I420))

    def _i420(self, frame: av.VideoFrame, width: int, height: int) -> Pixels:
        scratch = self._buffer(width, height)
        flat = scratch.reshape(-1)
        luma, quarter = width * height, width * height // 4
        targets = (
            flat[:luma].reshape(height, width),
            flat[luma : luma + quarter].reshape(height // 2, width // 2),
            flat[luma + quarter :].reshape(height // 2, width // 2),
        )
        full = frame.format.name.startswith("yuvj") or frame.color_range == _FULL_RANGE
        for index, (plane, target) in enumerate(zip(frame.planes, targets, strict=True)):
            _scale(_view(plane), target, _CHROMA if index else _LUMA, full=full)
        return scratch

    def _nv12(self, frame: av.VideoFrame, width: int, height: int) -> Pixels:
        scratch = self._buffer(width, height)
        flat = scratch.reshape(-1)
        full = frame.color_range == _FULL_RANGE
        luma, chroma = frame.planes
        area = width * height
        _scale(_view(luma), flat[:area].reshape(height, width), _LUMA, full=full)
        target = flat[area:].reshape(height // 2, width // 2, 2)
        _scale(_view(chroma, 2), target, _CHROMA, full=full)
        return scratch

    def _buffer(self, width: int, height: int) -> Pixels:
        found = self._scratch.get((width, height))
        if found is None:
            if len(self._scratch) >= _KEPT:
                self._scratch.clear()
            found = np.empty((height * 3 // 2, width), dtype=np.uint8)
            self._scratch[width, height] = found
        return found

    def _converted(self, frame: av.VideoFrame, width: int, height: int, form: str) -> Pixels:
        scaled = self._reformatter.reformat(
            frame, width=width, height=height, format=form, interpolation="BILINEAR"
        )
        return np.ascontiguousarray(_pixels(scaled.to_ndarray()))


class YuvPicture:
    """A decoded picture of PyAV. Valid as long as anybody holds it; used by one thread.

    Attributes:
        repaired: Time stamps of its stream that had to be replaced so far.
    """

    __slots__ = ("_frame", "_scaler", "height", "media", "repaired", "shape", "width")

    def __init__(
        self,
        frame: av.VideoFrame,
        scaler: PlaneScaler,
        media: float,
        shape: Fraction,
        repaired: int = 0,
    ) -> None:
        self._frame = frame
        self._scaler = scaler
        self.width: int = frame.width
        self.height: int = frame.height
        self.media = media
        self.repaired = repaired
        self.shape = shape

    def bgra(self, width: int, height: int) -> Pixels:
        return self._scaler.bgra(self._frame, width, height)

    def bgr(self, width: int, height: int) -> Pixels:
        return self._scaler.bgr(self._frame, width, height)


def _scale(plane: Pixels, target: Pixels, table: NDArray[np.uint8], *, full: bool) -> None:
    size = (target.shape[1], target.shape[0])
    cv2.resize(plane, size, dst=target, interpolation=cv2.INTER_LINEAR)
    if full:
        cv2.LUT(target, table, dst=target)


def _view(plane: Any, samples: int = 1) -> Pixels:
    """The plane without its padding; `samples` lie side by side for each place."""
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    shown = rows[: plane.height, : plane.width * samples]
    return shown if samples == 1 else shown.reshape(plane.height, plane.width, samples)


def _pixels(array: object) -> Pixels:
    return cast(Pixels, array)
