"""Pictures that carry their own number, so that a test knows of each what it is and how old."""

from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

COUNT = 240  # pictures of a loop: 16 s, longer than any delay that is looked for
RATE = 15  # 1/s
SIZE = (160, 120)  # (width, height) that pictures are compared at
_KEYS = 5  # pictures from one key frame to the next
_BITS = 8
_TOLERANCE = 14.0  # grey levels on average; coding makes 2, a picture of another moment 20
_SPOT = 90.0  # grey levels on average over a sixth of a side; nothing that coding does
_SPOTS = 6


def coded_picture(number: int, width: int, height: int) -> Pixels:
    """(height, width, 3) RGB: `number` in black and white cells, and bars that depend on it."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    columns = (np.arange(width) * 6 // width + number * 5 // COUNT) % 6
    pixels[:] = _BARS[columns]
    left = number * width // COUNT
    pixels[height * 3 // 4 :, left : left + width // 6] = (250, 120, 20)
    cell_width, cell_height = width // _BITS, height // 6
    for bit in range(_BITS):
        lit = 255 * (number >> bit & 1)
        columns_of = slice(bit * cell_width, (bit + 1) * cell_width)
        pixels[:cell_height, columns_of] = lit
        pixels[cell_height : 2 * cell_height, columns_of] = 255 - lit
    return pixels


def number_of(pixels: Pixels) -> int | None:
    """The number of a coded BGR(A) picture; None for anything else, also a damaged one."""
    height, width = pixels.shape[:2]
    cells = pixels[: height // 6 * 2, : width // _BITS * _BITS, 1]
    means = cells.reshape(2, height // 6, _BITS, width // _BITS).mean(axis=(1, 3))
    lit, dark = means[0] > 160, means[1] < 95
    if not np.array_equal(lit, dark) or np.any((means > 95) & (means < 160)):
        return None
    number = int((lit * (1 << np.arange(_BITS))).sum())
    return number if number < COUNT and not _differs(pixels, number) else None


def _differs(pixels: Pixels, number: int) -> bool:
    height, width = pixels.shape[:2]
    expected = _expected(number, width, height)
    apart = cv2.absdiff(expected, np.ascontiguousarray(pixels[:, :, :3])).mean(axis=2)
    spots = apart[: height // _SPOTS * _SPOTS, : width // _SPOTS * _SPOTS]
    spots = spots.reshape(_SPOTS, height // _SPOTS, _SPOTS, width // _SPOTS).mean(axis=(1, 3))
    return bool(apart.mean() > _TOLERANCE or spots.max() > _SPOT)


@lru_cache(2 * COUNT)
def _expected(number: int, width: int, height: int) -> Pixels:
    return np.ascontiguousarray(coded_picture(number, width, height)[:, :, ::-1])


def coded_clip(path: Path, size: tuple[int, int] = (320, 240), codec: str = "libx264") -> Path:
    """All numbers in turn, no B frames, three key frames a second.

    Most cameras begin with a key frame; here one must be waited for, but not long.
    """
    keys = f"keyint={_KEYS}:min-keyint={_KEYS}:scenecut=0:bframes=0:repeat-headers=1:log-level=none"
    options = {
        "libx264": {"g": str(_KEYS), "bf": "0", "sc_threshold": "0"},
        "libx265": {"x265-params": keys},
    }
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "ultrafast", **options[codec]}
        for number in range(COUNT):
            frame = av.VideoFrame.from_ndarray(coded_picture(number, *size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def age_of(number: int, epoch: float, now: float) -> float:
    """Seconds since picture `number` of the endless loop was sent; below 16."""
    return ((now - epoch) * RATE - number) % COUNT / RATE


_BARS = np.array(
    [[20, 90, 30], [90, 60, 40], [40, 70, 120], [120, 110, 50], [70, 30, 80], [50, 110, 110]],
    dtype=np.uint8,
)
