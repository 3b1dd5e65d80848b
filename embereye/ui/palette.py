"""Thermal colour scales."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Control points in RGB, evenly spaced from cold to hot. "inferno" follows matplotlib's perceptually
# even map of that name (CC0) at eighths of its range; "iron" is the usual one of thermal cameras.
_POINTS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "inferno": (
        (0, 0, 4),
        (31, 12, 72),
        (85, 15, 109),
        (136, 34, 106),
        (186, 54, 85),
        (227, 89, 51),
        (249, 140, 10),
        (249, 201, 50),
        (252, 255, 164),
    ),
    "iron": (
        (0, 0, 10),
        (40, 0, 110),
        (140, 0, 150),
        (205, 40, 90),
        (240, 120, 20),
        (255, 210, 50),
        (255, 255, 235),
    ),
    "rainbow": (
        (0, 0, 110),
        (0, 60, 230),
        (0, 190, 220),
        (20, 200, 60),
        (200, 220, 0),
        (255, 140, 0),
        (220, 20, 20),
        (255, 220, 220),
    ),
    "white hot": ((0, 0, 0), (255, 255, 255)),
    "black hot": ((255, 255, 255), (0, 0, 0)),
}
PALETTES = tuple(_POINTS)


@lru_cache(maxsize=8)
def colours(name: str) -> NDArray[np.uint8]:
    """(256, 3) RGB from coldest to hottest; an unknown name gives inferno."""
    points = np.array(_POINTS.get(name, _POINTS["inferno"]), dtype=np.float64)
    at = np.linspace(0, 1, len(points))
    wanted = np.linspace(0, 1, 256)
    table = np.stack([np.interp(wanted, at, points[:, c]) for c in range(3)], axis=1)
    result = table.round().astype(np.uint8)
    result.setflags(write=False)
    return result
