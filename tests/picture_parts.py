"""Sequences for picture supervision: clips as looks five times a second, and what spoils them."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from embereye.ingest.picture_watch import PictureWatch
from embereye.ingest.views import limited
from embereye.ingest.yuv import PlaneScaler, YuvPicture
from embereye.model.camera import Doubt
from embereye.model.frame import Pixels
from embereye.model.stamp import Stamp

RATE = 5.0  # looks a second
DEMO = Path(__file__).resolve().parents[1] / "resources" / "demo"
SPOILED_AT = 110.0  # s; everything is learned by then

Change = Callable[[Pixels], Pixels]


@cache
def looks(path: Path) -> tuple[Pixels, ...]:
    """The pictures of a clip as detection would get them, five a second."""
    found: list[Pixels] = []
    scaler = PlaneScaler()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        step = float(1 / (stream.average_rate or 25))
        for index, frame in enumerate(container.decode(stream)):
            if index * step + step / 2 >= len(found) / RATE:
                picture = YuvPicture(frame, scaler, index * step, Fraction(1))
                size = limited((frame.width, frame.height), Fraction(1), 640)
                found.append(picture.bgr(*size))
    return tuple(found)


class Player:
    """Plays pictures into a watch on a time line of its own and notes when doubts begin and end."""

    def __init__(self, pictures: tuple[Pixels, ...]) -> None:
        self.watch = PictureWatch()
        self.begun: dict[Doubt, float] = {}
        self.time = 0.0
        self._pictures = pictures
        self._index = 0

    def play(self, seconds: float, change: Change | None = None, hold: bool = False) -> None:
        """Go on for `seconds`, each picture changed; `hold` repeats the same one."""
        changed: dict[int, Pixels] = {}
        for _ in range(round(seconds * RATE)):
            index = self._index % len(self._pictures)
            if change is not None and index not in changed:
                changed[index] = change(self._pictures[index])
            self.show(changed[index] if change is not None else self._pictures[index])
            self._index += not hold

    def doubts(self) -> tuple[Doubt, ...]:
        """What is doubted now."""
        return self.watch.signs.doubts

    def show(self, pixels: Pixels) -> None:
        """Give the next picture."""
        self.watch.look(pixels, Stamp(1000 + self.time, self.time))
        for doubt in self.doubts():
            self.begun.setdefault(doubt, self.time)
        self.time += 1 / RATE


def turned(across: float = 0.0, degrees: float = 0.0, zoom: float = 1.0) -> Change:
    """Another direction: shifted by a share of the width, rotated, zoomed."""

    def change(picture: Pixels) -> Pixels:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, zoom)
        matrix[:, 2] += across * width
        moved = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
        return np.asarray(moved, dtype=np.uint8)

    return change


def blurred(sigma: float) -> Change:
    """Out of focus by `sigma` px of 640."""
    return lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8)


def noise(level: int, like: Pixels, span: int = 4) -> Pixels:
    """Nothing but sensor noise around a grey level."""
    random = np.random.default_rng(int(like[0, 0, 0]) + level)
    return random.integers(level, level + span, like.shape, dtype=np.uint8)


def covered(picture: Pixels) -> Pixels:
    """A hand or a cloth close before the lens: dark, smooth, noisy."""
    ramp = np.linspace(25, 50, picture.shape[1]).astype(np.uint8)[None, :, None]
    return np.asarray(noise(3, picture) + ramp, dtype=np.uint8)


def black(picture: Pixels) -> Pixels:
    return noise(0, picture)


def dazzled(picture: Pixels) -> Pixels:
    return noise(251, picture)


def infrared(picture: Pixels) -> Pixels:
    """The infra-red filter opens: no colour, other brightness."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    grey = cv2.add(cv2.convertScaleAbs(grey, alpha=0.7), 25)  # type: ignore[call-overload]
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def lit(gain: float, offset: float = 0.0) -> Change:
    """Lights switched: other brightness and contrast."""
    return lambda picture: np.asarray(
        cv2.convertScaleAbs(picture, alpha=gain, beta=offset), dtype=np.uint8
    )


def person(picture: Pixels) -> Pixels:
    """Somebody stands before the camera and moves as people do."""
    height, width = picture.shape[:2]
    middle = int(width * (0.45 + 0.08 * np.sin(float(picture[::7, ::7].sum() % 97))))
    shown = picture.copy()
    body = (int(width * 0.42), int(height * 0.95))
    cv2.ellipse(shown, (middle, height), body, 0, 0, 360, (60, 50, 90), -1)
    head = (width // 6, height // 5)
    cv2.ellipse(shown, (middle, height // 4), head, 0, 0, 360, (120, 150, 200), -1)
    return shown
