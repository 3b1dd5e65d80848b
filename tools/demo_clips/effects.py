"""What happens besides solids: fire with its light, steam, rain, leaves, moving lamps."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from demo_clips.clip import FPS, Change, Scene
from demo_clips.fluid import FlowSettings
from demo_clips.materials import Colour
from demo_clips.noise import CLOUDY, F32, f32, flicker
from demo_clips.plume import Plume, PlumeLook
from demo_clips.shapes import Point, column, dot
from demo_clips.stage import Lamp, Stage

_FIRE_RGB = np.array([1.0, 0.42, 0.10], np.float32)  # light of a sooty flame, about 1700 K


@dataclass(frozen=True, slots=True)
class FirePlan:
    """A fire that grows.

    Attributes:
        base: Where it stands, m.
        onset: Second of the first flame.
        width: Width (m) of the burning area at the end of the clip.
        flow: Size and behaviour of the plume.
        ceiling: Height (m) under which smoke gathers; None outdoors.
        light: Linear intensity of the light it casts at full size.
    """

    base: Point
    onset: float
    width: float
    flow: FlowSettings
    ceiling: float | None = None
    light: float = 9.0
    smoke: Colour = (0.22, 0.21, 0.20)
    thickness: float = 2.2
    lift: float = 0.05


def burn(plan: FirePlan) -> Callable[[Scene, Stage], None]:
    """Preparation of a scene that adds the fire, its dancing light and its smoke layer."""

    def prepare(scene: Scene, stage: Stage) -> None:
        plume = Plume(PlumeLook(plan.base, plan.smoke, plan.thickness), plan.flow, scene.seed)
        x, y, z = plan.base
        front = 0.35  # m towards the camera, so that what burns does not hide its own light
        lamps = [
            Lamp((x + side, y + up, z - front), (0.35, 0.35, 0.15), (1.0, 0.42, 0.10))
            for side, up in ((-0.25, 0.5), (0.3, 1.0))
        ]
        maps = [stage.lit(lamp) for lamp in lamps]
        count = scene.fact.seconds * FPS
        dance = [flicker(scene.seed + i, count, FPS, (1.0, 7.0)) for i in range(2)]
        haze = _Haze(stage, plan) if plan.ceiling is not None else None
        ambient = tuple((a + b) / 2 for a, b in zip(*scene.ambient, strict=True))

        def shine(picture: F32, t: float) -> F32:
            grown = _growth(t, plan.onset, scene.fact.seconds)
            width = plan.width * grown if t >= plan.onset else 0.0
            plume.advance(FPS, width, lift=plan.lift)
            for lit, beat in zip(maps, dance, strict=True):
                wave = float(beat[int(t * FPS) % count])
                strength = plan.light * min(plume.power, 1.6) * max(0.25, 1 + 0.22 * wave)
                picture = picture + lit * np.float32(strength)
            return picture

        def flames(picture: F32, t: float) -> F32:
            fire = plan.light * min(plume.power, 1.5)
            around = (ambient[0] * 2, ambient[1] * 2, ambient[2] * 2)
            picture = plume.draw(picture, stage, around, 0.12 * fire)
            if haze is not None and t >= plan.onset:
                picture = haze.draw(
                    picture, t, _growth(t, plan.onset, scene.fact.seconds), around, fire
                )
            return picture

        scene.behind.insert(0, shine)
        scene.before.insert(0, flames)

    return prepare


def steam(
    base: Point, flow: FlowSettings, rhythm: Callable[[float], float], bright: Colour
) -> Callable[[Scene, Stage], None]:
    """Preparation that adds a white plume whose source width (m) follows `rhythm`."""

    def prepare(scene: Scene, stage: Stage) -> None:
        plume = Plume(PlumeLook(base, (0.9, 0.9, 0.9), 3.0, 0.0), flow, scene.seed)
        for i in range(6 * FPS):  # it has been steaming for a while when the clip starts
            plume.advance(FPS, rhythm(i / FPS), strength=0.75)

        def rise(picture: F32, t: float) -> F32:
            plume.advance(FPS, rhythm(t), strength=0.75)
            return plume.draw(picture, stage, bright, 0.0)

        scene.before.append(rise)

    return prepare


def moving_lamps(
    stage: Stage,
    where: Callable[[float], list[tuple[Point, Point, float]]],
    rgb: Colour,
    narrow: float,
) -> Change:
    """Light of lamps given as (place, aim, strength) at a second; `narrow` is the cone's power."""

    def shine(picture: F32, t: float) -> F32:
        for at, aim, strength in where(t):
            to = column(at)[:, :, None] - stage.points
            reach = np.sqrt(dot(to, to)) + 1e-3
            to = to / reach
            facing = np.clip(dot(stage.normals, to), 0, 1)
            beam = column(aim) - column(at)
            beam = (beam / np.linalg.norm(beam))[:, :, None]
            cone = np.clip(-dot(beam, to), 0, 1) ** narrow
            gain = strength * facing * cone / (reach**2 + 0.3)
            gain[stage.distance > 150] = 0
            picture = picture + (stage.albedo * gain).transpose(1, 2, 0) * np.asarray(
                rgb, np.float32
            )
        return picture

    return shine


