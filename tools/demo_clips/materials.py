"""What surfaces look like: linear albedo and normals from procedural textures."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from demo_clips.noise import CLOUDY, F32, GRAINY, PATCHY, cell, f32, sample

Colour = tuple[float, float, float]
# Points (3, N), normals (3, N), width of a pixel there (N,) in m → albedo (3, N), normals (3, N)
Look = Callable[[F32, F32, F32], tuple[F32, F32]]


@dataclass(frozen=True, slots=True)
class Material:
    """A surface.

    Attributes:
        look: Gives albedo (linear RGB) and bumped normals at points.
        gloss: Mirror share 0…1 at right angles (floor polish, wet ground).
        shine: Strength of the highlight of a lamp.
        glow: Own light, linear RGB; lamps and windows.
    """

    look: Look
    gloss: float = 0.0
    shine: float = 0.0
    glow: Colour | None = None


def painted(rgb: Colour, dirt: float = 0.25, shine: float = 0.15) -> Material:
    """Paint with grime that runs down; `rgb` is sRGB 0…1."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        runs = sample(PATCHY, u * 0.35, v * 0.06)
        blotch = sample(CLOUDY, u * 0.11, v * 0.11)
        tone = 1.0 - dirt * (1.2 * runs + 0.8 * blotch - 0.4)
        return _tinted(rgb, tone), n

    return Material(look, shine=shine)


def concrete(rgb: Colour = (0.52, 0.51, 0.49), joints: float = 0.0, gloss: float = 0.0) -> Material:
    """Concrete with stains, fine grain and saw-cut joints every `joints` m."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        tone = (
            0.62
            + 0.45 * sample(CLOUDY, u * 0.07, v * 0.07)
            + 0.28 * sample(PATCHY, u * 0.2, v * 0.2)
        )
        tone = tone * (0.86 + 0.28 * sample(GRAINY, u * 0.21, v * 0.21))
        stain = np.clip(sample(CLOUDY, u * 0.13 + 0.3, v * 0.13) - 0.6, 0.0, 1.0)
        tone = tone * (1.0 - 1.3 * stain)
        if joints:
            tone = (
                tone
                * (1.0 - 0.55 * _line(u, joints, 0.025))
                * (1.0 - 0.55 * _line(v, joints, 0.025))
            )
        return _tinted(rgb, tone), n

    return Material(look, gloss=gloss, shine=gloss)


def brick(rgb: Colour = (0.50, 0.30, 0.24)) -> Material:
    """Running bond, 25 × 7.5 cm with 1.2 cm mortar, each brick a tone of its own."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        row = np.floor(v / 0.075)
        across = u / 0.25 + 0.5 * (row % 2)
        tone = (
            0.65
            + 0.5 * cell(np.floor(across), row)
            + 0.3 * (sample(PATCHY, u * 0.3, v * 0.3) - 0.5)
        )
        tone = tone * (0.75 + 0.5 * sample(CLOUDY, u * 0.06, v * 0.06))
        far = np.clip((pixel - 0.035) / 0.03, 0.0, 1.0)  # a pixel spans half a course
        tone = tone * (1 - far) + 0.85 * far
        mortar = np.maximum(_line(across, 1.0, 0.05), _line(v, 0.075, 0.012))
        mortar = mortar * (1 - far) + 0.25 * far
        albedo = _tinted(rgb, tone) * (1 - mortar) + _tinted((0.55, 0.53, 0.50), tone) * mortar
        return albedo.astype(np.float32), n

    return Material(look)


def corrugated(rgb: Colour = (0.58, 0.62, 0.64), period: float = 0.22) -> Material:
    """Profiled sheet; the ribs run up the wall and catch the light; some rust."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        sharp = np.clip(1.6 - 3.2 * pixel / period, 0.0, 1.0)  # no ribs below two pixels each
        slope = 0.75 * sharp * np.cos(2 * np.pi * u / period)
        side = np.stack((-n[2], np.zeros_like(n[1]), n[0])) + 1e-6
        bumped = n + side * slope * (1 - np.abs(n[1]))
        bumped = bumped / np.sqrt((bumped * bumped).sum(axis=0))
        rust = np.clip(sample(PATCHY, u * 0.25, v * 0.03) * 1.6 - 1.05, 0.0, 1.0)
        tone = 0.8 + 0.35 * sample(CLOUDY, u * 0.1, v * 0.05) - 0.1 * _line(v, 2.4, 0.05)
        return (_tinted(rgb, tone) * (1 - rust) + _tinted((0.38, 0.22, 0.13), tone) * rust), bumped

    return Material(look, shine=0.25)


def planks(rgb: Colour = (0.62, 0.44, 0.27), width: float = 0.14, gloss: float = 0.0) -> Material:
    """Boards with grain along the longer horizontal; each board a tone of its own."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        board = np.floor(v / width)
        grain = sample(PATCHY, u * 0.12 + board * 0.37, v * 2.1)
        rings = 0.5 + 0.5 * np.sin(40.0 * sample(CLOUDY, u * 0.06 + board * 0.21, v * 0.8))
        tone = 0.55 + 0.4 * cell(board, board * 3) + 0.35 * (grain - 0.5) + 0.12 * rings
        tone = tone * (1.0 - 0.5 * _line(v, width, 0.010)) + 0.06
        return _tinted(rgb, tone), n

    return Material(look, gloss=gloss, shine=gloss)


