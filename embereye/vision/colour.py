"""Which pixels have the colours of a flame, and the planes that flicker is read from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels

# A flame of soot radiates like a black body of 1,000–1,800 K: red ≥ green ≥ blue, and the hotter
# the soot, the nearer green comes to red (orange rim, yellow-white core that saturates the
# sensor). Limits in grey levels of 8-bit video; they admit too much on purpose, time decides.
_RIM_RED = 150
_RIM_RED_OVER_BLUE = 70
_RIM_RED_OVER_GREEN = 12
_BLUE_OVER_GREEN = 15  # chroma subsampling bleeds this much
_CORE_RED, _CORE_GREEN = 225, 170
_CORE_REACH = np.ones((7, 7), np.uint8)  # the core lies within 3 px of its rim
_EDGE = np.ones((3, 3), np.uint8)
_FLICKER_STEP = 16  # grey levels; above noise and the pumping of inter-coded blocks


@dataclass(frozen=True, slots=True, eq=False)
class FlamePlanes:
    """One reduced picture, prepared; all planes (rows, columns) uint8, masks 0 or 255.

    Attributes:
        red, green: The channels.
        heat: Mean of red and green; the part of the spectrum a flame modulates most.
        fire: Pixels with the colour of a flame.
        core: The yellow-white ones of them, next to an orange rim.
    """

    red: Pixels
    green: Pixels
    heat: Pixels
    fire: Pixels
    core: Pixels


def flame_planes(small: Pixels) -> FlamePlanes:
    """Split a BGR picture into what the flame watch needs."""
    blue, green, red = cv2.split(small)
    rim = cv2.bitwise_and(
        cv2.inRange(red, _RIM_RED, 255),
        cv2.inRange(cv2.subtract(red, blue), _RIM_RED_OVER_BLUE, 255),
    )
    rim = cv2.bitwise_and(rim, cv2.inRange(cv2.subtract(red, green), _RIM_RED_OVER_GREEN, 255))
    rim = cv2.bitwise_and(rim, cv2.inRange(cv2.subtract(blue, green), 0, _BLUE_OVER_GREEN))
    hot = cv2.bitwise_and(cv2.inRange(red, _CORE_RED, 255), cv2.inRange(green, _CORE_GREEN, 255))
    hot = cv2.bitwise_and(hot, cv2.inRange(cv2.subtract(blue, red), 0, 5))
    core = cv2.bitwise_and(hot, cv2.dilate(rim, _CORE_REACH))
    return FlamePlanes(
        red=_plane(red),
        green=_plane(green),
        heat=_plane(cv2.addWeighted(red, 0.5, green, 0.5, 0)),
        fire=_plane(cv2.bitwise_or(rim, core)),
        core=_plane(core),
    )


def brightened(now: FlamePlanes, before: FlamePlanes) -> tuple[Pixels, Pixels]:
    """Masks of the fire-coloured pixels that became clearly brighter, and darker."""
    where = cv2.dilate(cv2.bitwise_or(now.fire, before.fire), _EDGE)
    up = cv2.inRange(cv2.subtract(now.heat, before.heat), _FLICKER_STEP, 255)
    down = cv2.inRange(cv2.subtract(before.heat, now.heat), _FLICKER_STEP, 255)
    return _plane(cv2.bitwise_and(up, where)), _plane(cv2.bitwise_and(down, where))


def spread(planes: FlamePlanes, where: Pixels) -> float:
    """Entropy (nats, 0–2.08) of green ÷ red over the fire-coloured pixels of a mask.

    Paint and cloth keep the ratio when their shading changes (entropy below 0.7); the soot of a
    flame runs through it from rim to core (above 1 in most pictures of fires).
    """
    chosen = cv2.bitwise_and(planes.fire, where) > 0
    red = planes.red[chosen].astype(np.float32)
    if red.size < 8:  # too few to say
        return 0.0
    counts, _ = np.histogram(planes.green[chosen] / red, bins=8, range=(0.0, 1.0001))
    portions: NDArray[np.float64] = counts[counts > 0] / counts.sum()
    return float(-(portions * np.log(portions)).sum())


def _plane(mask: object) -> Pixels:
    return np.asarray(mask, dtype=np.uint8)
