"""Pictures on their way from a camera to the wall and to the detectors."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embereye.model.detection import USUAL, Detection, Verification
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a picture; fractions of it, inside it."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Closeup:
    """A part of a source picture, finer than the whole one that comes with it.

    Attributes:
        pixels: (rows, columns, 3) uint8, BGR, C-contiguous; may be smaller than the part.
        x, y, width, height: The part, pixels of the source picture.
    """

    pixels: Pixels
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture for detection; its pixels are read-only from here on.

    Attributes:
        camera: Where it comes from.
        pixels: (height, width, 3) uint8, BGR, C-contiguous; may be smaller than the source.
        seq: Counter of the source; a gap means skipped or lost frames.
        at: When decoding ended.
        media: Seconds on the source's own time line (presentation time stamp).
        source_width, source_height: Pixels of the source picture; boxes are given in these.
        closeup: Where something is hot; None where nothing is, or nobody knows.
        verification: How long this camera's evidence must last.
        opinion: What a detector on another machine said lately about this camera, boxes in pixels
            of the source; None: it was not asked, or said nothing.
    """

    camera: CameraId
    pixels: Pixels
    seq: int
    at: Stamp
    media: float
    source_width: int
    source_height: int
    closeup: Closeup | None = None
    verification: Verification = USUAL
    opinion: tuple[Detection, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One picture scaled for a wall tile, ready to be wrapped in a 32-bit image.

    Attributes:
        camera: Where it comes from.
        pixels: (height, width, 4) uint8, BGRX, C-contiguous; fitted into the wanted size with
            the source's own aspect ratio, so that the GUI copies and never scales.
        seq: Counter of the source.
        at: When decoding ended.
        source_width, source_height: Pixels of the source picture.
    """

    camera: CameraId
    pixels: Pixels
    seq: int
    at: Stamp
    source_width: int
    source_height: int


@dataclass(frozen=True, slots=True)
class ViewDemand:
    """What viewers want of one camera from now on.

    Attributes:
        camera: The camera.
        sizes: Tile sizes (width, height) in device pixels, at most three; empty: nobody looks.
        rate: Highest useful frame rate in 1/s.
    """

    camera: CameraId
    sizes: tuple[tuple[int, int], ...]
    rate: float = 25.0


class FrameSource(Protocol):
    """Where detection takes pictures from; safe to call from any one thread."""

    def take(self, camera: CameraId) -> Frame | None:
        """The newest frame not yet taken, or None."""

    def attend(self, camera: CameraId, until: float) -> None:
        """Every picture of it is needed, `until` monotonic s."""
