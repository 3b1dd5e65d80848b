"""Solids that rays can hit; vectors are (3, N) float32, metres, x right, y up, z away."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from demo_clips.noise import F32, f32

Point = tuple[float, float, float]

_NEAR = 1e-3  # m; a ray does not hit the surface it starts on
_TINY = 1e-6


class Shape(Protocol):
    """A solid."""

    def distance(self, o: F32, d: F32) -> F32:
        """Distance in m along unit directions `d` from `o`; infinite where missed."""

    def normal(self, p: F32) -> F32:
        """Outward unit normals at surface points."""

    def bound(self) -> tuple[Point, float]:
        """Centre and radius of a sphere around the solid."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box standing on any height, turned by `yaw` degrees about its upright axis."""

    centre: Point
    size: Point
    yaw: float = 0.0

    def distance(self, o: F32, d: F32) -> F32:
        o, d = self._turned(o - column(self.centre)), self._turned(d)
        inverse = 1.0 / np.where(np.abs(d) < _TINY, _TINY, d)
        half = np.abs(inverse) * (column(self.size) * 0.5)
        middle = -o * inverse
        near, far = _largest(middle - half), -_largest(-middle - half)
        return np.where((near < far) & (near > _NEAR), near, np.inf).astype(np.float32)

    def normal(self, p: F32) -> F32:
        q = self._turned(p - column(self.centre)) / (column(self.size) * 0.5)
        axis = np.abs(q).argmax(axis=0)
        n = np.zeros_like(q)
        index = np.arange(q.shape[1])
        n[axis, index] = np.sign(q[axis, index])
        return self._turned(n, back=True)

    def bound(self) -> tuple[Point, float]:
        return self.centre, float(np.linalg.norm(self.size)) / 2

    def _turned(self, v: F32, *, back: bool = False) -> F32:
        if self.yaw == 0.0:
            return v
        angle = np.radians(-self.yaw if back else self.yaw)
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return np.stack((c * v[0] - s * v[2], v[1] + 0 * v[0], s * v[0] + c * v[2]))


@dataclass(frozen=True, slots=True)
class Room:
    """The inside of a box: floor at y = 0, walls and ceiling seen from within."""

    low: Point
    high: Point

    def distance(self, o: F32, d: F32) -> F32:
        safe = np.where(np.abs(d) < _TINY, _TINY, d)
        wall = np.where(safe > 0, column(self.high), column(self.low))
        return -_largest((o - wall) / safe)

    def normal(self, p: F32) -> F32:
        low, high = column(self.low), column(self.high)
        gap = np.concatenate((np.abs(p - low), np.abs(high - p)))
        side = gap.argmin(axis=0)
        n = np.zeros_like(p)
        n[side % 3, np.arange(p.shape[1])] = np.where(side < 3, 1.0, -1.0)
        return n

    def bound(self) -> tuple[Point, float]:
        return (0.0, 0.0, 0.0), 1e3


@dataclass(frozen=True, slots=True)
class Ground:
    """The plane y = 0."""

    def distance(self, o: F32, d: F32) -> F32:
        t = -o[1] / np.where(np.abs(d[1]) < _TINY, _TINY, d[1])
        return np.where(t > _NEAR, t, np.inf).astype(np.float32)

    def normal(self, p: F32) -> F32:
        n = np.zeros_like(p)
        n[1] = 1.0
        return n

    def bound(self) -> tuple[Point, float]:
        return (0.0, 0.0, 0.0), 1e3


