"""Small fires beside something large that flickers but does not burn; all made here.

Each scene is `scene(time in s) -> (HEIGHT, WIDTH, 3) float32 BGR`, as in `scenes`.
"""

import cv2
import numpy as np
from scenes import HEIGHT, WIDTH, Picture, Scene, flame, vest_on_the_spot, wall
from scenes_light import fan_before_lamp, neon_sign

_DARK = wall(21, (45, 48, 50))  # what `flame` stands before


def with_fire(picture: Picture, t: float, x: int, y: int, scale: float) -> Picture:
    """`picture` with the flame of `scenes`, made smaller by `scale`, its foot at (x, y)."""
    glow = np.clip(flame(t) - _DARK, 0, 400).astype(np.float32)
    glow[glow.max(axis=2) < 12] = 0
    matrix = np.array([[scale, 0, x - 160 * scale], [0, scale, y - 200 * scale]], np.float32)
    moved = cv2.warpAffine(glow, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    return picture * (1 - np.clip(moved[..., 2:] / 255, 0, 1)) + moved


# Where the fires below stand, x and y in pixels.
FEET = {
    "fire_under_a_neon_sign": (70, 232),
    "fire_beside_a_worker": (60, 200),
    "fire_beside_a_fan": (50, 210),
}


def fire_under_a_neon_sign(t: float) -> Picture:
    """The sign is 220 pixels wide, the flame 25."""
    return with_fire(neon_sign(t), t, *FEET["fire_under_a_neon_sign"], 0.5)


def fire_beside_a_worker(t: float) -> Picture:
    """A worker in an orange vest moves about near a flame of half his height."""
    return with_fire(vest_on_the_spot(t), t, *FEET["fire_beside_a_worker"], 0.6)


def fire_beside_a_fan(t: float) -> Picture:
    """The blades of a slow fan pass a warm lamp; a flame of 30 pixels burns at the side."""
    return with_fire(fan_before_lamp(t), t, *FEET["fire_beside_a_fan"], 0.6)


BESIDE: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (fire_under_a_neon_sign, fire_beside_a_worker, fire_beside_a_fan)
}
