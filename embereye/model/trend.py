"""Values over time, for plots."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """One channel of one device over a while.

    Attributes:
        channel: "thermal max" (°C), "smoke" (%), "flame" (%), "gas" (ppm), "ambient" (°C).
        utc: (n,) float64, seconds UTC, ascending.
        values: (n,) float64; NaN marks a gap.
    """

    channel: str
    unit: str
    utc: NDArray[np.float64]
    values: NDArray[np.float64]
