"""Fires that start: a flame that grows from nothing, its area known at each moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from embereye.bench.lookalikes import HEIGHT, WIDTH, Canvas, X, Y, cloud, filmed, hall
from embereye.services.footage import RATE, Footage
from embereye.services.labelled import Span

ONE_PERCENT = 0.01  # of the picture's height squared: 36×36 px of 360
CALM = 6.0  # s before the first spark
_LONGER = 20.0  # s after the known moment
_SLOWEST = 60.0  # s in which every flame has grown that large
_SHOWN = 0.35  # of full heat; what a person would call flame and not glow
_RISE = 150.0  # px/s by which the turbulence of a full-grown flame rises


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how fast it burns.

    Attributes:
        x, y: The flame's foot, px.
        light: Grey level of the room.
        growth: Seconds from the first spark to the full flame.
        height: Of the full flame, px.
    """

    name: str
    x: int
    y: int
    light: float
    growth: float
    height: float


PLACES = (
    Place("onset in a hall", 200, 300, 95, 15.0, 150),
    Place("onset in the dark", 430, 280, 25, 20.0, 130),
    Place("onset in daylight", 320, 310, 150, 12.0, 170),
    Place("slow onset", 520, 320, 70, 28.0, 120),
    Place("onset at the edge", 60, 330, 110, 10.0, 140),
    Place("fast onset", 380, 290, 60, 5.0, 180),
)


def onsets() -> Iterator[Footage]:
    """Each in turn; rendering one takes some seconds."""
    return (onset(place) for place in PLACES)


def onset(place: Place, longer: float = _LONGER) -> Footage:
    """A fire that starts; its event is when the flame has grown to `ONE_PERCENT`."""
    room, moment = hall(50 + place.x, place.light), grown_at(place)
    pictures = tuple(filmed(lambda t: burning(place, room, t), moment + longer))
    events = (Span("fire", moment, moment + longer),)
    return Footage(place.name, pictures, True, None, events, repeats=False)


def area(place: Place, t: float) -> float:
    """Area of the flame at `t` s as a share of the picture's height squared."""
    return float(np.count_nonzero(_heat(place, t) > _SHOWN)) / HEIGHT**2


@cache
def grown_at(place: Place) -> float:
    """The first moment, s, at which the flame is that large and stays so for half a second."""
    large = 0
    for number in range(round(_SLOWEST * RATE)):
        large = large + 1 if area(place, number / RATE) >= ONE_PERCENT else 0
        if large == RATE // 2:
            return (number - large + 1) / RATE
    raise ValueError(f"{place.name} never grows")


def burning(place: Place, room: Canvas, t: float) -> Canvas:
    """The room with the flame and its light at `t` s."""
    heat = _heat(place, t)[..., None]
    colour = np.concatenate(
        [110 * heat**3, 245 * heat**1.5, np.clip(420 * heat, 0, 270)], axis=2
    ).astype(np.float32)
    light = float(heat.sum()) / 6000  # the light of 6,000 px of full heat doubles a dim room
    spread = np.exp(-((X - place.x) ** 2 + (Y - place.y) ** 2) / (2 * 160.0**2))[..., None]
    lit = room * (1 + light * spread * np.array([0.3, 0.6, 1.0], np.float32))
    cover = np.clip(1.6 * heat, 0, 1)
    return np.asarray(lit * (1 - cover) + colour * cover, dtype=np.float32)


def _heat(place: Place, t: float) -> Canvas:
    """0–1.1 for each pixel: turbulence that rises through a column, torn into tongues."""
    grown = np.clip((t - CALM) / place.growth, 0, 1) ** 0.8
    if grown <= 0:
        return np.zeros((HEIGHT, WIDTH), np.float32)
    tall = max(4.0, place.height * float(grown))
    scale = place.height / tall  # a small flame is a full one seen smaller, and quicker
    up = np.clip((place.y - Y) / tall, -0.2, 2.0)
    sway = 0.10 * tall * np.sin(2.3 * t + 2.5 * up) * up
    width = 0.30 * tall * np.sqrt(np.clip(1.15 - up, 0.02, None))
    column = np.exp(-(((X - place.x - sway) / np.maximum(width, 1.5)) ** 2)) * (place.y > Y)
    swirl = _turbulence(place, t, scale)
    heat = column * (1.5 - 0.9 * up) * (0.3 + 1.25 * swirl) - 0.22
    return np.asarray(np.clip(heat, 0, 1.1), dtype=np.float32)


def _turbulence(place: Place, t: float, scale: float) -> Canvas:
    """Noise 0–1 that rises, finer by `scale` around the flame's foot."""
    start = _RISE * scale**0.5 * t
    rows = (start + (Y - place.y) * scale) % 3999
    columns = (place.x + (X - place.x) * scale) % (WIDTH - 1)
    return np.asarray(
        cv2.remap(_noise(place.x), columns, rows.astype(np.float32), cv2.INTER_LINEAR),
        dtype=np.float32,
    )


@cache
def _noise(seed: int) -> Canvas:
    coarse, fine = cloud(seed, (220, 26), (WIDTH, 4000)), cloud(seed + 1, (700, 70), (WIDTH, 4000))
    return np.asarray(0.6 * coarse + 0.4 * fine, dtype=np.float32)
