"""Short clips played for as long as wanted, never twice the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import SourceError
from embereye.model.frame import Pixels
from embereye.services.clip_file import opened_clip
from embereye.services.labelled import Labelled, Span

RATE = 8.0  # pictures a second; what the console gives the detectors while something moves
_LONGEST = 640  # px; the console's detection picture
_MOST_SECONDS = 120.0  # of a clip that are kept: 960 pictures of 640×360 take 660 MB
_VARIED = 30.0  # s after which a long play changes its view, as a camera that is moved does
_ZOOM = 1.15  # most; 13 % of the width and height are cut off
_GENTLE = 1.05  # the same where something must stay in sight
_GAIN, _GAMMA = (0.7, 1.35), (0.8, 1.25)  # exposure half a stop down or up; tone of the lens
_SHAKE = 1.5  # px (σ) of a mast in the wind, of 640
_STEADY = 0.8  # of the shake that stays from picture to picture
_BREATH = 0.03  # of the brightness: automatic exposure never rests


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """A clip in memory, `RATE` pictures a second, all of one size.

    Attributes:
        name: What reports call it.
        pictures: BGR, at most 640 px long.
        fire, smoke: Whether it shows that; None: nobody looked.
        events: When it does; of a clip that shows it without saying when: all the time.
        repeats: Whether it may be played again from its event's start; a growing flame may not.
    """

    name: str
    pictures: tuple[Pixels, ...]
    fire: bool | None
    smoke: bool | None
    events: tuple[Span, ...] = ()
    repeats: bool = True

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.pictures) / RATE

    def span(self, label: str) -> Span:
        """When `label` is first there, cut to the clip."""
        spans = [event for event in self.events if event.label == label]
        if not spans:
            return Span(label, 0.0, self.seconds)
        first = min(spans, key=lambda event: event.start)
        start = min(first.start, self.seconds - 1 / RATE)
        return Span(label, start, max(start + 1 / RATE, min(first.end, self.seconds)))


@dataclass(frozen=True, slots=True)
class View:
    """How a camera might have seen the same: a crop, an exposure, a mirror image."""

    zoom: float = 1.0
    right: float = 0.5
    down: float = 0.5
    gain: float = 1.0
    gamma: float = 1.0
    mirrored: bool = False


def any_view(random: np.random.Generator, *, gentle: bool = False) -> View:
    """A view drawn at random; a gentle one cuts off less than what burns at the edge."""
    return View(
        zoom=float(random.uniform(1.0, _GENTLE if gentle else _ZOOM)),
        right=float(random.uniform()),
        down=float(random.uniform()),
        gain=float(random.uniform(*_GAIN)),
        gamma=float(random.uniform(*_GAMMA)),
        mirrored=bool(random.integers(2)),
    )


def loaded(row: Labelled) -> Footage:
    """The clip of a manifest's row.

    Raises:
        SourceError: it cannot be read or decoded, or is too large.
    """
    pictures = tuple(_decoded(row.path))
    if not pictures:
        raise SourceError(f"{row.path} has no pictures.")
    return Footage(row.path.name, pictures, row.fire, row.smoke, row.events)


def once(footage: Footage, view: View, seed: int) -> Iterator[tuple[float, Pixels]]:
    """Time in s and picture, from the start; after the event's end its pictures come again."""
    camera = _Camera(footage, seed)
    label = "fire" if footage.fire else "smoke"
    span = footage.span(label)
    start, end = round(span.start * RATE), max(round(span.end * RATE), 1)
    order = range(end if footage.repeats else len(footage.pictures))
    time = 0
    for place in order:
        yield time / RATE, camera.shot(place, time, view)
        time += 1
    while footage.repeats:
        for place in range(min(start, end - 1), end):
            yield time / RATE, camera.shot(place, time, view)
            time += 1


def endless(footage: Footage, seed: int) -> Iterator[tuple[float, Pixels]]:
    """Time in s and picture for ever, the whole clip again and again, the view changing."""
    camera, random = _Camera(footage, seed), np.random.default_rng(seed)
    time, until = 0, 0.0
    view = View()
    while True:
        if time / RATE >= until:
            view, until = any_view(random), time / RATE + _VARIED
        for place in range(len(footage.pictures)):
            yield time / RATE, camera.shot(place, time, view)
            time += 1


class _Camera:
    """Takes the pictures of a clip as a camera on a mast would."""

    def __init__(self, footage: Footage, seed: int) -> None:
        self._footage = footage
        self._random = np.random.default_rng((seed, 1))
        self._shake = np.zeros(2)

    def shot(self, place: int, time: int, view: View) -> Pixels:
        pixels = self._footage.pictures[place]
        noise = self._random.normal(0.0, _SHAKE * (1 - _STEADY**2) ** 0.5, 2)
        self._shake = _STEADY * self._shake + noise
        height, width = pixels.shape[:2]
        scale = max(width, height) / _LONGEST
        x, y = self._shake * scale - (view.zoom - 1) * np.array(
            [view.right * width, view.down * height]
        )
        across = -view.zoom if view.mirrored else view.zoom
        left = width - x if view.mirrored else x
        matrix = np.array([[across, 0.0, left], [0.0, view.zoom, y]])
        moved = cv2.warpAffine(
            pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        breath = 1 + _BREATH * np.sin(2 * np.pi * time / RATE / 7.3)  # 7.3 s: no clip's own period
        return np.asarray(cv2.LUT(moved, _tones(view.gain * breath, view.gamma)), dtype=np.uint8)


def _tones(gain: float, gamma: float) -> NDArray[np.uint8]:
    levels = np.linspace(0.0, 1.0, 256)
    return np.clip(255 * gain * levels**gamma, 0, 255).astype(np.uint8)


def _decoded(path: Path) -> Iterator[Pixels]:
    with opened_clip(path) as pictures:
        yield from _sampled(pictures)


def _sampled(pictures: Iterable[tuple[int, float, Any]]) -> Iterator[Pixels]:
    """`RATE` pictures a second by their own times; a slower clip shows pictures twice."""
    first: float | None = None
    count = 0
    for _, time, picture in pictures:
        first = time if first is None else first
        if (time - first) * RATE < count - 1e-6:
            continue
        pixels = _fitted(np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8))
        while count <= (time - first) * RATE + 1e-6 and count < _MOST_SECONDS * RATE:
            yield pixels
            count += 1
        if count >= _MOST_SECONDS * RATE:
            return


def _fitted(pixels: Pixels) -> Pixels:
    scale = _LONGEST / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = round(pixels.shape[1] * scale), max(1, round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
