"""What a low-cost camera makes of a scene: glare, noise, tone curve, sharpening, lens faults."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo_clips.noise import F32, f32


@dataclass(frozen=True, slots=True)
class SensorLook:
    """How a camera sees.

    Attributes:
        exposure: Gain before the tone curve.
        noise: Standard deviation of read noise on the linear scale; night cameras have more.
        colour: Saturation, 1 = true.
        glare: Share of bright light that the lens scatters.
        tint: White balance error, linear RGB factors.
        adapts: How far the exposure follows the scene's brightness, 0…1.
    """

    exposure: float = 1.0
    noise: float = 0.004
    colour: float = 0.85
    glare: float = 0.12
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    adapts: float = 0.4


class Sensor:
    """Turns linear radiance into 8-bit pictures. Keeps its exposure; not thread-safe."""

    def __init__(self, look: SensorLook, width: int, height: int, seed: int) -> None:
        self._look = look
        self._rng = np.random.default_rng(seed)
        x = (np.arange(width, dtype=np.float32) - width / 2) / (width / 2)
        y = (np.arange(height, dtype=np.float32) - height / 2) / (width / 2)
        gx, gy = np.meshgrid(x, y)
        r2 = gx * gx + gy * gy
        self._vignette = (1 / (1 + 0.42 * r2) ** 2)[..., None].astype(np.float32)
        bend = 1 - 0.075 * (
            1.2 - r2
        )  # barrel distortion of a 2.8 mm lens, corners kept in the picture
        self._map = ((gx * bend + 1) * width / 2, (gy * bend + height / width) * width / 2)
        self._fixed = self._rng.standard_normal((height, width, 1)).astype(np.float32)
        self._soft = np.zeros((height, width, 3), np.float32)
        self._level: float | None = None
        self._gain = 1.0

    def expose(self, radiance: F32) -> NDArray[np.uint8]:
        """One picture (height, width, 3), RGB, from linear radiance."""
        look = self._look
        x = radiance * (look.exposure * self._follow(radiance)) * np.asarray(look.tint, np.float32)
        x = self._scattered(x) * self._vignette
        x = cv2.remap(x, *self._map, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        x = self._noisy(cv2.GaussianBlur(x, (0, 0), 0.55))
        grey = x @ np.array([0.30, 0.59, 0.11], np.float32)
        x = grey[..., None] + (x - grey[..., None]) * look.colour
        x = _toned(np.clip(x, 0, None))
        x = x + 0.45 * (x - cv2.GaussianBlur(x, (0, 0), 1.3))  # cheap cameras overdo sharpening
        return np.asarray(np.clip(x, 0, 1) * 255 + 0.5, np.uint8)

    def _follow(self, radiance: F32) -> float:
        level = float(np.minimum(radiance, 3.0).mean())
        if self._level is None:
            self._level = level
        wish = (self._level / max(level, 1e-6)) ** self._look.adapts
        self._gain += 0.10 * (wish - self._gain)  # at 15 fps settles in about 0.7 s
        return self._gain

    def _scattered(self, x: F32) -> F32:
        h, w = x.shape[:2]
        small = cv2.resize(np.clip(x - 0.75, 0, 6), (w // 4, h // 4), interpolation=cv2.INTER_AREA)
        halo = 0.6 * cv2.GaussianBlur(small, (0, 0), 2.2) + 0.4 * cv2.GaussianBlur(
            small, (0, 0), 14
        )
        return x + self._look.glare * f32(cv2.resize(halo, (w, h)))

    def _noisy(self, x: F32) -> F32:
        fresh = self._rng.standard_normal(x.shape).astype(np.float32)
        fresh = cv2.GaussianBlur(fresh, (0, 0), 0.7) * 2.2
        fresh = 0.7 * fresh.mean(axis=2, keepdims=True) * 1.7 + 0.3 * fresh
        self._soft = (
            0.55 * self._soft + 0.65 * fresh
        )  # the camera's own noise filter smears in time
        size = self._look.noise * np.sqrt(0.25 + 40 * np.clip(x, 0, 1))
        return f32(x + size * (self._soft * 0.5 + 0.15 * self._fixed))


def _toned(x: F32) -> F32:
    """Linear to display: sRGB-like gamma with a soft shoulder from 0.8 on."""
    knee = np.where(x > 0.6, 0.6 + 0.4 * (1 - np.exp(-(x - 0.6) / 0.55)), x)
    return f32(knee ** (1 / 2.2))
