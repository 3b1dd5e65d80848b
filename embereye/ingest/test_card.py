"""A test card as a camera: shows installers that colours, sharpness, edges and time are right."""

import math
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

import cv2
import numpy as np

from embereye.ingest.picture import Deadlines, Decode, Picture
from embereye.ingest.source import Source
from embereye.ingest.usb import BgrPicture
from embereye.model.errors import CameraUnreachable
from embereye.model.frame import Pixels
from embereye.runtime.clock import Clock

_INTERVAL = 0.1  # s; the hand of the clock moves by 36 degrees each, plainly to be seen
# Blue, green, red. Source: 75 % colour bars, ITU-R BT.471
_BARS = [
    (191, 191, 191), (0, 191, 191), (191, 191, 0), (0, 191, 0), (191, 0, 191), (0, 0, 191),
    (191, 0, 0),
]  # fmt: skip
_GREYS = 11  # steps from black to white
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


class CardSource:
    """A picture of bars, greys, fine lines and a moving clock. `wait` may return early."""

    def __init__(self, source: Source, clock: Clock, wait: Callable[[float], object]) -> None:
        self.live = False
        self.until_key: int | None = None
        self.decode = Decode.ALL
        self.arrived = 0
        self.received = 0
        self.decoder = ""
        self.streams: tuple[str, ...] = ("test card",)
        self.interval = _INTERVAL
        self.deadlines = Deadlines()
        width, _, height = source.text.partition("x")
        self._size = int(width), int(height)
        self._clock = clock
        self._wait = wait
        self._card: Pixels | None = None
        self._next = 0.0  # mono

    def open(self) -> None:
        self._card = _card(*self._size)
        self._next = self._clock.mono()

    def read(self, timeout: float) -> Picture | None:
        if self._card is None:
            raise CameraUnreachable("The test card is not open.")
        ahead = self._next - self._clock.mono()
        if ahead > 0:
            self._wait(min(ahead, timeout))
            if self._clock.mono() < self._next:
                return None
        now = self._clock.now()
        self._next = max(self._next + _INTERVAL, now.mono)
        self.arrived += 1
        pixels = self._card.copy()
        _draw_clock(pixels, now.utc)
        return BgrPicture(pixels, now.mono)

    def close(self) -> None:
        self._card = None


def _card(width: int, height: int) -> Pixels:
    """Everything that does not move."""
    card = np.zeros((height, width, 3), dtype=np.uint8)
    bars, greys = height * 6 // 10, height * 8 // 10
    edges = np.linspace(0, width, len(_BARS) + 1).astype(int)
    for colour, (left, right) in zip(_BARS, pairwise(edges), strict=True):
        card[:bars, left:right] = colour
    steps = np.linspace(0, width, _GREYS + 1).astype(int)
    for step, (left, right) in enumerate(pairwise(steps)):
        card[bars:greys, left:right] = round(step * 255 / (_GREYS - 1))
    columns = np.arange(width)
    lines = 1 << (columns * 4 // width)  # pixels: 1, 2, 4 and 8 wide, from left to right
    card[greys:, :] = np.where(columns // lines % 2, 255, 0)[None, :, None]
    # What an edge of the picture hides shows as a gap in the frame.
    cv2.rectangle(card, (0, 0), (width - 1, height - 1), _WHITE, 1)
    return card


def _draw_clock(pixels: Pixels, utc: float) -> None:
    """A hand that turns once a second, and the time in words of this machine's time zone."""
    height, width = pixels.shape[:2]
    radius = min(width, height) // 6
    centre = (width // 2, height * 3 // 10)
    cv2.circle(pixels, centre, radius, _BLACK, -1, cv2.LINE_AA)
    cv2.circle(pixels, centre, radius, _WHITE, 2, cv2.LINE_AA)
    angle = 2 * math.pi * (utc % 1.0)
    tip = (
        round(centre[0] + radius * 0.9 * math.sin(angle)),
        round(centre[1] - radius * 0.9 * math.cos(angle)),
    )
    cv2.line(pixels, centre, tip, _WHITE, max(2, radius // 20), cv2.LINE_AA)
    moment = datetime.fromtimestamp(utc).astimezone()
    text = f"{moment:%Y-%m-%d %H:%M:%S}.{int(utc * 10) % 10}  {width}x{height}"
    scale, thick = height / 700, max(1, height // 400)
    (across, down), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    left, base = (width - across) // 2, height * 57 // 100
    pixels[max(0, base - down - below) : base + below, max(0, left - 8) : left + across + 8] = 0
    cv2.putText(
        pixels, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, thick, cv2.LINE_AA
    )
