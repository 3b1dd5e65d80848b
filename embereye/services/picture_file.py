"""Image files as pictures, with limits that hold before anything is decoded."""

from pathlib import Path

import cv2
import numpy as np

from embereye.model.errors import SourceError
from embereye.model.frame import Pixels
from embereye.services.picture_size import declared_size

MOST_PIXELS = 100_000_000  # 100 megapixels; the largest cameras make 60, and BGR takes 300 MB
_LARGEST = 256 * 2**20  # bytes of a file
_LONGEST = 2560  # px of the longer side that a detector is given; a whole scene, not a detail


def read_picture(path: Path) -> Pixels:
    """The picture of an image file as (height, width, 3) BGR, at most `_LONGEST` px long.

    Grey, palette, CMYK, transparent and 16-bit pictures are converted; of an animated one the
    first picture counts; the orientation that a camera wrote into it is applied.

    Raises:
        SourceError: the file is unreadable, no image, damaged or too large.
    """
    return shrunk(_decoded(path))


def shrunk(pixels: Pixels) -> Pixels:
    """The same picture with its longer side at most `_LONGEST` px."""
    height, width = pixels.shape[:2]
    scale = _LONGEST / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _decoded(path: Path) -> Pixels:
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise SourceError(f"{path} is too large: {size / 2**20:.0f} MiB.")
        coded = path.read_bytes()  # imread fails on non-ASCII paths on Windows
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from None
    declared = declared_size(coded)
    if declared is None:
        raise SourceError(f"{path} is no image that can be decoded.")
    if declared[0] * declared[1] > MOST_PIXELS:
        raise SourceError(
            f"{path} is too large: {declared[0]}×{declared[1]} pixels, where "
            f"{MOST_PIXELS // 1_000_000} million are the most."
        )
    try:
        pixels = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise SourceError(f"{path} is no image that can be decoded.")
    return np.asarray(pixels, dtype=np.uint8)
