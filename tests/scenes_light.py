"""Light without fire that glitters, blinks, shines through or plays; all made here.

Each scene is `scene(time in s) -> (HEIGHT, WIDTH, 3) float32 BGR`, as in `scenes`.
"""

import cv2
import numpy as np
from scenes import HEIGHT, WIDTH, Picture, Scene, X, Y, figure, lit, spot, wall

_GREY = np.array([1.0, 1.0, 1.0], np.float32)


def _slopes(t: float, seed: int, fine: float) -> tuple[Picture, Picture]:
    """Slopes of water seen flat: 24 waves whose speed follows from their length (deep water)."""
    rng = np.random.default_rng(seed)
    near = np.clip((Y - 80) / 160, 0.03, 1)  # rows near the horizon show more water
    across, along = (X - 160) / (20 * near), 9 / near
    east, north = np.zeros_like(X), np.zeros_like(X)
    for _ in range(24):
        number, angle = fine * rng.uniform(0.6, 4.0), rng.uniform(0, 2 * np.pi)
        wave = number * (np.cos(angle) * across + np.sin(angle) * along)
        steep = np.cos(wave - 2.6 * np.sqrt(number) * t + rng.uniform(0, 6.3))
        east += np.cos(angle) * steep
        north += np.sin(angle) * steep
    return east, north


def _glints(t: float, seed: int, fine: float, reach: float) -> Picture:
    """0–2 where a facet of the water mirrors a light at the horizon towards the camera."""
    east, north = _slopes(t, seed, fine)
    off = ((east - (X - 160) / reach) ** 2 + (north - 1) ** 2) / 0.5
    return (2.0 * np.exp(-off) * (Y > 80)).astype(np.float32)[..., None]


def sun_glitter(t: float) -> Picture:
    """The low sun on choppy water: thousands of glints that last a fraction of a second."""
    sky = np.array([70.0, 130.0, 210.0]) * (Y < 80)[..., None]
    water = np.array([55.0, 60.0, 75.0]) * (Y >= 80)[..., None]
    glint = _glints(t, 61, 1.5, 40)
    return sky + water + glint * np.array([70.0, 170.0, 260.0]) + 250 * spot(160, 55, 12)


def wide_sun_glitter(t: float) -> Picture:
    """The same over the whole water, with larger waves."""
    water = np.array([70.0, 80.0, 95.0], np.float32) * np.ones_like(X)[..., None]
    return water + _glints(t, 62, 0.7, 150) * np.array([60.0, 150.0, 240.0])


def harbour_lamps(t: float) -> Picture:
    """Sodium lamps at night above water that breaks their reflections into strokes."""
    picture = wall(63, (14, 14, 16))
    for index, x in enumerate((60, 160, 260)):
        picture = lit(picture, x, 60, 4, 1.0)
        column = np.exp(-(((X - x) / 10) ** 2))[..., None]
        glint = _glints(t, 70 + index, 1.2, 1e6)
        picture = picture + column * glint * np.array([30.0, 130.0, 230.0])
    return picture


def beacon_on_wet_floor(t: float) -> Picture:
    """A turning red beacon and its reflection in a floor of running water."""
    power = max(0.0, float(np.sin(2 * np.pi * 1.5 * t))) ** 3
    picture = wall(64, (55, 52, 50))
    ripple = 4 * np.sin(Y / 5 - 9 * t) + 3 * np.sin(Y / 3.1 + 13 * t + X / 30)
    mirrored = np.exp(-(((X - 160 + ripple) / 9) ** 2) - ((Y - 190) / 28) ** 2)[..., None]
    return (
        picture
        + 1.3 * power * spot(160, 110, 7) * np.array([120.0, 190.0, 320.0])
        + power * spot(160, 110, 40) * np.array([20.0, 40.0, 140.0])
        + power * mirrored * np.array([60.0, 130.0, 300.0])
    )


def lamp_on_wet_floor(t: float) -> Picture:
    """A steady warm lamp whose reflection is torn by water that runs over the ground."""
    picture = lit(wall(65, (40, 38, 36)), 160, 70, 8, 0.9)
    ripple = 5 * np.sin(Y / 4 - 11 * t) + 4 * np.sin(Y / 2.3 + 17 * t + X / 9)
    rough = 0.5 + 0.5 * np.sin(X / 5 + 8 * np.sin(Y / 6 - 9 * t))
    mirrored = (np.exp(-(((X - 160 + ripple) / 12) ** 2)) * (Y > 150) * rough)[..., None]
    return picture + mirrored * np.array([80.0, 190.0, 300.0])