def asphalt(wet: float = 0.0) -> Material:
    """Dark coarse ground with repairs and, when wet, patches that mirror."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        tone = (
            0.6
            + 0.55 * sample(CLOUDY, u * 0.05, v * 0.05)
            + 0.5 * (sample(GRAINY, u * 0.4, v * 0.4) - 0.5)
        )
        tone = tone * (1.0 - 0.4 * wet * sample(PATCHY, u * 0.07, v * 0.07))
        return _tinted((0.36, 0.36, 0.37), tone), n

    return Material(look, gloss=wet, shine=wet)


def grass() -> Material:
    """Rough lawn and weeds."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        u, v = _uv(p, n)
        tone = (
            0.4
            + 0.7 * sample(GRAINY, u * 0.35, v * 0.35)
            + 0.4 * sample(PATCHY, u * 0.08, v * 0.08)
        )
        dry = sample(CLOUDY, u * 0.06, v * 0.06)
        return _tinted((0.33, 0.38, 0.20), tone) * (1 - dry) + _tinted(
            (0.48, 0.44, 0.28), tone
        ) * dry, n

    return Material(look)


def foliage() -> Material:
    """Leaves of a tree crown: ragged normals and dark gaps on a round body."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        x, y, z = p[0] * 0.09 + 5, p[1] * 0.09 + 5, p[2] * 0.09 + 5
        turn = np.stack((sample(GRAINY, x, y), sample(GRAINY, y, z), sample(GRAINY, z, x))) - 0.5
        ragged = n + 3.0 * turn
        ragged /= np.sqrt((ragged * ragged).sum(axis=0)) + 1e-3
        gaps = np.clip(2.6 * sample(PATCHY, x + z, y) - 0.75, 0.06, 1.0)
        tone = gaps * (0.5 + sample(GRAINY, x + z, y * 1.3))
        return _tinted((0.30, 0.36, 0.17), tone), f32(ragged)

    return Material(look)


def glowing(rgb: Colour) -> Material:
    """A lamp or bright pane; `rgb` is linear and may be far above 1."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        return np.full_like(p, 0.5), n

    return Material(look, glow=rgb)


def faced(floor: Material, wall: Material, ceiling: Material) -> Material:
    """One material for each side of a room."""

    def look(p: F32, n: F32, pixel: F32) -> tuple[F32, F32]:
        albedo, bumped = np.zeros_like(p), n.copy()
        for part, mine in (
            (floor, n[1] > 0.7),
            (ceiling, n[1] < -0.7),
            (wall, np.abs(n[1]) <= 0.7),
        ):
            if mine.any():
                albedo[:, mine], bumped[:, mine] = part.look(p[:, mine], n[:, mine], pixel[mine])
        return albedo, bumped

    return Material(look, gloss=floor.gloss, shine=floor.shine * 0.3)


def linear(rgb: Colour) -> F32:
    """sRGB 0…1 as linear (3, 1)."""
    return (np.asarray(rgb, np.float32).reshape(3, 1) ** 2.2).astype(np.float32)


def _tinted(rgb: Colour, tone: F32) -> F32:
    return (linear(rgb) * np.maximum(tone, 0.02)).astype(np.float32)


def _uv(p: F32, n: F32) -> tuple[F32, F32]:
    """Plane coordinates (m): floors (x, z), walls (run, height)."""
    flat, sideways = np.abs(n[1]) > 0.7, np.abs(n[0]) > np.abs(n[2])
    u = np.where(flat, p[0], np.where(sideways, p[2], p[0]))
    v = np.where(flat, p[2], p[1])
    return u + 50.0, v + 50.0  # away from zero, so that no mirror line shows


def _line(x: F32, period: float, width: float) -> F32:
    """1 within `width` around each multiple of `period`, soft by half a width."""
    off = np.abs((x / period + 0.5) % 1.0 - 0.5) * period
    return f32(np.clip(1.5 - off / (0.5 * width), 0.0, 1.0))
