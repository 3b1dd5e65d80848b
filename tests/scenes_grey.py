"""Grey things that stream or drift but are no smoke; all made here.

Each scene is `scene(time in s) -> (HEIGHT, WIDTH, 3) float32 BGR`, as in `scenes`.
"""

import cv2
import numpy as np
from scenes import HEIGHT, WIDTH, Picture, Scene, X, Y, wall


def _cloud(seed: int, cells: tuple[int, int], size: tuple[int, int]) -> Picture:
    """Smooth noise 0–1 of `size` (width, height) pixels from `cells` (rows, columns)."""
    noise = np.random.default_rng(seed).uniform(0, 1, cells).astype(np.float32)
    return np.clip(cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC), 0, 1)


def grey_conveyor(t: float) -> Picture:
    """Grey sacks of different brightness that a belt carries upwards without end."""
    picture, rng = wall(80, (110, 112, 115)), np.random.default_rng(80)
    shades, gaps = rng.uniform(60, 180, 40), rng.uniform(0, 12, 40)
    for index in range(40):
        y = int(240 + 38 * index + gaps[index] - 45 * t)
        if -30 < y < HEIGHT:
            picture[max(0, y) : max(0, y + 26), 120:190] = shades[index]
    return picture


def escalator(t: float) -> Picture:
    """Grey steps that run upwards, evenly."""
    picture = wall(81, (120, 120, 120))
    steps = 110 + 35 * np.sign(np.sin((Y + 40 * t) / 3.0))
    inside = (X > 100 + (HEIGHT - Y) * 0.2) & (X < 190 + (HEIGHT - Y) * 0.2) & (Y > 60)
    return np.where(inside[..., None], steps[..., None] * np.ones(3), picture)


def drifting_clouds(t: float) -> Picture:
    """White and grey clouds that drift over a pale sky and up from behind a hill."""
    cloud = _cloud(82, (40, 40), (1400, 1400))
    x, y = int(9 * t) % 1000, int(7 * t) % 1000
    part = np.clip(cloud[y : y + HEIGHT, x : x + WIDTH] * 1.6 - 0.5, 0, 1)[..., None]
    sky = np.array([215.0, 185.0, 160.0]) * (1 - part) + part * 235
    return np.where((Y > 170)[..., None], np.array([50.0, 70.0, 60.0]), sky)


def fountain(t: float) -> Picture:
    """White water that shoots up in the middle and falls down at both sides."""
    noise = _cloud(83, (300, 60), (WIDTH, 6000))
    up, down = int(150 * t) % 5000, int(5000 - 150 * t) % 5000
    rising, falling = noise[up : up + HEIGHT], noise[down : down + HEIGHT]
    jet = np.exp(-(((X - 160) / 7) ** 2)) * (Y > 70) * (Y < 190)
    fall = np.exp(-(((np.abs(X - 160) - 22) / 12) ** 2)) * (Y > 85) * (Y < 190)
    water = np.clip(jet * rising + fall * falling, 0, 1)[..., None]
    return wall(83, (90, 100, 95)) * (1 - water) + 215 * water


def driving_fog(t: float) -> Picture:
    """Fog that the wind drives across a yard."""
    fog = _cloud(84, (14, 60), (3000, HEIGHT))
    x = int(35 * t) % 2600
    thin = 0.7 * fog[:, x : x + WIDTH][..., None]
    return wall(84, (70, 80, 80)) * (1 - thin) + 195 * thin


def swaying_birch(t: float) -> Picture:
    """Pale grey-green leaves that sway before an overcast sky."""
    leaves = _cloud(85, (60, 80), (WIDTH, HEIGHT))
    gust = 1 + np.sin(2 * np.pi * 0.2 * t)
    dx = 2.5 * gust * np.sin(2 * np.pi * 0.9 * t + Y / 25 + X / 60)
    dy = 1.5 * gust * np.sin(2 * np.pi * 1.3 * t + X / 31)
    moved = cv2.remap(leaves, X + dx.astype(np.float32), Y + dy.astype(np.float32), 1, borderMode=2)
    crown = np.hypot(X - 160, (Y - 120) * 1.2) < 90
    shade = np.array([80.0, 95.0, 90.0]) + 70 * moved[..., None]
    return np.where(crown[..., None], shade, 205.0)


def people_on_stairs(t: float) -> Picture:
    """People in grey coats who walk up and away, one after the other."""
    picture = wall(86, (130, 130, 128))
    for index in range(8):
        way = (t * 0.09 + index / 8) % 1
        size = 1 - 0.6 * way
        x, y = int(150 + 25 * (index % 3) + 30 * way), int(215 - 170 * way)
        width, height = int(22 * size), int(60 * size)
        tone = 60 + 15 * (index % 4)
        cv2.rectangle(picture, (x, y - height), (x + width, y), (tone, tone, tone), -1)
        head = (x + width // 2, y - height - int(7 * size))
        cv2.circle(picture, head, int(8 * size), (110, 125, 150), -1)
    return picture


GREY: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        grey_conveyor, escalator, drifting_clouds, fountain, driving_fog, swaying_birch,
        people_on_stairs,
    )
}  # fmt: skip
