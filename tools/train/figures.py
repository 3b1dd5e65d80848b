"""People in warning clothes, drawn: the orange vest is what control rooms see most of all."""

import cv2
import numpy as np

from tools.train.insets import Cutting

_UNIT = 64  # px of a figure's height; it is scaled when it is set in
_SHARES = (0.07, 0.75)  # height, share of the picture's height
_SKIN = (120, 150, 200)


def figure(random: np.random.Generator) -> Cutting:
    """A standing or walking figure with vest, stripes, helmet or cap."""
    tall, wide = 2 * _UNIT, _UNIT
    pixels = np.zeros((tall, wide, 3), np.uint8)
    alpha = np.zeros((tall, wide), np.float32)
    vest = _vest(random)
    legs = vest if random.random() < 0.25 else tuple(int(v) for v in random.integers(15, 95, 3))
    stride = int(random.integers(0, 14))
    middle = wide // 2
    for side in (-1, 1):
        _limb(pixels, alpha, (middle + side * 5, 74), (middle + side * (5 + stride), 124), 9, legs)
        swing = int(random.integers(2, 20))
        _limb(pixels, alpha, (middle + side * 12, 30), (middle + side * swing, 74), 7, vest)
    cv2.rectangle(pixels, (middle - 14, 26), (middle + 14, 78), vest, -1)
    cv2.rectangle(alpha, (middle - 14, 26), (middle + 14, 78), 1.0, -1)
    for y in random.choice([44, 54, 64, 72], int(random.integers(0, 3)), replace=False):
        stripe = (180, 235, 235) if random.random() < 0.7 else (60, 230, 230)
        cv2.rectangle(pixels, (middle - 14, int(y)), (middle + 14, int(y) + 4), stripe, -1)
    _limb(pixels, alpha, (middle, 14), (middle, 16), 16, _SKIN)
    hat = tuple(int(v) for v in random.choice([[240, 240, 240], [30, 200, 250], list(vest)]))
    cv2.ellipse(pixels, (middle, 11), (9, 7), 0, 180, 360, hat, -1)
    cv2.ellipse(alpha, (middle, 11), (9, 7), 0, 180, 360, 1.0, -1)
    shade = np.linspace(random.uniform(0.6, 1.1), random.uniform(0.5, 1.0), wide)[None, :, None]
    grain = random.normal(1, 0.05, (tall // 4, wide // 4)).astype(np.float32)
    folds = cv2.resize(grain, (wide, tall))[..., None]
    drawn = np.clip(pixels * shade * folds, 0, 255).astype(np.uint8)
    return Cutting(drawn, cv2.GaussianBlur(alpha, (0, 0), 0.7))


def figure_shares() -> tuple[float, float]:
    """Least and largest height of a figure, share of the picture's height."""
    return _SHARES


def _vest(random: np.random.Generator) -> tuple[int, int, int]:
    """BGR between red, fluorescent orange and yellow."""
    hue, strength = random.uniform(2, 28), random.uniform(170, 255)
    hsv = np.array([[[hue, strength, random.uniform(150, 255)]]], np.float32).astype(np.uint8)
    blue, green, red = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0]
    return int(blue), int(green), int(red)


def _limb(
    pixels: np.ndarray,
    alpha: np.ndarray,
    start: tuple[int, int],
    end: tuple[int, int],
    width: int,
    colour: tuple[int, ...],
) -> None:
    cv2.line(pixels, start, end, colour, width)
    cv2.line(alpha, start, end, 1.0, width)
