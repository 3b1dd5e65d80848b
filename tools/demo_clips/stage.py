"""The still part of a scene: traced once, lit once per lamp, then only mixed frame by frame."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo_clips.camera import Camera
from demo_clips.materials import Colour, Material
from demo_clips.noise import F32, f32
from demo_clips.shapes import Ground, Point, Room, Shape, blocked, column, dot, nearest

Sky = Callable[[F32], F32]  # directions (3, N) → linear radiance (3, N)
Part = tuple[Shape, Material]

_SKIN = 0.012  # m; shadow rays start this far off the surface
_FAR = 200.0  # m


@dataclass(frozen=True, slots=True)
class Lamp:
    """A light with a soft edge.

    Attributes:
        at: Centre in m; for a sun a point far away.
        spread: Half sizes (m) of the shining box, which makes shadows soft.
        power: Linear RGB intensity; radiance of a surface = albedo × power × cos / distance².
        down: True for lamps that shine only into the lower half space.
    """

    at: Point
    spread: Point
    power: Colour
    down: bool = False


class Stage:
    """Geometry buffers and light maps of one view. Not thread-safe."""

    def __init__(self, camera: Camera, parts: list[Part], sky: Sky, quality: int = 2) -> None:
        """Trace the view with `quality` × `quality` rays a pixel (1 = draft)."""
        self.camera = camera
        self.shapes = [shape for shape, _ in parts]
        self.solids = [s for s in self.shapes if not isinstance(s, Room | Ground)]
        self._materials = [material for _, material in parts]
        self._sky = sky
        self._scale = quality
        self._rng = np.random.default_rng(5)
        origin = column(camera.at)
        rays = camera.grid(quality)
        self._fine = self._surfaces(origin, rays)
        self._mirror = self._reflected(rays)
        coarse = camera.grid(1)
        depth, _ = nearest(self.shapes, origin, coarse)
        shape = (camera.height, camera.width)
        self.distance: F32 = np.minimum(depth, _FAR).reshape(shape)
        self.points: F32 = (origin + coarse * np.minimum(depth, _FAR)).reshape(3, *shape)
        self.normals = self._at_pixels(self._fine.normal)
        self.albedo = self._at_pixels(self._fine.albedo)

    def lit(self, lamp: Lamp) -> F32:
        """Radiance (height, width, 3) that one lamp at full power gives."""
        total = self._shade(self._fine, lamp)
        return self._picture(total) + self._mirrored(lambda s: self._shade(s, lamp))

    def ambient(self, above: Colour, below: Colour, reach: float = 2.5) -> F32:
        """Radiance of light from all around, darker in corners and under things."""
        openness = self._openness(self._fine, reach)
        total = self._soft(self._fine, above, below) * openness
        return self._picture(total) + self._mirrored(lambda s: self._soft(s, above, below))

    def glow(self) -> F32:
        """Radiance of lamps, panes and sky themselves, and of their mirror images."""
        return self._picture(self._shining(self._fine)) + self._mirrored(self._shining)

    def sees(self, p: F32, lamp: Lamp) -> float:
        """Share of points (3, N) that the lamp's centre reaches past the still solids."""
        to = column(lamp.at) - p
        reach = np.sqrt(dot(to, to))
        return 1.0 - float(blocked(self.solids, p, to / reach, reach - 0.3).mean())

    def _surfaces(self, o: F32, d: F32) -> "_Surfaces":
        t, index = nearest(self.shapes, o, d)
        p = (o + d * np.minimum(t, _FAR)).astype(np.float32)
        n, albedo = np.zeros_like(p), np.zeros_like(p)
        shine, gloss = np.zeros(d.shape[1], np.float32), np.zeros(d.shape[1], np.float32)
        for i, (shape, material) in enumerate(zip(self.shapes, self._materials, strict=True)):
            mine = index == i
            if mine.any():
                outward = shape.normal(p[:, mine])
                slant = np.maximum(-dot(outward, d[:, mine]), 0.15)
                pixel = t[mine] / (self.camera.focal * slant)
                albedo[:, mine], n[:, mine] = material.look(p[:, mine], outward, pixel)
                shine[mine], gloss[mine] = material.shine, material.gloss
        return _Surfaces(p, n, albedo, index, d, shine, gloss)

    def _reflected(self, d: F32) -> tuple[NDArray[np.intp], "_Surfaces", F32] | None:
        fine = self._fine
        where = np.flatnonzero((fine.gloss > 0) & (fine.normal[1] > 0.9))
        if not where.size:
            return None
        n, v = fine.normal[:, where], d[:, where]
        facing = -dot(n, v)
        rough = 0.012 * self._rng.standard_normal((3, where.size)).astype(np.float32)
        mirrored = v + 2 * facing * n + rough * (0.3 + facing)
        mirrored /= np.sqrt(dot(mirrored, mirrored))
        fresnel = 0.25 + 0.75 * (1 - np.clip(facing, 0, 1)) ** 4  # grazing rays mirror more
        surfaces = self._surfaces(fine.point[:, where] + n * _SKIN, mirrored.astype(np.float32))
        return where, surfaces, (fine.gloss[where] * fresnel).astype(np.float32)

    def _mirrored(self, shading: Callable[["_Surfaces"], F32]) -> F32:
        """What the floor mirrors, drawn out towards the camera as rough or wet floors do."""
        if self._mirror is None:
            return np.zeros((self.camera.height, self.camera.width, 3), np.float32)
        where, surfaces, share = self._mirror
        flat = np.zeros_like(self._fine.point)
        flat[:, where] = share * np.minimum(shading(surfaces), 4.0)
        return f32(cv2.GaussianBlur(self._picture(flat), (0, 0), sigmaX=1.6, sigmaY=6.0))

    def _shade(self, s: "_Surfaces", lamp: Lamp) -> F32:
        total = np.zeros_like(s.point)
        seen = np.zeros(s.point.shape[1], np.float32)
        rounds = 4 if self._scale > 1 else 3
        p = s.point + s.normal * _SKIN
        for _ in range(rounds):
            jitter = self._rng.uniform(-1, 1, s.point.shape).astype(np.float32)
            to = column(lamp.at) + column(lamp.spread) * jitter - p
            reach = np.sqrt(dot(to, to))
            to /= reach
            facing = dot(s.normal, to)
            open_ = facing > 0
            if lamp.down:
                open_ &= to[1] > 0
            where = np.flatnonzero(open_ & (s.index >= 0))
            far = blocked(self.solids, p[:, where], to[:, where], reach[where] - 0.15)
            seen[where[~far]] += 1.0 / rounds
        seen = _smoothed(seen, s, self)
        to = column(lamp.at) - s.point
        reach = np.sqrt(dot(to, to))
        to /= reach
        facing = np.clip(dot(s.normal, to), 0, None)
        half = to - s.ray
        half /= np.sqrt(dot(half, half))
        highlight = s.shine * np.clip(dot(s.normal, half), 0, 1) ** 40
        fade = seen * (np.clip(to[1] * 1.5, 0, 1) if lamp.down else 1.0) / reach**2
        total += (s.albedo * facing + highlight) * fade * column(lamp.power)
        return total.astype(np.float32)

    def _openness(self, s: "_Surfaces", reach: float) -> F32:
        rounds = 6 if self._scale > 1 else 4
        open_ = np.zeros(s.point.shape[1], np.float32)
        p = s.point + s.normal * _SKIN
        for _ in range(rounds):
            ball = self._rng.standard_normal(s.point.shape).astype(np.float32)
            ball /= np.sqrt(dot(ball, ball))
            d = s.normal + ball * 0.98  # cosine-weighted about the normal
            d /= np.sqrt(dot(d, d))
            t, _ = nearest(self.shapes, p, d.astype(np.float32))
            open_ += np.clip(t / reach, 0.0, 1.0) / rounds
        return _smoothed(0.25 + 0.75 * open_, s, self)

    def _soft(self, s: "_Surfaces", above: Colour, below: Colour) -> F32:
        up = 0.5 + 0.5 * s.normal[1]
        return f32(s.albedo * (column(above) * up + column(below) * (1 - up)))

    def _shining(self, s: "_Surfaces") -> F32:
        total = np.zeros_like(s.point)
        for i, material in enumerate(self._materials):
            if material.glow is not None:
                total[:, s.index == i] = column(material.glow)
        open_ = s.index < 0
        total[:, open_] = self._sky(s.ray[:, open_])
        return total

    def _picture(self, flat: F32) -> F32:
        c, k = self.camera, self._scale
        fine = flat.reshape(3, c.height * k, c.width * k).transpose(1, 2, 0)
        return cv2.resize(
            np.ascontiguousarray(fine), (c.width, c.height), interpolation=cv2.INTER_AREA
        ).astype(np.float32)

    def _at_pixels(self, flat: F32) -> F32:
        c, k = self.camera, self._scale
        return flat.reshape(3, c.height * k, c.width * k)[:, ::k, ::k].copy()


@dataclass(frozen=True, slots=True)
class _Surfaces:
    """First hits of rays: (3, N) point, normal, albedo, ray; (N,) index (−1 sky), shine, gloss."""

    point: F32
    normal: F32
    albedo: F32
    index: NDArray[np.int16]
    ray: F32
    shine: F32
    gloss: F32


def _smoothed(values: F32, s: _Surfaces, stage: Stage) -> F32:
    """Average over 7 × 7 rays that hit the same shape on the same side: grain out, edges stay."""
    c, k = stage.camera, stage._scale
    if values.size != c.width * c.height * k * k:
        return values  # mirror images are blurred by their own roughness
    shape = (c.height * k, c.width * k)
    side = np.abs(s.normal).argmax(axis=0)
    key = (s.index.astype(np.int32) * 3 + side).reshape(shape)
    field = values.reshape(shape)
    total, count = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            same = (np.roll(key, (dy, dx), (0, 1)) == key).astype(np.float32)
            total += np.roll(field, (dy, dx), (0, 1)) * same
            count += same
    return (total / count).ravel()
