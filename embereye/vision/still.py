"""What one picture alone says about fire: a hint for people, never an alarm."""

import cv2
import numpy as np

from embereye.model.frame import Pixels
from embereye.vision.colour import FlamePlanes, flame_planes, spread
from embereye.vision.marks import mark

_CAP = 0.8  # a still picture is never surer; 5 % of fire-free rooms must stay under 0.70
_NEAR = np.ones((15, 15), np.uint8)  # the surroundings of a flame: 7 px of 320


def still_score(small: Pixels) -> float:
    """0–0.8 from colour: some flame-coloured area, mixed from orange to yellow-white, much
    brighter than its surroundings, in a picture that is not bright everywhere.
    """
    planes = flame_planes(small)
    area = cv2.countNonZero(planes.fire)
    if area == 0:
        return 0.0
    whole = np.full_like(planes.fire, 255)
    around, background = _surroundings(planes)
    inside = float(cv2.mean(planes.heat, planes.fire)[0])
    glare = cv2.countNonZero(planes.core) / area
    marks = (
        mark(area / planes.fire.size, 0.0, 0.1),
        mark(spread(planes, whole), 0.5, 1.2),
        mark(inside - around, 15, 70),
        mark(150 - background, 0, 90),
        1 - 0.5 * mark(glare, 0.3, 0.7),  # mostly white: a lamp or the sun
    )
    return float(_CAP * np.prod(marks) ** 0.5)


def _surroundings(planes: FlamePlanes) -> tuple[float, float]:
    """Mean heat close to the flame colours, and of everything that has other colours."""
    outside = cv2.bitwise_not(planes.fire)
    if cv2.countNonZero(outside) == 0:
        return 255.0, 255.0
    ring = cv2.bitwise_and(cv2.dilate(planes.fire, _NEAR), outside)
    return float(cv2.mean(planes.heat, ring)[0]), float(cv2.mean(planes.heat, outside)[0])
