"""Skies and lamp rhythms that scenes share."""

from collections.abc import Callable

import numpy as np

from demo_clips.actors import Piece
from demo_clips.movers import Clothes, Pose, Way, along, person
from demo_clips.noise import CLOUDY, F32, cell, f32, flicker, sample

SODIUM = (1.0, 0.58, 0.20)  # high-pressure sodium lamps, about 2000 K


def walker(way: Way, clothes: Clothes) -> Callable[[float], list[Piece]]:
    """An actor: a person on `way`."""
    return rider(way, lambda pose: person(pose, clothes))


def rider(way: Way, shape: Callable[[Pose], list[Piece]]) -> Callable[[float], list[Piece]]:
    """An actor of any shape that moves along `way`; nothing before it starts and after it ends."""

    def act(t: float) -> list[Piece]:
        pose = along(way, t)
        return [] if pose is None else shape(pose)

    return act


def steady(_: float) -> float:
    """A lamp that does not change."""
    return 1.0


def dark(d: F32) -> F32:
    """Nothing outside."""
    return np.zeros_like(d)


def night(d: F32) -> F32:
    """A night sky over town lights."""
    low = np.clip(1 - d[1] * 4, 0, 1)
    return np.stack((0.010 + 0.022 * low, 0.010 + 0.016 * low, 0.013 + 0.012 * low)).astype(
        np.float32
    )


def overcast(brightness: float) -> Callable[[F32], F32]:
    """Bright cloud cover."""

    def sky(d: F32) -> F32:
        up = np.maximum(d[1], 0.03)
        cloud = sample(CLOUDY, d[0] / up * 0.06, d[2] / up * 0.06)
        tone = brightness * (0.75 + 0.5 * cloud)
        return np.stack((tone * 0.94, tone * 0.98, tone * 1.05)).astype(np.float32)

    return sky


def sunset(d: F32) -> F32:
    """A low sun in haze, straight ahead to the right; orange to dusky blue."""
    sun = np.array([0.42, 0.10, 0.90], np.float32)
    sun /= np.linalg.norm(sun)
    near = np.clip((d * sun[:, None]).sum(axis=0), 0, 1)
    up = np.clip(d[1], 0, 1)
    band = np.exp(-up * 5.0)
    cloud = 0.6 + 0.8 * sample(CLOUDY, d[0] * 0.5, up * 2.2)
    base = np.stack((0.25 + 1.5 * band, 0.27 + 0.55 * band, 0.42 + 0.05 * band)) * cloud
    disc = np.clip((near - 0.9992) / 0.0004, 0, 1)
    halo = 1.6 * near**40 + 1.2 * near**300
    rgb = np.array([[1.0], [0.48], [0.13]], np.float32)
    bearing = np.arctan2(d[0], d[2])
    blocks = np.round(cell(np.floor(bearing * 34 + 40), np.full_like(bearing, 7.0)) * 3) * 0.008
    ground = (d[1] < 0.010 + blocks)[None]  # a skyline of roofs
    out = base + rgb * halo + disc * np.array([[14.0], [9.0], [4.0]], np.float32)
    return f32(np.where(ground, out * 0.05, out))


def failing_tube(seed: int, seconds: int, fps: int) -> Callable[[float], float]:
    """A fluorescent tube at the end of its life: mostly lit, stutters, goes out for moments."""
    rng = np.random.default_rng(seed)
    count = seconds * fps
    level = np.ones(count, np.float32)
    for at in rng.choice(seconds - 2, seconds // 2, replace=False) + 1:
        start = int(at * fps + rng.integers(fps))
        length = int(rng.integers(3, fps))
        level[start : start + length] = rng.choice(
            [0.05, 0.3, 1.0, 1.1], min(length, count - start), p=[0.45, 0.2, 0.25, 0.1]
        )
    level *= 1 + 0.03 * flicker(seed, count, fps, (3.0, 7.0))

    def strength(t: float) -> float:
        return float(level[round(t * fps) % count])

    return strength


def swaying(seconds: float, depth: float, period: float) -> Callable[[float], float]:
    """Light that drifts slowly (passing clouds), periodic over the clip."""
    turns = max(1, round(seconds / period))

    def strength(t: float) -> float:
        return 1.0 + depth * float(np.sin(2 * np.pi * turns * t / seconds))

    return strength
