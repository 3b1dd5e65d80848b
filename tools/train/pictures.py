"""The training pictures in memory: decoded once, small enough for all to fit (about 1.5 GB)."""

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tools.train.split import UNKNOWN, Box, Item

Pixels = NDArray[np.uint8]

_SHORT = 320  # px of the shorter side; 256 rows are trained on, the rest is for crops
_EVERY = 0.5  # s between two frames of a clip: near twins teach little


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One labelled picture.

    Attributes:
        pixels: (height, width, 3) uint8 BGR.
        boxes: None when nobody drew any.
    """

    pixels: Pixels
    source: str
    fire: float
    smoke: float
    boxes: tuple[Box, ...] | None


def from_images(items: list[Item]) -> list[Picture]:
    """All images that can be decoded."""
    found = []
    for item in items:
        pixels = cv2.imread(str(item.path), cv2.IMREAD_COLOR)
        if pixels is not None:
            found.append(Picture(_small(pixels), item.source, item.fire, item.smoke, item.boxes))
    return found


def from_clip(item: Item, every: float = _EVERY) -> list[Picture]:
    """Frames of a clip; fire and smoke by its events, unknown in the second around their ends."""
    found = []
    for time, pixels in frames(item.path, every):
        fire, smoke = (_label(item, kind, time) for kind in (0, 1))
        found.append(Picture(_small(pixels), item.group, fire, smoke, None))
    return found


def frames(path: Path, every: float) -> list[tuple[float, Pixels]]:
    """(seconds, BGR) of a clip, one every `every` s."""
    found: list[tuple[float, Pixels]] = []
    with av.open(str(path)) as clip:
        clip.streams.video[0].thread_type = "AUTO"
        rate = float(clip.streams.video[0].average_rate or 25)
        for number, frame in enumerate(clip.decode(video=0)):
            time = number / rate
            if not found or time - found[-1][0] >= every - 0.5 / rate:
                found.append((time, frame.to_ndarray(format="bgr24")))
    return found


def _label(item: Item, kind: int, time: float) -> float:
    whole = (item.fire, item.smoke)[kind]
    spans = [(start, end) for what, start, end in item.events if what == kind]
    if whole != 1.0 or not spans:
        return whole if not spans else UNKNOWN
    if any(start <= time <= end for start, end in spans):
        return 1.0
    near = any(start - 1.0 <= time <= end + 1.0 for start, end in spans)
    return UNKNOWN if near else 0.0


def _small(pixels: NDArray[np.uint8]) -> Pixels:
    height, width = pixels.shape[:2]
    scale = _SHORT / min(height, width)
    if scale >= 1.0:
        return np.ascontiguousarray(pixels)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
