"""A small two-dimensional flow solver for flames, smoke and steam.

Semi-Lagrangian advection and a spectral pressure projection after Stam, "Stable Fluids"
(SIGGRAPH 1999), with vorticity confinement after Fedkiw et al., "Visual Simulation of Smoke"
(SIGGRAPH 2001).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from demo_clips.noise import F32, f32


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """How a plume behaves.

    Attributes:
        width, height: Size of the flow window in m; the source sits at the lower middle.
        cell: Grid spacing in m.
        lift: Upward acceleration of the hottest gas in m/s².
        cooling: Share of heat lost per second.
        thinning: Share of smoke lost per second.
        soot: Smoke given off by hot gas, per second.
        swirl: Vorticity confinement strength.
        expansion: Divergence (1/s) of gas at full heat; burning gas swells, so flames are full.
        wind: Side wind in m/s at the top of the window.
    """

    width: float
    height: float
    cell: float = 0.025
    lift: float = 11.0
    cooling: float = 1.6
    thinning: float = 0.1
    soot: float = 5.0
    swirl: float = 3.0
    expansion: float = 6.0
    wind: float = 0.0


class Flow:
    """A window of moving gas; row 0 is the top. Not thread-safe.

    Attributes:
        heat: (rows, columns) 0…about 1.2, where gas burns or steams.
        smoke: (rows, columns) density, 0…about 2.
    """

    def __init__(self, settings: FlowSettings, seed: int) -> None:
        self._set = settings
        columns, rows = int(settings.width / settings.cell), int(settings.height / settings.cell)
        self._rng = np.random.default_rng(seed)
        self.heat = np.zeros((rows, columns), np.float32)
        self.smoke = np.zeros((rows, columns), np.float32)
        self._u = np.zeros((rows, columns), np.float32)  # m/s to the right
        self._v = np.zeros((rows, columns), np.float32)  # m/s down
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        self._x, self._y = x, y
        ky = np.fft.fftfreq(rows)[:, None].astype(np.float32)
        kx = np.fft.rfftfreq(columns)[None, :].astype(np.float32)
        self._kx, self._ky = kx, ky
        k2 = kx * kx + ky * ky
        k2[0, 0] = 1.0
        self._k2 = k2
        edge = np.minimum(x, columns - 1 - x) / (0.10 * columns)
        top = y / (0.12 * rows)
        self._calm = np.clip(
            np.minimum(edge, top), 0.0, 1.0
        )  # the window's rim swallows what leaves
        self._gust = 0.0

    def step(self, dt: float, source: F32) -> None:
        """Advance by `dt` s; `source` (rows, columns) 0…1 is where hot gas enters."""
        s = self._set
        self.heat = np.maximum(self.heat, source)
        self.smoke += dt * s.soot * np.clip(self.heat - 0.15, 0.0, 0.6)
        self._push(dt)
        self._project()
        x, y = self._x - self._u * (dt / s.cell), self._y - self._v * (dt / s.cell)
        self._u, self._v = _carried(self._u, x, y), _carried(self._v, x, y)
        heat = _carried(self.heat, x, y)
        # hot gas loses heat by radiation (power of four softened to two) and by mixing
        self.heat = np.clip(
            heat - dt * s.cooling * (0.25 * heat + 0.75 * heat * heat + 0.06), 0, None
        )
        self.smoke = _carried(self.smoke, x, y) * (1 - dt * s.thinning)
        keep = 1 - (1 - self._calm) * min(1.0, 6 * dt)
        self.heat, self.smoke = self.heat * keep, self.smoke * keep
        self._u, self._v = self._u * keep, self._v * keep

    def disc(self, at: float, height: float, width: float, depth: float) -> F32:
        """Soft ellipse, 0…1, centred `at` m right of the middle and `height` m above the floor."""
        rows, columns = self.heat.shape
        cell = self._set.cell
        x = (self._x - columns / 2) * cell - at
        y = (rows - self._y) * cell - height
        reach = (x / max(width / 2, cell)) ** 2 + (y / max(depth / 2, cell)) ** 2
        return f32(np.clip(1.6 - 1.6 * reach, 0.0, 1.0))

    def _push(self, dt: float) -> None:
        s = self._set
        rows, columns = self.heat.shape
        self._v -= dt * s.lift * (self.heat + 0.045 * self.smoke)
        self._u *= 1 - 0.8 * dt  # air at rest on both sides keeps the plume from wandering off
        self._gust += dt * (-1.2 * self._gust + 2.2 * float(self._rng.standard_normal()))
        aloft = 1 - self._y / rows
        self._u += (
            dt
            * 1.5
            * (s.wind * (1 + 0.5 * self._gust) * aloft - self._u)
            * np.clip(aloft + 0.15, 0, 1)
        )
        coarse = self._rng.standard_normal((2, rows // 6, columns // 6)).astype(np.float32)
        kick = 22.0 * dt * (self.heat > 0.08)
        self._u += kick * cv2.resize(coarse[0], (columns, rows), interpolation=cv2.INTER_CUBIC)
        self._v += (
            0.5 * kick * cv2.resize(coarse[1], (columns, rows), interpolation=cv2.INTER_CUBIC)
        )
        curl = f32(np.gradient(self._v, axis=1)) - f32(np.gradient(self._u, axis=0))
        gy, gx = np.gradient(np.abs(curl))
        size = np.sqrt(gx * gx + gy * gy) + 1e-4
        force = np.clip(s.swirl * curl * dt, -0.6, 0.6)
        self._u += force * gy / size
        self._v -= force * gx / size
        speed = 8.0  # m/s; faster gas would only jump cells
        np.clip(self._u, -speed, speed, out=self._u)
        np.clip(self._v, -speed, speed, out=self._v)

    def _project(self) -> None:
        u, v = np.fft.rfft2(self._u), np.fft.rfft2(self._v)
        mean_u, mean_v = u[0, 0], v[0, 0]
        swell = np.fft.rfft2(
            np.clip(self.heat - 0.3, 0, None) * (self._set.expansion * self._set.cell)
        )
        along = (self._kx * u + self._ky * v + swell * (1j / (2 * np.pi))) / self._k2
        u, v = u - self._kx * along, v - self._ky * along
        u[0, 0], v[0, 0] = mean_u, mean_v * 0.9
        self._u = np.fft.irfft2(u, s=self._u.shape).astype(np.float32)
        self._v = np.fft.irfft2(v, s=self._v.shape).astype(np.float32)


def _carried(field: F32, x: F32, y: F32) -> F32:
    return f32(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
