"""Clips that benchmarks play, encoded on the spot: the same on each machine, and nobody's."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

_SECONDS = 8
_NOISE = 2.0  # grey levels (σ) of a camera in daylight
_MARGIN = 64  # px by which the noise is larger than the picture, so that it can be shifted

Codec = Literal["h264", "h265", "mjpeg"]
_ENCODERS = {"h264": "libx264", "h265": "libx265", "mjpeg": "mjpeg"}
_FORMATS = {"h264": "yuv420p", "h265": "yuv420p", "mjpeg": "yuvj420p"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a clip is like.

    Attributes:
        rate: Pictures per second.
        bits: Bits per second; 800 kbit/s for 640×480 and 250 kbit/s for 320×240 are usual for
            sub streams.
        b_frames: Whether pictures refer to later ones; files do, live cameras do not.
        seconds: Length; a key frame every two seconds.
        moving: Whether anything but the noise changes.
    """

    width: int
    height: int
    rate: int
    codec: Codec = "h264"
    bits: int = 800_000
    b_frames: bool = False
    seconds: int = _SECONDS
    moving: bool = True

    @property
    def pictures(self) -> int:
        """Pictures in the clip."""
        return self.rate * self.seconds


def make_clip(path: Path, recipe: Recipe) -> Path:
    """Encode a drifting picture with a moving block and camera noise; main profile."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(_ENCODERS[recipe.codec], rate=recipe.rate)
        stream.width, stream.height = recipe.width, recipe.height
        stream.pix_fmt = _FORMATS[recipe.codec]
        stream.bit_rate = recipe.bits
        stream.options = _options(recipe)
        stream.gop_size, stream.time_base = recipe.rate * 2, Fraction(1, recipe.rate)
        noise = _noise(recipe)
        for number in range(recipe.pictures):
            grey = _picture(recipe, number, noise)
            frame = av.VideoFrame.from_ndarray(np.repeat(grey[:, :, None], 3, 2), "bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _options(recipe: Recipe) -> dict[str, str]:
    if recipe.codec == "mjpeg":
        return {}
    # Key frames at even distances and closed groups, as cameras send them.
    most = "3" if recipe.b_frames else "0"
    if recipe.codec == "h265":
        # x265 writes to standard error unless told not to.
        keys = f"keyint={recipe.rate * 2}:open-gop=0:scenecut=0:bframes={most}:log-level=none"
        return {"preset": "veryfast", "x265-params": keys}
    return {"preset": "veryfast", "profile": "main", "bf": most, "sc_threshold": "0"}


def _noise(recipe: Recipe) -> NDArray[np.float32]:
    chance = np.random.default_rng(1)
    size = (recipe.height + _MARGIN, recipe.width + _MARGIN)
    return chance.normal(0, _NOISE, size).astype(np.float32)


def _picture(recipe: Recipe, number: int, noise: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(height, width) grey."""
    width, height = recipe.width, recipe.height
    rows, columns = np.ogrid[0:height, 0:width]
    moment = number if recipe.moving else 0
    base = 96 + 48 * np.sin(columns / 37 + rows / 53 + moment / 11)
    base[height // 3 : height // 2, (moment * 3) % (width - 40) :][:, :40] = 220
    down, across = number * 29 % _MARGIN, number * 47 % _MARGIN  # another part of it each time
    shifted = noise[down : down + height, across : across + width]
    return np.clip(base + shifted, 0, 255).astype(np.uint8)
