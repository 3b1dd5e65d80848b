"""The thermal picture of a device as a translucent image: palette, fading hot cells, scale."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from embereye.model.reading import COLUMNS, ROWS, ThermalFrame
from embereye.ui import palette

FADE = 4.0  # s until a cell that is no longer hot has faded away
_LEAST_SPAN = 15.0  # K; a quiet scene must not look dramatic
_STRONGEST = 0.78  # opacity of the hottest colour: the camera picture stays visible
_QUIET = 0.30  # part of the scale that stays (nearly) transparent: what is not warm


@dataclass(frozen=True, slots=True)
class Scale:
    """Values at the ends of the colours; `unit` is "°C" or empty for relative values."""

    low: float
    high: float
    unit: str


class HeatTrail:
    """Remembers which cells were hot lately and lets them fade. GUI thread."""

    def __init__(self) -> None:
        self._until = np.full((ROWS, COLUMNS), -np.inf)

    def note(self, frame: ThermalFrame, hot: float) -> None:
        """Take in one frame; cells of at least `hot` °C count as hot."""
        if frame.celsius is not None:
            self._until[frame.celsius >= hot] = frame.at.mono + FADE

    def strength(self, mono: float) -> NDArray[np.float64]:
        """(24, 32) 0–1: 1 for a cell that is hot now, falling to 0 within `FADE` seconds."""
        return np.clip((self._until - mono) / FADE, 0.0, 1.0)


def scale(frame: ThermalFrame) -> Scale:
    """Rounded ends of the colour scale for one frame."""
    values = frame.celsius if frame.celsius is not None else frame.relative
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return Scale(0.0, 1.0, "")
    low, high = float(finite.min()), float(finite.max())
    if frame.celsius is None:
        return Scale(low, max(high, low + 1e-6), "")
    low = np.floor(low / 5) * 5
    return Scale(low, max(np.ceil(high / 5) * 5, low + _LEAST_SPAN), "°C")


@dataclass(frozen=True, slots=True)
class Toning:
    """How temperatures become colours.

    Attributes:
        span: Temperatures (°C) of the coldest and the hottest colour; None: fits each picture.
        isotherm: °C from which on cells are painted in `marked` (#RRGGBB); None: no isotherm.
        smooth: Interpolated between cells; else each cell is one square.
    """

    palette: str
    span: tuple[float, float] | None = None
    isotherm: float | None = None
    marked: str = ""
    smooth: bool = True

    def ends(self, frame: ThermalFrame) -> Scale:
        """The ends of the colours for this frame."""
        if self.span is None or frame.celsius is None:
            return scale(frame)
        return Scale(self.span[0], max(self.span[1], self.span[0] + 0.1), "°C")


def tone(frame: ThermalFrame, size: tuple[int, int], toning: Toning) -> QImage:
    """The frame, opaque, `size` device pixels."""
    ends = toning.ends(frame)
    values = np.nan_to_num(frame.celsius if frame.celsius is not None else frame.relative)
    way = cv2.INTER_LINEAR if toning.smooth else cv2.INTER_NEAREST
    grown = cv2.resize(values.astype(np.float32), size, interpolation=way)
    share = np.clip((grown - ends.low) / (ends.high - ends.low), 0.0, 1.0)
    pixels = np.take(_lookup(toning.palette, True), (share * 255).astype(np.uint8), axis=0)
    if toning.isotherm is not None and frame.celsius is not None:
        colour = QColor(toning.marked)
        pixels[grown >= toning.isotherm] = (colour.blue(), colour.green(), colour.red(), 255)
    return _image(pixels)


def render(
    frame: ThermalFrame, size: tuple[int, int], palette_name: str, opaque: bool = False
) -> QImage:
    """The frame, smooth, `size` device pixels; translucent unless `opaque`."""
    ends = scale(frame)
    values = frame.celsius if frame.celsius is not None else frame.relative
    share = np.clip((np.nan_to_num(values) - ends.low) / (ends.high - ends.low), 0.0, 1.0)
    grown = cv2.resize(share.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    index = (grown * 255).astype(np.uint8)
    return _image(np.take(_lookup(palette_name, opaque), index, axis=0))


def project(
    frame: ThermalFrame, size: tuple[int, int], palette_name: str, matrix: NDArray[np.float64]
) -> QImage:
    """The frame laid over a camera picture of `size` device pixels, clear outside of it.

    Args:
        matrix: (3, 3) from (column, row, 1) in cells to homogeneous pixels of the result.
    """
    ends = scale(frame)
    values = frame.celsius if frame.celsius is not None else frame.relative
    share = np.clip((np.nan_to_num(values) - ends.low) / (ends.high - ends.low), 0.0, 1.0)
    # OpenCV counts from the centre of the first pixel, cells count from its corner.
    whole = _shifted(-0.5) @ matrix @ _shifted(0.5)
    grown = cv2.warpPerspective(
        share.astype(np.float32), whole, size, borderMode=cv2.BORDER_REPLICATE
    )
    pixels = np.take(_lookup(palette_name, False), (grown * 255).astype(np.uint8), axis=0)
    corners = np.array([(0, 0, 1), (COLUMNS, 0, 1), (COLUMNS, ROWS, 1), (0, ROWS, 1)]) @ matrix.T
    inside = np.zeros(size[::-1], np.uint8)
    # Far corners are not clipped: that would turn the edges. OpenCV fills right up to 1e8 px.
    outline = np.round(corners[:, :2] / corners[:, 2:]).astype(np.int32)
    cv2.fillConvexPoly(inside, outline, 1)
    pixels[inside == 0] = 0
    return _image(pixels)


def _shifted(by: float) -> NDArray[np.float64]:
    return np.array([[1.0, 0.0, by], [0.0, 1.0, by], [0.0, 0.0, 1.0]])


def _lookup(palette_name: str, opaque: bool) -> NDArray[np.uint8]:
    """(256, 4) BGRA, premultiplied with the opacity."""
    colours = palette.colours(palette_name).astype(np.float64)
    share = np.linspace(0, 1, 256)
    warm = np.clip((share - _QUIET) / (1 - _QUIET), 0, 1)
    opacity = np.ones(256) if opaque else _STRONGEST * warm**0.7
    table = np.empty((256, 4))
    table[:, :3] = colours[:, ::-1] * opacity[:, None]
    table[:, 3] = opacity * 255
    return table.round().astype(np.uint8)


def _image(pixels: NDArray[np.uint8]) -> QImage:
    height, width = pixels.shape[:2]
    wrapped = QImage(
        pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied
    )
    return wrapped.copy()  # owns its pixels: made a few times a second, not per picture