@dataclass(frozen=True, slots=True)
class Rod:
    """A cylinder from `a` to `b`; `rounded` gives it half-sphere ends (pipe, limb, boiler)."""

    a: Point
    b: Point
    radius: float
    rounded: bool = True
    _axis: F32 = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_axis", column(self.b) - column(self.a))

    def distance(self, o: F32, d: F32) -> F32:
        ba, oa = self._axis, o - column(self.a)
        baba = float((ba * ba).sum())
        bard, baoa = dot(ba, d), dot(ba, oa)
        k2 = np.maximum(baba - bard * bard, _TINY)
        k1 = baba * dot(d, oa) - baoa * bard
        k0 = baba * dot(oa, oa) - baoa * baoa - self.radius**2 * baba
        h = k1 * k1 - k2 * k0
        root = np.sqrt(np.maximum(h, 0.0))
        t = (-k1 - root) / k2
        y = baoa + t * bard
        end = self._round_end if self.rounded else self._flat_end
        ends = end(o, d, y < 0.5 * baba, (k1, k2, root, baoa, bard, baba))
        t = np.where((y > 0) & (y < baba), t, ends)
        return np.where((h > 0) & (t > _NEAR), t, np.inf).astype(np.float32)

    def normal(self, p: F32) -> F32:
        pa = p - column(self.a)
        baba = float((self._axis * self._axis).sum())
        along = dot(pa, self._axis) / baba
        n = (pa - self._axis * np.clip(along, 0.0, 1.0)) / self.radius
        if not self.rounded:
            axis = self._axis / np.sqrt(baba)
            radial = np.sqrt(dot(n, n))
            flat = ((along < 0.002) | (along > 0.998)) & (radial < 0.99)
            n = np.where(flat, axis * np.where(along < 0.5, -1.0, 1.0), n)
        return unit(n)

    def bound(self) -> tuple[Point, float]:
        middle = tuple((p + q) / 2 for p, q in zip(self.a, self.b, strict=True))
        half = float(np.sqrt((self._axis * self._axis).sum())) / 2
        return (middle[0], middle[1], middle[2]), half + self.radius

    def _round_end(self, o: F32, d: F32, low: NDArray[np.bool_], _: tuple[object, ...]) -> F32:
        oc = np.where(low, o - column(self.a), o - column(self.b))
        b = dot(d, oc)
        h = b * b - (dot(oc, oc) - self.radius**2)
        return np.where(h > 0, -b - np.sqrt(np.maximum(h, 0.0)), np.inf)

    def _flat_end(
        self, o: F32, d: F32, low: NDArray[np.bool_], k: tuple[F32, F32, F32, F32, F32, float]
    ) -> F32:
        k1, k2, root, baoa, bard, baba = k
        safe = np.where(np.abs(bard) < _TINY, _TINY, bard)
        t = (np.where(low, 0.0, baba) - baoa) / safe
        return np.where(np.abs(k1 + k2 * t) < root, t, np.inf)


def column(v: Point) -> F32:
    """A point as a (3, 1) array."""
    return np.asarray(v, np.float32).reshape(3, 1)


def dot(a: F32, b: F32) -> F32:
    """Scalar products along axis 0, written out: NumPy's own reduction is 5 times slower."""
    return f32(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def unit(v: F32) -> F32:
    """Vectors at length 1."""
    return f32(v / np.maximum(np.sqrt(dot(v, v)), _TINY))


def nearest(shapes: list[Shape], o: F32, d: F32) -> tuple[F32, NDArray[np.int16]]:
    """Distance and index of the first shape along each ray (index −1 where none)."""
    best = np.full(d.shape[1], np.inf, np.float32)
    index = np.full(d.shape[1], -1, np.int16)
    for i, shape in enumerate(shapes):
        t = shape.distance(o, d)
        closer = t < best
        best[closer] = t[closer]
        index[closer] = i
    return best, index


def blocked(shapes: list[Shape], o: F32, d: F32, reach: F32 | float) -> NDArray[np.bool_]:
    """Whether any shape lies within `reach` m along each ray."""
    hit = np.zeros(d.shape[1], np.bool_)
    for shape in shapes:
        hit |= shape.distance(o, d) < reach
    return hit


def _largest(v: F32) -> F32:
    return f32(np.maximum(np.maximum(v[0], v[1]), v[2]))
