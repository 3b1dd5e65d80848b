"""A pinhole camera: rays out, points in."""

from dataclasses import dataclass

import numpy as np

from demo_clips.noise import F32
from demo_clips.shapes import Point, column, dot


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a camera hangs and looks.

    Attributes:
        at: Position in m.
        yaw: Degrees to the right of the z axis.
        pitch: Degrees down.
        view: Horizontal angle of view in degrees.
    """

    at: Point
    yaw: float
    pitch: float
    view: float
    width: int = 640
    height: int = 360

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / float(np.tan(np.radians(self.view / 2)))

    def rays(self, x: F32, y: F32) -> F32:
        """Unit directions (3, N) through picture points in pixels."""
        forward, right, up = self._basis()
        d = forward * self.focal + right * (x - self.width / 2) + up * (self.height / 2 - y)
        return (d / np.sqrt(dot(d, d))).astype(np.float32)

    def grid(self, scale: int) -> F32:
        """Rays of all pixels, `scale` × `scale` each, row by row."""
        x = (np.arange(self.width * scale, dtype=np.float32) + 0.5) / scale
        y = (np.arange(self.height * scale, dtype=np.float32) + 0.5) / scale
        gx, gy = np.meshgrid(x, y)
        return self.rays(gx.ravel(), gy.ravel())

    def project(self, p: F32) -> tuple[F32, F32, F32]:
        """Picture x, y (pixels) and distance along the view axis (m) of points (3, N)."""
        forward, right, up = self._basis()
        q = p - column(self.at)
        depth = np.maximum(dot(forward, q), 0.05)
        x = self.width / 2 + self.focal * dot(right, q) / depth
        y = self.height / 2 - self.focal * dot(up, q) / depth
        return x, y, depth

    def right(self) -> F32:
        """The camera's right hand (3, 1), level."""
        return self._basis()[1]

    def _basis(self) -> tuple[F32, F32, F32]:
        a, b = np.radians(self.yaw), np.radians(self.pitch)
        forward = column((np.sin(a) * np.cos(b), -np.sin(b), np.cos(a) * np.cos(b)))
        right = column((np.cos(a), 0.0, -np.sin(a)))
        up = np.cross(forward, right, axis=0).astype(np.float32)
        return forward, right, up
