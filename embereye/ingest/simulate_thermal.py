"""A simulated thermal imager: what it looks at, and the words that it sends about it."""

import numpy as np
from numpy.typing import NDArray

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.model.reading import COLUMNS, PIXELS, ROWS
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import FRAME_WORDS
from embereye.rules.radiometry_inverse import raw_words

Floats = NDArray[np.float64]
Words = NDArray[np.uint16]

# One count is about 0.1 K at room temperature: the noise of the sensor at 1 Hz (datasheet, section
# 1, NETD).
_NOISE_COUNTS = 1.0


class SimulatedImager:
    """An MLX90640 with a calibration of its own; `seed` decides everything about it."""

    def __init__(self, seed: int, noise_counts: float = _NOISE_COUNTS) -> None:
        self.eeprom: Words = simulated_eeprom(seed)
        self._stack = CalibrationStack.of(Calibration.from_words(self.eeprom))
        self._noise = noise_counts
        self._rng = np.random.default_rng(seed)

    def frame(self, scene: Floats, ta: float = 32.0, vdd: float = 3.28) -> Words:
        """The (834,) words for a (24, 32) scene in °C, with noise; see `raw_words`."""
        noise = self._rng.normal(0.0, self._noise, (ROWS, COLUMNS))
        return raw_words(scene, self._stack, ta, vdd, noise=noise)


def centi27_words(scene: Floats, rng: np.random.Generator) -> Words:
    """The (834,) words of a simulator for a (24, 32) scene: int16 of (T - 27)·100, random tail."""
    counts = np.rint((np.asarray(scene).reshape(PIXELS) - 27.0) * 100)
    words = rng.integers(0, 0x10000, FRAME_WORDS)
    words[:PIXELS] = np.clip(counts, -0x8000, 0x7FFF).astype(np.int64)
    return words.astype(np.uint16)


def room_with_spot(room: float, peak: float, row: float, column: float, radius: float) -> Floats:
    """A (24, 32) scene: `room` °C, a little warmer to the top, and a round spot of `peak` °C.

    `row`, `column` and `radius` are in cells; the spot falls to the room in a bell curve.
    """
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float64)
    base = room + (ROWS - 1 - rows) / ROWS  # warm air rises: 1 K from bottom to top
    distance = ((rows - row) ** 2 + (columns - column) ** 2) / max(radius, 0.1) ** 2
    return np.asarray(base + (peak - base) * np.exp(-distance), dtype=np.float64)