def rain(scene_seed: int, size: tuple[int, int], drops: int, light: float) -> Change:
    """Streaks that fall through the lamp light."""
    rng = np.random.default_rng(scene_seed)
    width, height = size

    def fall(picture: F32, t: float) -> F32:
        layer = np.zeros((height, width), np.float32)
        for _ in range(drops):
            x, y = float(rng.uniform(0, width)), float(rng.uniform(-20, height))
            near = float(rng.uniform(0.2, 1.0)) ** 2
            end = (int(x - 3 * near), int(y + 6 + 34 * near))
            cv2.line(layer, (int(x), int(y)), end, 0.4 + 0.9 * near, 1, cv2.LINE_AA)
        soft = f32(cv2.GaussianBlur(layer, (0, 0), 0.8))[..., None]
        local = cv2.blur(picture, (31, 31)) + 0.02
        return picture + soft * light * local

    return fall


def leaves(
    scene_seed: int, stage: Stage, count: int, seconds: int, area: tuple[Point, Point]
) -> Change:
    """Dry leaves that tumble across an area with the wind; periodic over the clip."""
    rng = np.random.default_rng(scene_seed)
    low, high = np.asarray(area[0]), np.asarray(area[1])
    start = rng.random((count, 3))
    speed = rng.uniform(1.0, 3.0, count).round() / seconds * rng.choice([2, 3, 4], count)
    phase = rng.uniform(0, 6.28, count)
    tones = rng.uniform(0.5, 1.2, count)

    def blow(picture: F32, t: float) -> F32:
        way = start.copy()
        way[:, 0] = (way[:, 0] + speed * t) % 1.0
        way[:, 1] = np.abs(np.sin(way[:, 0] * 9 + phase)) * way[:, 1] ** 2
        p = (low + (high - low) * way).T.astype(np.float32)
        x, y, depth = stage.camera.project(p)
        for i in range(count):
            r = 0.07 * stage.camera.focal / depth[i]
            spin = t * (5 + 4 * start[i, 1]) + phase[i]
            axes = (max(1, round(r)), max(1, round(r * abs(float(np.sin(spin))))))
            if not (0 <= x[i] < stage.camera.width and 0 <= y[i] < stage.camera.height):
                continue
            if stage.distance[int(y[i]), int(x[i])] + 0.3 < depth[i]:
                continue
            colour = tuple(float(c * tones[i]) for c in (0.30, 0.17, 0.05))
            cv2.ellipse(
                picture,
                (int(x[i]), int(y[i])),
                axes,
                float(np.degrees(spin)),
                0,
                360,
                colour,
                -1,
                cv2.LINE_AA,
            )
        return picture

    return blow


def _growth(t: float, onset: float, end: float) -> float:
    """0.12 at the first flame to 1 at four fifths of the remaining time."""
    f = min(1.0, max(0.0, (t - onset) / (0.8 * (end - onset))))
    return 0.12 + 0.88 * f


class _Haze:
    """Smoke that gathers under a ceiling and sinks as the fire grows."""

    def __init__(self, stage: Stage, plan: FirePlan) -> None:
        assert plan.ceiling is not None
        self._plan = plan
        self._ceiling = plan.ceiling
        self._height = stage.points[1]
        self._eye = stage.camera.at[1]
        self._distance = np.minimum(stage.distance, 40.0)
        self._noise = cv2.resize(CLOUDY, (stage.camera.width * 2, stage.camera.width * 2))

    def draw(self, picture: F32, t: float, grown: float, around: Colour, fire: float) -> F32:
        """Blend the layer over the picture by how far each ray runs above its lower edge."""
        age = max(0.0, t - self._plan.onset - 2.0)
        deep = min(1.0, age / 14.0) * grown
        edge = self._ceiling - 0.3 - 1.5 * deep
        rise = (self._height - self._eye) / np.maximum(self._distance, 0.1)
        top = np.maximum(self._height, self._eye)
        safe = np.where(np.abs(rise) < 1e-3, 1e-3, rise)
        inside = np.clip(np.abs(top - edge) / np.abs(safe), 0, self._distance)
        inside = np.where(top > edge, inside, 0)
        h, w = picture.shape[:2]
        shift = int(t * 14)
        wisps = 0.5 + np.roll(self._noise, (shift // 3, shift), (0, 1))[:h, :w]
        cover = 1 - np.exp(
            -0.11 * deep * cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 9) * wisps
        )
        glow = np.asarray(self._plan.smoke, np.float32) * (
            np.asarray(around, np.float32) * 2.2 + _FIRE_RGB * (0.035 * fire)
        )
        return f32(picture * (1 - cover[..., None]) + cover[..., None] * glow)
