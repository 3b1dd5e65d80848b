"""Smoke made of fractal noise, set into harmless pictures; and fog, which is no smoke.

The data's smoke fills half of the picture and comes from few scenes; what a control room must see
is a thin plume that rises somewhere, and what it must not take for smoke is haze everywhere.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.train.pictures import Pixels

_TALL = (0.06, 0.7)  # height of a plume, share of the picture's height
_OCTAVES = 5


def with_plume(pixels: Pixels, random: np.random.Generator) -> tuple[Pixels, NDArray[np.float32]]:
    """The picture with a plume rising somewhere, and how dense it is where: (h, w) 0–1."""
    height, width = pixels.shape[:2]
    tall = max(12, round(height * np.exp(random.uniform(*np.log(_TALL)))))
    wide = max(8, min(width - 2, round(tall * random.uniform(0.35, 1.3))))
    tall = min(tall, height - 2)
    noise = fractal(tall, wide, random)
    alpha = _outline(tall, wide, noise, random) * random.uniform(0.35, 0.97)
    x, y = int(random.integers(0, width - wide)), int(random.integers(0, height - tall))
    dark = random.random() < 0.3
    grey = random.uniform(15, 75) if dark else random.uniform(110, 245)
    tint = np.array([grey * random.uniform(0.95, 1.08), grey, grey * random.uniform(0.92, 1.04)])
    shade = 1 + (noise[..., None] - 0.5) * random.uniform(0.2, 0.7)
    result = pixels.copy()
    behind = result[y : y + tall, x : x + wide].astype(np.float32)
    blended = behind + alpha[..., None] * (tint * shade - behind)
    result[y : y + tall, x : x + wide] = np.clip(blended, 0, 255).astype(np.uint8)
    where = np.zeros((height, width), np.float32)
    where[y : y + tall, x : x + wide] = alpha
    return result, where


def with_fog(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """The picture in even haze, denser far away, which is above."""
    height, width = pixels.shape[:2]
    down = np.linspace(1, 0, height, dtype=np.float32)[:, None]
    dense = random.uniform(0.1, 0.7) * (1 - random.uniform(0, 0.8) * (1 - down))
    soft = 1 + 0.25 * (fractal(height, width, random, octaves=2) - 0.5)
    alpha = np.clip(dense * soft, 0, 0.9)[..., None]
    grey = random.uniform(130, 235)
    return np.clip(pixels + alpha * (grey - pixels), 0, 255).astype(np.uint8)


def fractal(
    tall: int, wide: int, random: np.random.Generator, octaves: int = _OCTAVES
) -> NDArray[np.float32]:
    """Cloudy noise, (tall, wide) 0–1."""
    total = np.zeros((tall, wide), np.float32)
    for octave in range(octaves):
        grid = random.random((2 + 2**octave, 2 + 2**octave)).astype(np.float32)
        total += cv2.resize(grid, (wide, tall), interpolation=cv2.INTER_CUBIC) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def _outline(
    tall: int, wide: int, noise: NDArray[np.float32], random: np.random.Generator
) -> NDArray[np.float32]:
    """A plume narrow below and wide above that leans with the wind and frays."""
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    up = 1 - y / max(1, tall - 1)
    lean, sway = random.uniform(-0.35, 0.35), random.uniform(0, 0.08)
    centre = 0.5 + lean * up + sway * np.sin(up * random.uniform(4, 9) + random.uniform(0, 6))
    half = random.uniform(0.04, 0.15) + up ** random.uniform(0.6, 1.2) * random.uniform(0.15, 0.4)
    inside = 1 - np.abs(x / wide - centre) / half
    ends = np.clip(up * 12, 0, 1) * np.clip((1 - up) * random.uniform(2, 8), 0, 1)
    alpha = np.clip((inside + (noise - 0.5) * 1.6) * 1.6, 0, 1) * ends
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.0), dtype=np.float32)