def sun_through_leaves(t: float) -> Picture:
    """The setting sun behind twigs in a gusty wind."""
    sky = np.array([60.0, 140.0, 235.0]) - 0.25 * Y[..., None]
    picture = sky + 250 * spot(170, 110, 30)
    leaves = np.random.default_rng(66).uniform(0, 1, (48, 64)).astype(np.float32)
    cover = cv2.resize(leaves, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    gust = 1 + 0.8 * np.sin(2 * np.pi * 0.25 * t)
    dx = 4 * gust * np.sin(2 * np.pi * 1.1 * t + Y / 19 + X / 37)
    dy = 2.5 * gust * np.sin(2 * np.pi * 1.7 * t + X / 21)
    moved = cv2.remap(cover, X + dx.astype(np.float32), Y + dy.astype(np.float32), 1, borderMode=2)
    dark = np.clip((moved - 0.45) * 8, 0, 1)[..., None]
    return picture * (1 - dark) + dark * np.array([20.0, 28.0, 30.0])


def sunset_clouds(t: float) -> Picture:
    """Time-lapse of clouds that run before a setting sun."""
    noise = np.random.default_rng(67).uniform(0, 1, (20, 200)).astype(np.float32)
    start = int(60 * t) % 1600
    cloud = cv2.resize(noise, (2000, HEIGHT))[:, start : start + WIDTH][..., None]
    sky = np.array([60.0, 130.0, 240.0]) + 220 * spot(160, 150, 20)
    return sky * (0.35 + 0.75 * cloud)


def fan_before_lamp(t: float) -> Picture:
    """The blades of a slow fan pass a warm lamp."""
    picture = lit(wall(68, (40, 40, 42)), 160, 100, 12, 0.9)
    angle = np.arctan2(Y - 130, X - 190) + 5.0 * t
    blade = ((np.cos(3 * angle) > 0.2) & (np.hypot(X - 190, Y - 130) < 70))[..., None]
    return np.where(blade, 45 * _GREY, picture)


def indicators_at_night(t: float) -> Picture:
    """A parked car with amber indicators and one that drives past with headlights."""
    picture = wall(69, (20, 18, 18))
    if (t * 1.5) % 1 < 0.5:
        for x in (110, 190):
            picture = lit(picture, x, 150, 4, 0.8)
    x = (t * 70) % 500 - 80
    for lamp in (x, x + 26):
        picture = picture + 280 * spot(lamp, 130, 6) * np.array([0.85, 0.95, 1.0])
    return picture


def brake_lights_in_rain(t: float) -> Picture:
    """A queue of red and amber lamps through a wet lens that an oscillating wiper sweeps."""
    rng, picture = np.random.default_rng(71), wall(71, (25, 24, 24))
    for index in range(10):
        on = 1.0 if (t * rng.uniform(0.2, 1.5) + rng.uniform()) % 1 < 0.6 else 0.4
        x, y = rng.uniform(20, 300), rng.uniform(90, 170)
        amber = np.array([40.0, 150.0 if index % 3 == 0 else 40.0, 330.0])
        picture = picture + on * spot(x, y, 5) * amber
    drops = np.random.default_rng(int(t * 10)).normal(0, 2.0, (12, 16, 2)).astype(np.float32)
    bend = cv2.resize(drops, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    moved = picture.astype(np.float32)
    return cv2.remap(moved, X + bend[..., 0], Y + bend[..., 1], 1, borderMode=2)


def waving_vest(t: float) -> Picture:
    """A person in an orange vest who waves both arms over the head."""
    picture = figure(wall(72), 150, 100, 0.0)
    for side in (-1, 1):
        angle = side * (0.6 + 0.9 * np.sin(2 * np.pi * 1.9 * t))
        tip = (int(162 + 48 * np.sin(angle)), int(105 - 48 * np.cos(angle)))
        cv2.line(picture, (162 + 8 * side, 108), tip, (40, 120, 250), 9)
        cv2.circle(picture, tip, 6, (150, 180, 225), -1)
    return picture


def flame_sign(t: float) -> Picture:
    """A row of LED candles: each lamp keeps its shape, its power wanders at random."""
    picture = wall(73, (30, 30, 32))
    for index in range(7):
        rng = np.random.default_rng(int(t * 12) * 11 + index)
        power = 0.5 + 0.5 * rng.uniform()
        x = 70 + 30 * index
        shape = np.exp(-(((X - x) / 5) ** 2) - ((Y - 110) / 12) ** 2)[..., None]
        picture = picture + power * shape * np.array([60.0, 190.0, 320.0])
    return picture


def warm_video_screen(t: float) -> Picture:
    """A screen that plays a warm film: moving gradients, a cut every 2.3 s."""
    picture, shot = wall(74, (40, 40, 44)), int(t / 2.3)
    rng = np.random.default_rng(740 + shot)
    noise = cv2.resize(rng.uniform(0, 1, (9, 16)).astype(np.float32), (260, 200))
    move = rng.uniform(-20, 20, 2) * (t - 2.3 * shot)
    matrix = np.array([[1, 0, move[0] - 40], [0, 1, move[1] - 40]], np.float32)
    part = cv2.warpAffine(noise, matrix, (150, 90), borderMode=cv2.BORDER_REFLECT)[..., None]
    picture[60:150, 85:235] = part * np.array([90.0, 210.0, 310.0])
    return picture


def white_balance_hunt(t: float) -> Picture:
    """A warm hall whose camera corrects its white balance in steps, to and fro."""
    gains = ((1.0, 1.0, 1.0), (0.75, 0.95, 1.25), (0.9, 1.0, 1.1), (0.7, 0.9, 1.3))
    picture = lit(wall(75, (70, 120, 175)), 100, 60, 10, 0.7)
    return picture * np.array(gains[int(t / 0.7) % 4])


def snow_before_lamps(t: float) -> Picture:
    """Large flakes in the light of two warm lamps."""
    picture = lit(lit(wall(76, (30, 30, 32)), 90, 70, 10, 0.8), 230, 70, 10, 0.8)
    rng = np.random.default_rng(77)
    for _ in range(160):
        x, y, speed = rng.uniform(0, 320), rng.uniform(0, 240), rng.uniform(50, 90)
        x, y = (x + 20 * np.sin(t + y)) % 320, (y + speed * t) % 240
        near = float(spot(90, 70, 45)[int(y), int(x), 0] + spot(230, 70, 45)[int(y), int(x), 0])
        cv2.circle(picture, (int(x), int(y)), 2, (60 + 120 * near, 70 + 170 * near, 255 * near), -1)
    return picture


def neon_sign(t: float) -> Picture:
    """A chasing neon arrow in orange and yellow."""
    picture = wall(78, (22, 20, 20))
    for index in range(12):
        lag = (index / 12 - t * 1.3) % 1
        colour = (40, 190, 255) if lag < 0.3 else (30, 60, 190) if lag < 0.6 else (15, 25, 80)
        x = 50 + 18 * index
        cv2.line(picture, (x, 100), (x + 10, 115), colour, 4)
        cv2.line(picture, (x, 130), (x + 10, 115), colour, 4)
    return picture


def glowing_conveyor(t: float) -> Picture:
    """Warm parcels on a belt that runs upwards, lit by an orange lamp."""
    picture = wall(79, (60, 62, 66))
    for index in range(7):
        y = int(240 - (t * 60 + 45 * index) % 315)
        picture[max(0, y) : max(0, y + 28), 130:185] = (60, 150, 230)
        picture[max(0, y + 8) : max(0, y + 14), 135:180] = (130, 220, 255)
    return picture


LIGHTS: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        sun_glitter, wide_sun_glitter, harbour_lamps, beacon_on_wet_floor, sun_through_leaves,
        sunset_clouds, fan_before_lamp, indicators_at_night, brake_lights_in_rain, waving_vest,
        flame_sign, warm_video_screen, white_balance_hunt, snow_before_lamps, neon_sign,
        glowing_conveyor,
    )
}  # fmt: skip

# These still score 0.70–0.77: an image of a lamp that is torn as fast as a flame boils.
HARD: dict[str, Scene] = {lamp_on_wet_floor.__name__: lamp_on_wet_floor}
