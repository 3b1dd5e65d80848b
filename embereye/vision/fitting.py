"""Fitting a picture into a network's input, and its boxes back into the picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from embereye.model.frame import Pixels
from embereye.vision.boxes import Values
from embereye.vision.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a picture lies inside an input.

    Attributes:
        across, down: Input pixels for each pixel of the picture. They differ a little even where
            the shape is kept, as sides are rounded to whole pixels.
        left, top: Its corner in input pixels.
        columns, rows: The picture's own size in pixels.
    """

    across: float
    down: float
    left: int
    top: int
    columns: int
    rows: int

    def back(self, points: Values) -> Values:
        """Points or corners (n, 2 or 4) of the input in pixels of the picture, kept inside it."""
        times = points.shape[-1] // 2
        start = np.array((self.left, self.top) * times, np.float32)
        scale = np.array((self.across, self.down) * times, np.float32)
        end = np.array((self.columns, self.rows) * times, np.float32)
        return np.asarray(np.clip((points - start) / scale, 0, end), dtype=np.float32)


def fitted(pixels: Pixels, size: tuple[int, int], manifest: Manifest) -> tuple[Pixels, Fit]:
    """The picture on a canvas of `size` (width, height), in the channel order of the manifest."""
    width, height = size
    rows, columns = pixels.shape[:2]
    if manifest.stretched:
        wide, high = width, height
    else:
        scale = min(width / columns, height / rows)
        wide = max(1, min(width, round(columns * scale)))
        high = max(1, min(height, round(rows * scale)))
    left, top = ((width - wide) // 2, (height - high) // 2) if manifest.centred else (0, 0)
    canvas = np.full((height, width, 3), manifest.padding, dtype=np.uint8)
    canvas[top : top + high, left : left + wide] = cv2.resize(
        pixels, (wide, high), interpolation=cv2.INTER_LINEAR
    )
    picture = np.ascontiguousarray(canvas[..., ::-1]) if manifest.rgb else canvas
    return picture, Fit(wide / columns, high / rows, left, top, columns, rows)


def normalised(picture: Pixels, manifest: Manifest) -> Values:
    """(value − mean) × scale of each channel, float32, (height, width, 3)."""
    mean, scale = np.array(manifest.mean, np.float32), np.array(manifest.scale, np.float32)
    return (picture.astype(np.float32) - mean) * scale
