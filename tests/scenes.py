"""Scenes without fire that look or move like one, and a rough flame; all made here."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np

Picture = np.ndarray
Scene = Callable[[float], Picture]
WIDTH, HEIGHT = 320, 240
RATE = 10.0  # frames a second
X, Y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))


def wall(seed: int = 1, bgr: tuple[int, int, int] = (90, 100, 105)) -> Picture:
    """A dim room: a plain wall, a floor and some furniture with texture."""
    rng = np.random.default_rng(seed)
    wall = np.empty((HEIGHT, WIDTH, 3), np.float32)
    wall[:] = bgr
    wall[160:] *= 0.6
    for _ in range(8):
        x, y = rng.integers(0, WIDTH - 60), rng.integers(60, HEIGHT - 50)
        wall[y : y + rng.integers(15, 50), x : x + rng.integers(15, 60)] *= rng.uniform(0.5, 1.5)
    return cv2.GaussianBlur(wall, (0, 0), 1.0) + rng.normal(0, 3, wall.shape).astype(np.float32)


def spot(x: float, y: float, radius: float) -> Picture:
    return np.exp(-((X - x) ** 2 + (Y - y) ** 2) / (2 * radius**2)).astype(np.float32)[..., None]


def lit(wall: Picture, x: float, y: float, radius: float, power: float) -> Picture:
    """A warm lamp with its halo: white-yellow in the middle, orange outside."""
    core, halo = spot(x, y, radius), spot(x, y, radius * 3)
    colour = np.array([90.0, 200.0, 300.0], np.float32)
    return wall + power * (core * np.array([250.0, 300.0, 300.0], np.float32) + halo * colour)


def flickering_lamp(t: float) -> Picture:
    power = 0.6 + 0.4 * np.sin(2 * np.pi * 3.3 * t) * np.sin(2 * np.pi * 0.7 * t + 1)
    return lit(wall(), 150, 60, 9, power)


def candle_bulb(t: float) -> Picture:
    rng = np.random.default_rng(int(t * 10))
    return lit(wall(bgr=(40, 45, 50)), 90, 80, 6, rng.uniform(0.4, 1.0))


def amber_beacon(t: float) -> Picture:
    power = max(0.0, float(np.sin(2 * np.pi * 1.6 * t))) ** 2
    return lit(wall(2, (50, 50, 55)), 200, 90, 8, 1.2 * power)


def two_beacons(t: float) -> Picture:
    left = 1.0 if (t * 2.1) % 1 < 0.5 else 0.0
    picture = lit(wall(3, (30, 30, 30)), 130, 100, 5, left)
    return lit(picture, 150, 100, 5, 1.0 - left)


def _flag(t: float, colours: list[tuple[int, int, int]]) -> Picture:
    wave = 7 * np.sin(2 * np.pi * (X / 70 - 1.3 * t)) + 3 * np.sin(2 * np.pi * (X / 31 - 2.2 * t))
    shade = 0.85 + 0.15 * np.cos(2 * np.pi * (X / 70 - 1.3 * t))
    row = (Y - 60 - wave * np.clip((X - 100) / 100, 0, 1)) / 80
    inside = (row > 0) & (row < 1) & (X > 100) & (X < 230)
    picture = wall(4, (200, 170, 140))
    stripe = np.clip((row * len(colours)).astype(int), 0, len(colours) - 1)
    flag = np.array(colours, np.float32)[stripe] * shade[..., None]
    return np.where(inside[..., None], flag, picture)


def red_flag(t: float) -> Picture:
    return _flag(t, [(30, 35, 215)])


def orange_flag(t: float) -> Picture:
    return _flag(t, [(20, 120, 245)])


def yellow_red_flag(t: float) -> Picture:
    return _flag(t, [(30, 30, 220), (30, 200, 250), (30, 30, 220)])


def figure(picture: Picture, x: float, y: float, t: float) -> Picture:
    out = picture.copy()
    swing = int(6 * np.sin(2 * np.pi * 1.8 * t))
    x, y = int(x), int(y)
    cv2.rectangle(out, (x, y + 50), (x + 10 + swing, y + 95), (90, 60, 40), -1)
    cv2.rectangle(out, (x + 14, y + 50), (x + 24 - swing, y + 95), (90, 60, 40), -1)
    cv2.rectangle(out, (x, y), (x + 24, y + 50), (40, 110, 250), -1)  # orange vest
    cv2.rectangle(out, (x, y + 20), (x + 24, y + 25), (180, 250, 250), -1)  # reflective band
    cv2.rectangle(out, (x - 6 + swing, y + 5), (x, y + 40), (40, 110, 250), -1)
    cv2.circle(out, (x + 12, y - 10), 9, (140, 170, 220), -1)
    return out


def orange_vest(t: float) -> Picture:
    x = 40 + 110 * (1 - np.cos(2 * np.pi * t / 9))
    return figure(wall(5), x, 90, t)


def vest_on_the_spot(t: float) -> Picture:
    x = 150 + 8 * np.sin(2 * np.pi * 0.9 * t) + 4 * np.sin(2 * np.pi * 2.1 * t)
    return figure(wall(6), x, 90 + 2 * np.sin(2 * np.pi * 1.7 * t), t)


def tv_screen(t: float) -> Picture:
    picture = wall(7, (50, 50, 55))
    shot = np.random.default_rng(int(t / 1.7))
    small = shot.uniform(0, 255, (6, 9, 3)).astype(np.float32)
    big = cv2.resize(small, (140, 84), interpolation=cv2.INTER_CUBIC)
    shift = int(12 * np.sin(2 * np.pi * 0.6 * t))
    picture[70:140, 90:200] = np.clip(big[7:77, 15 + shift : 125 + shift], 0, 255)
    return picture


def auto_exposure(t: float) -> Picture:
    picture = wall(8, (60, 120, 190))
    gain = 1.0 + 0.25 * np.sin(2 * np.pi * 0.8 * t) + (0.2 if int(t / 4) % 2 else 0.0)
    return lit(picture, 230, 50, 10, 0.8) * gain


def sunset(t: float) -> Picture:
    warm = np.clip(1 - Y / 200, 0, 1)[..., None]
    sky = warm * np.array([60, 110, 160], np.float32) + (1 - warm) * np.array([40, 140, 255])
    cloud = 25 * np.sin(X / 40 + 0.2 * t + np.sin(Y / 17))[..., None]
    picture = sky + cloud + 200 * spot(160 + t * 0.2, 170, 16)
    picture[200:] = (20, 25, 30)
    return picture


def autumn_leaves(t: float) -> Picture:
    rng = np.random.default_rng(11)
    hue = rng.uniform(0.25, 0.9, (60, 80)).astype(np.float32)
    leaf = np.stack([hue * 40, hue * 235, np.full_like(hue, 235.0)], -1) * rng.uniform(
        0.5, 1.0, (60, 80, 1)
    ).astype(np.float32)
    tree = cv2.resize(leaf, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    gust = 1 + np.sin(2 * np.pi * 0.3 * t)
    dx = 1.6 * gust * np.sin(2 * np.pi * 1.4 * t + Y / 20 + X / 50)
    dy = 0.8 * gust * np.sin(2 * np.pi * 1.9 * t + X / 23)
    return cv2.remap(tree, X + dx.astype(np.float32), Y + dy.astype(np.float32), 1, borderMode=2)


def shaken_posters(t: float) -> Picture:
    picture = wall(9, (150, 150, 150))
    rng = np.random.default_rng(12)
    for x in (30, 130, 230):
        poster = rng.uniform(0, 1, (8, 6, 1)).astype(np.float32) * [30, 200, 20] + [10, 50, 235]
        picture[60:140, x : x + 60] = cv2.resize(poster, (60, 80), interpolation=cv2.INTER_NEAREST)
    shake = np.random.default_rng(int(t * 10)).normal(0, 1.2, 2)
    matrix = np.array([[1, 0, shake[0]], [0, 1, shake[1]]], np.float32)
    return cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def wood_panels(t: float) -> Picture:
    grain = 20 * np.sin(X / 6 + 3 * np.sin(Y / 40))[..., None]
    return np.array([70.0, 120.0, 185.0], np.float32) + grain


def yellow_paint(t: float) -> Picture:
    picture = wall(10, (30, 200, 245))
    return figure(picture, 40 + (t * 25) % 240, 90, t)


def headlights(t: float) -> Picture:
    picture = wall(13, (18, 16, 15))
    for lane in range(3):
        phase = ((t + 1.7 * lane) % 5) / 5
        size = 2 + 10 * phase**2
        x, y = 160 + (lane - 1) * 150 * phase, 90 + 120 * phase
        picture = lit(picture, x - 2 * size, y, size, 0.9)
        picture = lit(picture, x + 2 * size, y, size, 0.9)
    return picture


def white_steam_lamp(t: float) -> Picture:
    """A warm lamp behind steam that drifts past."""
    rng = np.random.default_rng(14)
    noise = cv2.resize(rng.uniform(0, 1, (24, 64)).astype(np.float32), (1280, 480))
    x = int(t * 30) % 900
    steam = noise[100:340, x : x + WIDTH][..., None]
    return lit(wall(15), 160, 120, 9, 0.8) * (1 - 0.3 * steam) + 70 * steam


def fairy_lights(t: float) -> Picture:
    """Forty small warm lamps that twinkle at 0.5–3 Hz, each on its own."""
    picture, rng = wall(31, (20, 18, 16)), np.random.default_rng(5)
    for _ in range(40):
        x, y = rng.uniform(20, 300), rng.uniform(40, 200)
        light = float(np.sin(rng.uniform(0, 6) + 2 * np.pi * rng.uniform(0.5, 3) * t))
        if light > 0.3:
            colour = (60 * light + 20, 180 * light, 255 * light)
            cv2.circle(picture, (int(x), int(y)), 2, colour, -1)
    return picture


def fire_engine(t: float) -> Picture:
    """A red engine whose two amber beacons flash in turn."""
    picture = wall(33, (120, 120, 120))
    picture[120:170, 80:240] = (30, 30, 200)
    for index, x in enumerate((100, 220)):
        if (t * 2.0 + 0.5 * index) % 1 < 0.35:
            picture = lit(picture, x, 112, 6, 1.2)
    return picture


def chandelier(t: float) -> Picture:
    """Four flickering candle bulbs side by side, each at random."""
    rng, picture = np.random.default_rng(int(t * 10) + 7), wall(34, (40, 40, 42))
    for x, y in ((100, 70), (108, 70), (116, 72), (104, 78)):
        picture = lit(picture, x, y, 3, rng.uniform(0.2, 0.7))
    return picture


def strobe(t: float) -> Picture:
    return wall(36, (40, 70, 110)) * (1.8 if (t * 3) % 1 < 0.4 else 0.7)


def crowd_in_orange(t: float) -> Picture:
    picture = wall(37)
    for index in range(6):
        x = 30 + 45 * index + 20 * np.sin(t * (0.7 + 0.2 * index) + index)
        picture = figure(picture, x, 80 + 8 * np.sin(1.3 * t + index), t + index * 0.3)
    return picture


def sunlit_curtain(t: float) -> Picture:
    fold = np.sin(X / 9 + 2.0 * np.sin(t * 1.1 + Y / 60) + 0.6 * np.sin(3.1 * t))
    return np.stack([60 + 20 * fold, 150 + 70 * fold, 215 + 40 * fold], -1)


def rain_before_lamps(t: float) -> Picture:
    rng, picture = np.random.default_rng(int(t * 10)), wall(39, (30, 30, 30))
    picture = lit(lit(picture, 80, 60, 8, 0.8), 240, 60, 8, 0.8)
    for _ in range(200):
        x, y = int(rng.integers(0, 310)), int(rng.integers(0, 220))
        cv2.line(picture, (x, y), (x + 2, y + 14), (110, 120, 130), 1)
    return picture


def steam_vent(t: float) -> Picture:
    """White steam that blows off sideways and vanishes within a few metres."""
    noise = np.random.default_rng(40).uniform(0, 1, (300, 40)).astype(np.float32)
    start = int(90 * t) % 3000
    rising = cv2.resize(noise, (WIDTH, 4000))[start : start + HEIGHT]
    reach = 200 - Y
    plume = np.exp(-(((X - 160 - reach * 0.3) / (6 + np.abs(reach) * 0.12)) ** 2))
    thin = (plume * np.clip((Y - 110) / 90, 0, 1) * (Y < 200) * (0.3 + 0.7 * rising))[..., None]
    return wall(40, (80, 80, 80)) * (1 - 0.7 * thin) + 0.7 * thin * 225


NEGATIVES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        flickering_lamp, candle_bulb, amber_beacon, two_beacons, red_flag, orange_flag,
        yellow_red_flag, orange_vest, vest_on_the_spot, tv_screen, auto_exposure, sunset,
        autumn_leaves, shaken_posters, wood_panels, yellow_paint, headlights, white_steam_lamp,
        fairy_lights, fire_engine, chandelier, strobe, crowd_in_orange, sunlit_curtain,
        rain_before_lamps, steam_vent,
    )
}  # fmt: skip


def flame(t: float) -> Picture:
    """A flame of 50×90 pixels: turbulent noise that rises through a hot column."""
    rng = np.random.default_rng(20)
    noise = cv2.resize(rng.uniform(0, 1, (160, 24)).astype(np.float32), (WIDTH, 1600))
    fine = cv2.resize(rng.uniform(0, 1, (500, 60)).astype(np.float32), (WIDTH, 1600))
    start = int(t * 130) % 1300
    turbulent = 0.65 * noise[start : start + HEIGHT] + 0.35 * fine[start : start + HEIGHT]
    height = np.clip((200 - Y) / 110, 0, 1.4)
    column = np.exp(-(((X - 160) / (26 - 12 * height)) ** 2)) * (Y < 200)
    heat = np.clip(column * (1.7 - 1.1 * height) * (0.35 + 1.3 * turbulent) - 0.2, 0, 1.3)[
        ..., None
    ]
    glow = heat * np.array([0.0, 0.0, 520.0]) + heat**2 * np.array([70.0, 250.0, 0.0])
    return wall(21, (45, 48, 50)) * (1 - np.clip(heat, 0, 1)) + glow


def played(scene: Scene, seconds: float, rate: float = RATE) -> Iterator[tuple[float, Picture]]:
    """Frames as a camera delivers them: sensor noise, then JPEG of quality 60."""
    rng = np.random.default_rng(99)
    for index in range(int(seconds * rate)):
        time = index / rate
        noisy = scene(time) + rng.normal(0, 2.5, (HEIGHT, WIDTH, 1))
        clean = np.clip(noisy, 0, 255).astype(np.uint8)
        _, coded = cv2.imencode(".jpg", clean, [cv2.IMWRITE_JPEG_QUALITY, 60])
        yield time, cv2.imdecode(coded, cv2.IMREAD_COLOR)
