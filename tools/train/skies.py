"""Skies and lights that glow like fire and are none, set into harmless pictures."""

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.train.pictures import Pixels
from tools.train.plumes import fractal


def with_sunset(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """The picture under an evening sky: glowing clouds, perhaps a sun, the ground a silhouette."""
    height, width = pixels.shape[:2]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    horizon = random.uniform(0.35, 0.85)
    fall = np.clip(y / horizon, 0, 1) ** random.uniform(0.6, 2.0)
    above = np.array([random.uniform(60, 140), random.uniform(40, 110), random.uniform(50, 130)])
    below = np.array([random.uniform(0, 90), random.uniform(90, 210), random.uniform(200, 255)])
    cloud = fractal(height, width, random)
    if random.random() < 0.6:  # long clouds, lit from below
        cloud = cv2.resize(cloud[:: max(1, int(random.integers(1, 6)))], (width, height))
    sky = above + fall[..., None] * (below - above)
    sky = sky * (1 + (cloud[..., None] - 0.5) * random.uniform(0.1, 1.0))
    if random.random() < 0.6:
        sky = sky + _sun(height, width, horizon, random)
    ground = _ground(height, width, horizon, random)
    dark = pixels * random.uniform(0.03, 0.5)
    return np.clip(ground * dark + (1 - ground) * sky, 0, 255).astype(np.uint8)


def _sun(
    height: int, width: int, horizon: float, random: np.random.Generator
) -> NDArray[np.float32]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    centre = random.uniform(0.1, 0.9) * width, horizon * random.uniform(0.4, 1.0) * height
    away = np.hypot(x - centre[0], y - centre[1]) / (height * random.uniform(0.02, 0.12))
    light = np.exp(-np.maximum(away - 1, 0) * random.uniform(0.3, 1.5))[..., None]
    return np.asarray(light * np.array([120.0, 170.0, 220.0]), dtype=np.float32)


def _ground(
    height: int, width: int, horizon: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """1 below a skyline of steps, trees or hills, (h, w, 1)."""
    points = int(random.integers(4, 60))
    line = random.uniform(-0.12, 0.12, points).astype(np.float32)
    how = cv2.INTER_NEAREST if random.random() < 0.5 else cv2.INTER_CUBIC
    skyline = cv2.resize(line[None], (width, 1), interpolation=how)[0] + horizon
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    return (y > skyline[None]).astype(np.float32)[..., None]
