"""Procedural noise: tiling textures and band-limited flicker."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.floating[Any]]  # arithmetic stays in 32 bits where speed counts

_SIZE = (
    512  # texels a side; at 2 cm a texel a texture repeats after 10 m, which no view shows twice
)


def f32(values: Any) -> F32:
    """Values as an array of 32-bit floats."""
    array: F32 = np.asarray(values, np.float32)
    return array


def fractal(seed: int, slope: float = 1.8, size: int = _SIZE) -> F32:
    """Tiling noise (size, size) in 0…1 whose amplitude falls as 1/frequency^(slope/2)."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size)))
    fy = np.fft.fftfreq(size)[:, None] * size
    fx = np.fft.rfftfreq(size)[None, :] * size
    frequency = np.hypot(fy, fx)
    frequency[0, 0] = 1.0
    field = np.fft.irfft2(spectrum / frequency**slope, s=(size, size))
    field = (field - field.mean()) / (field.std() * 5.0)  # ±2.5 sigma fills 0…1
    return f32(np.clip(field + 0.5, 0.0, 1.0))


CLOUDY = fractal(11, 1.7)
PATCHY = fractal(12, 1.2)
GRAINY = fractal(13, 0.35)
CELLS = np.random.default_rng(14).random((256, 256)).astype(np.float32)


def sample(texture: F32, u: F32, v: F32) -> F32:
    """Bilinear look-up at (u, v) in texture lengths; the texture tiles."""
    size = texture.shape[0]
    x = (u - np.floor(u)) * size
    y = (v - np.floor(v)) * size
    x0, y0 = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - x0, y - y0
    x0, y0 = x0 % size, y0 % size
    x1, y1 = (x0 + 1) % size, (y0 + 1) % size
    top = texture[y0, x0] * (1 - fx) + texture[y0, x1] * fx
    low = texture[y1, x0] * (1 - fx) + texture[y1, x1] * fx
    return f32(top * (1 - fy) + low * fy)


def cell(column: F32, row: F32) -> F32:
    """A fixed random number 0…1 for each whole (column, row): tone of one brick, one plank."""
    return CELLS[row.astype(np.int32) % 256, column.astype(np.int32) % 256]


def flicker(seed: int, frames: int, fps: float, band: tuple[float, float]) -> F32:
    """Band-limited noise of unit variance, `band` in Hz, periodic over `frames`."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    hertz = np.fft.rfftfreq(frames, 1.0 / fps)
    spectrum[(hertz < band[0]) | (hertz > band[1])] = 0.0
    spectrum[1:] /= np.sqrt(np.maximum(hertz[1:], band[0]))  # slow flicker is the stronger one
    signal = np.fft.irfft(spectrum, n=frames)
    return (signal / max(float(signal.std()), 1e-9)).astype(np.float32)
