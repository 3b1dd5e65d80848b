"""Small flames set into other pictures, and things set in that only look like flames.

Large flames are over-represented in the data, small and distant ones on dark scenes are what a
control room must see first. What is set in has the same soft edge whether it burns or not, so that
an edge tells nothing.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.train.pictures import Picture, Pixels

_SHARES = (0.02, 0.25)  # height of an inset, of the picture's height: 2 % is a first flame
_LEAST = 24  # px; smaller cuttings are mush


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """A flame cut out: (h, w, 3) uint8 BGR and how much of it is flame, (h, w) 0–1."""

    pixels: Pixels
    alpha: NDArray[np.float32]


def cuttings(pictures: list[Picture]) -> list[Cutting]:
    """The flames inside the fire boxes that have a visible shape of their own."""
    found = []
    for picture in pictures:
        height, width = picture.pixels.shape[:2]
        for box in picture.boxes or ():
            part = picture.pixels[
                int(box.top * height) : int(box.bottom * height),
                int(box.left * width) : int(box.right * width),
            ]
            if box.kind != 0 or min(part.shape[:2]) < _LEAST:
                continue
            alpha = _flame_alpha(part)
            if 0.08 < float(alpha.mean()) < 0.7:
                found.append(Cutting(np.ascontiguousarray(part), alpha))
    return found


def set_in(
    pixels: Pixels,
    cutting: Cutting,
    random: np.random.Generator,
    shares: tuple[float, float],
    *,
    lights: bool = True,
) -> tuple[Pixels, NDArray[np.float32]]:
    """The picture with the cutting somewhere in it, and where: (h, w) 0–1.

    Light adds up: what `lights` is never darker than what is behind it.
    """
    height, width = pixels.shape[:2]
    tall = max(6, round(height * np.exp(random.uniform(*np.log(shares)))))
    wide = max(5, round(tall * cutting.pixels.shape[1] / cutting.pixels.shape[0]))
    wide, tall = min(wide, width - 2), min(tall, height - 2)
    flame = cv2.resize(cutting.pixels, (wide, tall), interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(cutting.alpha, (wide, tall), interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        flame, alpha = flame[:, ::-1], alpha[:, ::-1]
    x, y = int(random.integers(0, width - wide)), int(random.integers(0, height - tall))
    result = pixels.copy()
    behind = result[y : y + tall, x : x + wide].astype(np.float32)
    seen = flame * random.uniform(0.85, 1.1)
    lit = np.maximum(behind, seen) if lights else seen
    blended = behind + alpha[..., None] * (lit - behind)
    result[y : y + tall, x : x + wide] = np.clip(blended, 0, 255).astype(np.uint8)
    where = np.zeros((height, width), np.float32)
    where[y : y + tall, x : x + wide] = alpha
    return result, where


def lookalike(cutting: Cutting, other: Pixels, random: np.random.Generator) -> Cutting:
    """Something of the flame's outline that does not burn."""
    kind = random.integers(0, 5)
    shape = cutting.pixels.shape[:2]
    if kind == 0:  # part of a harmless picture
        return Cutting(_part(other, shape, random), cutting.alpha)
    if kind == 1:  # a flame of another colour: glass, water, neon
        hsv = cv2.cvtColor(cutting.pixels, cv2.COLOR_BGR2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + int(random.integers(45, 125))) % 180
        return Cutting(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), cutting.alpha)
    if kind == 2:  # a lamp: white or yellow with a halo
        return _lamp(shape, random)
    if kind == 3:  # an even orange, red or yellow thing: cloth, paint, a car
        return _cloth(shape, random)
    flat = np.asarray(cutting.pixels[..., ::-1] // 2 + 60, dtype=np.uint8)  # a bluish fog
    return Cutting(flat, cutting.alpha * np.float32(0.7))


def _flame_alpha(part: Pixels) -> NDArray[np.float32]:
    blue, green, red = (part[..., i].astype(np.float32) for i in range(3))
    bright = np.clip((red - 130) / 70, 0, 1)
    warm = np.clip((red - blue - 10) / 50, 0, 1) * (red >= green * 0.95)
    white = (np.minimum(red, green) > 225).astype(np.float32)
    alpha = bright * np.maximum(warm, white)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.0), dtype=np.float32)


def _part(other: Pixels, shape: tuple[int, int], random: np.random.Generator) -> Pixels:
    height, width = other.shape[:2]
    tall, wide = min(shape[0], height), min(shape[1], width)
    y, x = int(random.integers(0, height - tall + 1)), int(random.integers(0, width - wide + 1))
    part = other[y : y + tall, x : x + wide]
    return np.asarray(cv2.resize(part, (shape[1], shape[0])), dtype=np.uint8)


def _lamp(shape: tuple[int, int], random: np.random.Generator) -> Cutting:
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = width * random.uniform(0.2, 0.5), height * random.uniform(0.2, 0.5)
    away = np.hypot((x - width / 2) / across, (y - height / 2) / down)
    core = np.clip(1.5 - away * 1.5, 0, 1)
    colour = np.array([random.uniform(60, 230), random.uniform(150, 245), 255.0])
    pixels = colour + core[..., None] * (np.array([235.0, 250.0, 255.0]) - colour)
    alpha = np.exp(-np.maximum(away - 0.4, 0) * random.uniform(1.5, 5.0))
    return Cutting(pixels.astype(np.uint8), alpha.astype(np.float32))


def _cloth(shape: tuple[int, int], random: np.random.Generator) -> Cutting:
    height, width = shape
    hue, value = random.uniform(0, 28), random.uniform(120, 255)
    hsv = np.empty((height, width, 3), np.float32)
    hsv[..., 0], hsv[..., 1] = hue, random.uniform(140, 255)
    slope = np.linspace(1, random.uniform(0.4, 1.0), height, dtype=np.float32)[:, None]
    hsv[..., 2] = value * slope + random.normal(0, 6, (height, width))
    pixels = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
    alpha = np.zeros((height, width), np.float32)
    if random.random() < 0.5:
        cv2.ellipse(
            alpha, (width // 2, height // 2), (width // 3, height // 3),
            float(random.uniform(0, 180)), 0, 360, 1.0, -1,
        )  # fmt: skip
    else:
        alpha[height // 6 : -(height // 6) or None, width // 6 : -(width // 6) or None] = 1.0
    return Cutting(pixels, cv2.GaussianBlur(alpha, (0, 0), 1.0))


def shares() -> tuple[float, float]:
    """Least and largest height of an inset, share of the picture's height."""
    return _SHARES
