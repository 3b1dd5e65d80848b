"""Moving solids: traced into the finished still picture, with their shadows."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo_clips.materials import Colour, linear
from demo_clips.noise import F32, GRAINY, f32, sample
from demo_clips.shapes import Box, Point, Rod, Shape, blocked, column, dot, nearest, unit
from demo_clips.stage import Lamp, Stage

_FINE = 2  # rays a pixel and side
_BODY = 0.3  # m; slack when deciding whether something stands before an actor


@dataclass(frozen=True, slots=True)
class Piece:
    """One solid of an actor; `glow` > 0 makes it shine by itself."""

    shape: Shape
    rgb: Colour
    glow: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """A lamp of the stage with its map and its present strength (about 0…1)."""

    lamp: Lamp
    map: F32
    strength: float


def add_actor(
    picture: F32, stage: Stage, pieces: list[Piece], lights: list[Light], around: Colour
) -> F32:
    """`picture` (height, width, 3) with the pieces standing in it; `around` is ambient light."""
    centre, radius = _whole(pieces)
    picture = _shadowed(picture, stage, pieces, lights, (centre, radius))
    window = _window(stage, pieces)
    if window is None:
        return picture
    x0, y0, x1, y1 = window
    w, h = x1 - x0, y1 - y0
    x = x0 + (np.arange(w * _FINE, dtype=np.float32) + 0.5) / _FINE
    y = y0 + (np.arange(h * _FINE, dtype=np.float32) + 0.5) / _FINE
    gx, gy = np.meshgrid(x, y)
    rays = stage.camera.rays(gx.ravel(), gy.ravel())
    t, index = nearest([p.shape for p in pieces], column(stage.camera.at), rays)
    still = np.repeat(np.repeat(stage.distance[y0:y1, x0:x1], _FINE, 0), _FINE, 1).ravel()
    seen = (index >= 0) & (t < still)
    layer = np.zeros((4, rays.shape[1]), np.float32)
    if seen.any():
        p = column(stage.camera.at) + rays[:, seen] * t[seen]
        layer[:3, seen] = _coloured(p, index[seen], stage, pieces, lights, around)
        layer[3, seen] = 1.0
    fine = np.ascontiguousarray(layer.reshape(4, h * _FINE, w * _FINE).transpose(1, 2, 0))
    small = cv2.resize(fine, (w, h), interpolation=cv2.INTER_AREA)
    part = picture[y0:y1, x0:x1]
    picture[y0:y1, x0:x1] = part * (1 - small[..., 3:]) + small[..., :3]
    return picture


def _coloured(
    p: F32,
    index: NDArray[np.int16],
    stage: Stage,
    pieces: list[Piece],
    lights: list[Light],
    around: Colour,
) -> F32:
    n, albedo, glow = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for i, piece in enumerate(pieces):
        mine = index == i
        if not mine.any():
            continue
        n[:, mine] = piece.shape.normal(p[:, mine])
        cloth = 0.8 + 0.4 * sample(GRAINY, p[0, mine] * 0.6 + p[2, mine] * 0.4, p[1, mine] * 0.6)
        albedo[:, mine] = linear(piece.rgb) * cloth
        glow[:, mine] = linear(piece.rgb) * piece.glow
    total = albedo * column(around) * (0.55 + 0.35 * n[1]) + glow
    middle = p.mean(axis=1, keepdims=True)
    probes = middle + np.array([[0, 0, 0], [0.5, 0, -0.5], [0, 0, 0]], np.float32)
    solids = [piece.shape for piece in pieces]
    shading = _strongest(lights, middle)
    for light in lights:
        if light.strength < 0.01:
            continue
        open_ = stage.sees(probes, light.lamp)
        to = column(light.lamp.at) - p
        reach = np.sqrt(dot(to, to))
        to /= reach
        facing = np.clip(dot(n, to), 0, 1)
        if light in shading:
            facing[blocked(solids, p + n * 0.02, to.astype(np.float32), reach)] = 0.0
        total += albedo * column(light.lamp.power) * (light.strength * open_) * facing / reach**2
    return f32(total)


def _shadowed(
    picture: F32, stage: Stage, pieces: list[Piece], lights: list[Light], ball: tuple[F32, float]
) -> F32:
    """Take away the light that the pieces block; worked out on every second pixel and row."""
    rng = np.random.default_rng(1)
    solids = [piece.shape for piece in pieces if piece.glow <= 0]
    shape = stage.points[0, ::2, ::2].shape
    points = np.ascontiguousarray(stage.points[:, ::2, ::2]).reshape(3, -1)
    apart = points - ball[0]
    candidates = np.flatnonzero(dot(apart, apart) < (ball[1] + 5.0) ** 2)
    for light in _strongest(lights, ball[0]):
        to = unit(column(light.lamp.at) - points[:, candidates])
        miss = apart[:, candidates] - to * dot(apart[:, candidates], to)
        where = candidates[dot(miss, miss) < (ball[1] + 0.25) ** 2]
        if not where.size:
            continue
        p = points[:, where]
        shade = np.zeros(points.shape[1], np.float32)
        for _ in range(3):
            jitter = rng.uniform(-1, 1, p.shape).astype(np.float32)
            to = column(light.lamp.at) + column(light.lamp.spread) * jitter - p
            reach = np.sqrt(dot(to, to))
            shade[where] += blocked(solids, p, (to / reach).astype(np.float32), reach) / 3
        full = cv2.resize(shade.reshape(shape), picture.shape[1::-1])
        picture = picture - light.map * (light.strength * full)[..., None]
    return _dimmed_underfoot(np.clip(picture, 0, None), stage, ball)


def _strongest(lights: list[Light], at: F32) -> list[Light]:
    """The three lights that give most at a place; shadows of the others do not show."""

    def gain(light: Light) -> float:
        to = column(light.lamp.at) - at
        return light.strength * max(light.lamp.power) / float((to * to).sum())

    return sorted((light for light in lights if light.strength > 0.03), key=gain)[-3:]


def _dimmed_underfoot(picture: F32, stage: Stage, ball: tuple[F32, float]) -> F32:
    """Less light from all around on the floor below an actor."""
    dx, dz = stage.points[0] - ball[0][0], stage.points[2] - ball[0][2]
    off = (dx * dx + dz * dz) / (0.45 * ball[1]) ** 2
    dim = 0.45 * np.exp(-off) * (stage.points[1] < 0.1)
    picture *= (1 - dim)[..., None]
    return picture


def _whole(pieces: list[Piece]) -> tuple[F32, float]:
    balls = [piece.shape.bound() for piece in pieces]
    centres = np.array([b[0] for b in balls], np.float32).T
    middle = (centres.max(axis=1, keepdims=True) + centres.min(axis=1, keepdims=True)) / 2
    radii = np.array([b[1] for b in balls], np.float32)
    return middle, float((np.sqrt(((centres - middle) ** 2).sum(axis=0)) + radii).max())


def _window(stage: Stage, pieces: list[Piece]) -> tuple[int, int, int, int] | None:
    c = stage.camera
    balls = [piece.shape.bound() for piece in pieces]
    centres = np.array([b[0] for b in balls], np.float32).T
    x, y, depth = c.project(centres)
    if depth.min() < 0.3:
        return None  # beside or behind the lens
    r = np.array([b[1] for b in balls], np.float32) * c.focal / depth * 1.15
    x0, x1 = max(0, int((x - r).min())), min(c.width, int((x + r).max()) + 2)
    y0, y1 = max(0, int((y - r).min())), min(c.height, int((y + r).max()) + 2)
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def box(at: Point, size: Point, yaw: float, rgb: Colour, glow: float = 0.0) -> Piece:
    """A box piece with its centre at `at`."""
    return Piece(Box(at, size, yaw), rgb, glow)


def rod(a: Point, b: Point, radius: float, rgb: Colour, glow: float = 0.0) -> Piece:
    """A rounded rod piece."""
    return Piece(Rod(a, b, radius), rgb, glow)
