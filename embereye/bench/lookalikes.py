"""Scenes without fire that look or move like one, drawn here: the same everywhere, nobody's.

No threshold of a detector was chosen on them; the scenes of the tests are others.
"""

from collections.abc import Callable, Iterator
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from embereye.model.frame import Pixels
from embereye.services.footage import RATE, Footage

Canvas = NDArray[np.float32]
Scene = Callable[[float], Canvas]
WIDTH, HEIGHT = 640, 360  # px; a sub stream
_SECONDS = 24.0  # of each scene before it repeats
_NOISE = 2.5  # grey levels (σ) of a camera indoors
_QUALITY = 70  # of JPEG; what a sub stream's compression does to colour
X, Y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
_WARM = (70.0, 170.0, 260.0)  # BGR of a sodium lamp, above 255: its middle is clipped


def lookalikes(seconds: float = _SECONDS) -> Iterator[Footage]:
    """Each scene in turn; rendering one takes some seconds."""
    for scene in _NOTHING:
        yield Footage(_name(scene), tuple(filmed(scene, seconds)), fire=False, smoke=False)
    for scene in _UNKNOWN:
        yield Footage(_name(scene), tuple(filmed(scene, seconds)), fire=None, smoke=None)


def filmed(scene: Scene, seconds: float, seed: int = 1) -> Iterator[Pixels]:
    """A scene as a camera delivers it: sensor noise, then JPEG; `RATE` pictures a second."""
    random = np.random.default_rng(seed)
    for number in range(round(seconds * RATE)):
        noisy = scene(number / RATE) + random.normal(0, _NOISE, (HEIGHT, WIDTH, 1))
        clean = np.clip(noisy, 0, 255).astype(np.uint8)
        _, coded = cv2.imencode(".jpg", clean, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        yield np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), dtype=np.uint8)


def hall(seed: int, light: float = 110.0) -> Canvas:
    """A room: a wall, a floor, boxes and pipes with edges and texture."""
    return _hall(seed, light).copy()


@cache
def _hall(seed: int, light: float) -> Canvas:
    random = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), light, np.float32) * random.uniform(0.9, 1.1, 3)
    picture[HEIGHT * 5 // 8 :] *= 0.65
    for _ in range(14):
        x, y = random.integers(0, WIDTH - 90), random.integers(80, HEIGHT - 70)
        width, height = random.integers(20, 90), random.integers(20, 70)
        picture[y : y + height, x : x + width] *= random.uniform(0.5, 1.4, 3)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), dtype=np.float32)


def blob(x: float, y: float, radius: float) -> Canvas:
    """A soft spot, 1 in its middle; one channel."""
    spot = np.exp(-((X - x) ** 2 + (Y - y) ** 2) / (2 * radius**2))
    return np.asarray(spot[..., None], dtype=np.float32)


@cache
def cloud(seed: int, cells: tuple[int, int], size: tuple[int, int]) -> Canvas:
    """Smooth noise 0–1 of `size` (width, height) px made of `cells` (rows, columns)."""
    noise = np.random.default_rng(seed).uniform(0, 1, cells).astype(np.float32)
    resized = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    smooth = np.asarray(np.clip(resized, 0, 1), dtype=np.float32)
    smooth.flags.writeable = False  # everybody is given the same
    return smooth


def _lamp(picture: Canvas, x: float, y: float, radius: float, power: float) -> Canvas:
    glow = blob(x, y, radius) + 0.35 * blob(x, y, radius * 4)
    return np.asarray(picture + power * glow * np.array(_WARM), dtype=np.float32)


def _sunset(t: float) -> Canvas:
    high = np.clip(1 - Y / 260, 0, 1)[..., None]
    sky = high * np.array([120.0, 90.0, 110.0]) + (1 - high) * np.array([50.0, 140.0, 250.0])
    drift = cloud(1, (10, 60), (WIDTH * 3, HEIGHT))
    start = int(6 * t) % (2 * WIDTH)
    sky = sky - 70 * drift[:, start : start + WIDTH, None]
    picture = sky + 260 * blob(360, 190 + 0.6 * t, 24)
    roofs = 250 + 25 * np.sign(np.sin(X / 37)) + 12 * np.sign(np.sin(X / 13))
    return np.where((roofs < Y)[..., None], 22.0, picture).astype(np.float32)


def _lamps(t: float) -> Canvas:
    picture = hall(2, 60)
    for number, x in enumerate((110, 320, 530)):
        picture = _lamp(picture, x, 70, 9, 0.9)
        if number == 1 and np.sin(17 * t) + np.sin(23.7 * t) > 0.7:  # one that is about to fail
            picture = _lamp(picture, x, 70, 9, -0.6)
    return picture


def _beacons(t: float) -> Canvas:
    picture = hall(3, 75)
    x = 120 + 160 * (1 - np.cos(2 * np.pi * t / 12))
    cv2.rectangle(picture, (int(x), 190), (int(x) + 130, 280), (40, 150, 215), -1)
    for place, lag in ((x + 25, 0.0), (x + 105, 0.5)):
        turn = max(0.0, float(np.sin(2 * np.pi * (1.7 * t + lag)))) ** 3
        picture = _lamp(picture, place, 182, 8, 1.3 * turn)
    return picture


