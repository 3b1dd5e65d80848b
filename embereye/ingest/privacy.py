"""Privacy masks: parts of a camera's picture that nobody may see, kept or sent.

They are laid on where pixels leave a source, before anything else can have them: every array that
is made of a masked picture, at whatever size and for whomever, is black there.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

import cv2
import numpy as np

from embereye.config.camera_options import PrivacyMask
from embereye.ingest.picture import Picture, PictureSource
from embereye.model.frame import Pixels

# Black, and not grey: a picture that turns black is still told as black by its supervision. The
# fourth byte of a tile is the opacity that Qt expects of pictures without any.
_INK = (0, 0, 0, 255)
# Pixels of the source over which scaling spreads one that must not be seen. Colour is stored once
# for two pixels (4:2:0): half such a pair beyond the edge, and two where the next one is mixed in.
_REACH = 3
_ROUNDING = 3  # pixels of the result: two that share their colour, and one for halves
_SUBPIXEL = 4  # bits of a pixel's fraction that OpenCV draws with
_KEPT = 12  # sizes: tiles, detection, and closeups whose size follows what is hot

Corners = Sequence[tuple[float, float]]
Key = tuple[int, int, int, int]


class Masks:
    """The masks of one camera, rasterised once for each size. Lives in one thread.

    A mask covers everything inside its outline, however that crosses itself, each pixel that the
    outline touches, and as far around as scaling spreads what lies there; an outline without any
    area is covered as a line.
    """

    def __init__(self, masks: Sequence[Corners]) -> None:
        """`masks`: Corners of each, fractions 0–1 of the picture's width and height."""
        self._masks = tuple(tuple(mask) for mask in masks)
        self._outlines: dict[Key, tuple[Pixels, ...]] = {}

    def cover(self, pixels: Pixels, source: tuple[int, int]) -> Pixels:
        """Blacken the masked parts of `pixels` (rows, columns, 3 or 4) in place, and return it.

        `source` is (width, height) of the picture that it was scaled from. Measured on one core
        at 640×480: 30 µs for one mask over half of the picture, 120 µs for twenty; rasterising
        takes 0.4 ms once.
        """
        height, width = pixels.shape[:2]
        ink = _INK[: pixels.shape[2]]
        for outline in self._of((width, height, *source)):
            cv2.fillPoly(pixels, [outline], ink)
        return pixels

    def visible(self, width: int, height: int, source: tuple[int, int]) -> Pixels:
        """(height, width), 255 where `cover` leaves pictures of this size as they are."""
        plane = np.full((height, width, 3), 255, dtype=np.uint8)
        return np.ascontiguousarray(self.cover(plane, source)[:, :, 0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masks) and other._masks == self._masks

    def __hash__(self) -> int:
        return hash(self._masks)

    def _of(self, key: Key) -> tuple[Pixels, ...]:
        """What is filled at this size; the size used longest ago is forgotten."""
        found = self._outlines.pop(key, None)
        if found is None:
            found = tuple(outline for mask in self._masks for outline in _outlines(mask, key))
            if len(self._outlines) >= _KEPT:
                del self._outlines[next(iter(self._outlines))]
        self._outlines[key] = found
        return found


class MaskedPicture:
    """A picture whose masked parts come out black. Used by one thread.

    It hands on nothing of the picture below but what is named here, so that nothing can go around
    the masks.

    Attributes:
        masks: What is laid on it; the supervision of pictures looks beside them.
    """

    __slots__ = ("_picture", "height", "masks", "media", "repaired", "shape", "width")

    def __init__(self, picture: Picture, masks: Masks) -> None:
        self._picture = picture
        self.masks = masks
        self.width: int = picture.width
        self.height: int = picture.height
        self.media: float = picture.media
        self.shape: Fraction = picture.shape
        self.repaired: int = getattr(picture, "repaired", 0)  # sources without stamps repair none

    def bgra(self, width: int, height: int) -> Pixels:
        source = (self.width, self.height)
        return self.masks.cover(self._picture.bgra(width, height), source)

    def bgr(self, width: int, height: int) -> Pixels:
        source = (self.width, self.height)
        return self.masks.cover(self._picture.bgr(width, height), source)


class MaskedSource:
    """A source whose pictures are masked; in everything else it is the source below.

    Attributes of the port, and those that some sources have beyond it, are read from and written
    to the source itself, since readers set `decode` and other threads watch `arrived`.
    """

    __slots__ = ("_masks", "_source")

    def __init__(self, source: PictureSource, masks: Masks) -> None:
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "_masks", masks)

    def read(self, timeout: float) -> Picture | None:
        picture = self._source.read(timeout)
        return None if picture is None else MaskedPicture(picture, self._masks)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._source, name, value)


def masked(source: PictureSource, masks: Sequence[PrivacyMask]) -> PictureSource:
    """`source` with the privacy masks of its camera on every picture; as it is without any."""
    if not masks:
        return source
    # A type checker cannot see that everything else of the port is handed on.
    return cast(PictureSource, MaskedSource(source, Masks([mask.points for mask in masks])))


def _outlines(mask: Corners, key: Key) -> list[Pixels]:
    """The contours of what a mask covers at a size; filled, they cover exactly that."""
    width, height, source_width, source_height = key
    across = math.ceil(_REACH * width / source_width) + _ROUNDING
    down = math.ceil(_REACH * height / source_height) + _ROUNDING
    # Fractions count from the corner of the first pixel, OpenCV from its centre.
    places = np.array(mask) * (width, height) - 0.5
    margin = np.array((across + 1, down + 1))
    first = np.floor(places.min(axis=0)).astype(int) - margin
    last = np.ceil(places.max(axis=0)).astype(int) + margin
    columns, rows = (last - first + 1).tolist()
    canvas = np.zeros((rows, columns), dtype=np.uint8)  # the mask alone, with room for its margin
    points = np.round((places - first) * (1 << _SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(canvas, [points], 255, shift=_SUBPIXEL)  # with its edge, also of no area
    wider = cv2.dilate(canvas, np.ones((2 * down + 1, 2 * across + 1), dtype=np.uint8))
    # Where an outline crosses itself OpenCV leaves holes; outer contours have none.
    found, _ = cv2.findContours(
        wider, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=first.tolist()
    )
    return [cast(Pixels, contour) for contour in found]