def _cars(t: float) -> Canvas:
    picture = hall(4, 130)
    for lane, colour in enumerate(((25, 30, 205), (20, 110, 245), (30, 35, 190))):
        x = int((95 * t * (1 + 0.3 * lane) + 260 * lane) % (WIDTH + 260)) - 200
        y = 190 + 45 * lane
        cv2.rectangle(picture, (x, y), (x + 150, y + 42), colour, -1)
        cv2.rectangle(picture, (x + 35, y - 28), (x + 115, y), colour, -1)
        cv2.rectangle(picture, (x + 45, y - 22), (x + 105, y - 3), (90, 80, 70), -1)
        for wheel in (x + 30, x + 120):
            cv2.circle(picture, (wheel, y + 42), 14, (25, 25, 25), -1)
        cv2.rectangle(picture, (x, y + 8), (x + 7, y + 16), (40, 60, 255), -1)  # tail lamp
    return picture


def _clothing(t: float) -> Canvas:
    picture = hall(5, 115)
    for number in range(3):
        x = int(90 + 190 * number + 70 * np.sin(0.5 * t + 2 * number))
        y, swing = 150 + 18 * number, int(12 * np.sin(5 * t + number))
        cv2.rectangle(picture, (x, y + 75), (x + 16 + swing, y + 140), (80, 55, 40), -1)
        cv2.rectangle(picture, (x + 22, y + 75), (x + 38 - swing, y + 140), (80, 55, 40), -1)
        cv2.rectangle(picture, (x, y), (x + 38, y + 78), (25, 115, 250), -1)
        cv2.rectangle(picture, (x, y + 34), (x + 38, y + 42), (190, 235, 235), -1)
        cv2.line(picture, (x + 36, y + 8), (x + 50 + swing, y + 60), (25, 115, 250), 11)
        cv2.circle(picture, (x + 19, y - 14), 14, (135, 165, 215), -1)
    return picture


def _steam(t: float) -> Canvas:
    rising = cloud(6, (400, 50), (WIDTH, 8000))
    start = int(170 * t) % 7000
    reach = np.clip(270 - Y, 0, None)
    plume = np.exp(-(((X - 300 - 0.5 * reach) / (9 + 0.16 * reach)) ** 2)) * (Y < 270)
    thin = plume * np.clip((Y - 120) / 110, 0, 1) * (0.25 + 0.75 * rising[start : start + HEIGHT])
    part = 0.85 * thin[..., None]
    return np.asarray(hall(6, 85) * (1 - part) + 232 * part, dtype=np.float32)


def _fog(t: float) -> Canvas:
    bank = cloud(7, (7, 40), (WIDTH * 8, HEIGHT))
    start = int(35 * t) % (7 * WIDTH)
    part = (0.25 + 0.6 * bank[:, start : start + WIDTH])[..., None]
    return np.asarray(hall(7, 90) * (1 - part) + 198 * part, dtype=np.float32)


def _white_wall(t: float) -> Canvas:
    shade = 236 - 20 * (X / WIDTH) - 14 * (Y / HEIGHT) + 6 * np.sin(0.4 * t)
    picture = np.repeat(shade[..., None], 3, axis=2).astype(np.float32) * np.array(
        [0.94, 0.98, 1.0], np.float32
    )
    picture[300:] *= 0.7
    x = int((45 * t) % (WIDTH + 120)) - 60
    cv2.rectangle(picture, (x, 160), (x + 44, 320), (95, 85, 75), -1)
    cv2.circle(picture, (x + 22, 140), 17, (140, 165, 205), -1)
    return np.asarray(picture, dtype=np.float32)


def _headlights(t: float) -> Canvas:
    picture = hall(8, 22)
    for lane in range(3):
        near = ((t + 2.3 * lane) % 7) / 7
        size, x, y = 2 + 16 * near**2, 320 + (lane - 1) * 260 * near, 130 + 170 * near
        for side in (-2.2, 2.2):
            glow = blob(x + side * size, y, size) + 0.3 * blob(x + side * size, y, 3 * size)
            picture = picture + glow * np.array([225.0, 250.0, 265.0], np.float32)
    wet = blob(320, 340, 120) * (0.5 + 0.5 * np.sin(Y / 3 + 8 * t))[..., None]
    return np.asarray(picture + 40 * wet, dtype=np.float32)


def _heater(t: float) -> Canvas:
    picture = hall(9, 95)
    for bar in range(4):
        glow = np.exp(-(((Y - 120 - 16 * bar) / 4) ** 2)) * (np.abs(X - 420) < 70)
        power = 0.9 + 0.04 * np.sin(2 * np.pi * t / 9 + bar)
        picture = picture + power * glow[..., None] * np.array([25.0, 95.0, 245.0], np.float32)
    return np.asarray(picture, dtype=np.float32)


def _welding(t: float) -> Canvas:
    picture, random = hall(10, 60), np.random.default_rng(int(t * 25))
    if (t % 6) < 4:
        power = random.uniform(0.4, 1.2)
        arc = blob(330, 230, 9) + 0.4 * blob(330, 230, 60)
        light = power * arc * np.array([330.0, 300.0, 280.0])
        picture = np.asarray(picture + light, dtype=np.float32)
        for _ in range(25):
            x, y = 330 + random.normal(0, 45), 230 + abs(random.normal(0, 50))
            cv2.circle(picture, (int(x), int(y)), 1, (120, 200, 255), -1)
    return np.asarray(picture, dtype=np.float32)


def _name(scene: Scene) -> str:
    return getattr(scene, "__name__", "scene").strip("_")


_NOTHING: tuple[Scene, ...] = (
    _sunset, _lamps, _beacons, _cars, _clothing, _steam, _fog, _white_wall, _headlights, _heater,
)  # fmt: skip
# Hot work: sparks can set fire to something, so an alarm is neither right nor wrong.
_UNKNOWN: tuple[Scene, ...] = (_welding,)
