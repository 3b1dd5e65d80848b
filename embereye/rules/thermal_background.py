"""What a device usually sees at each hour of the day, learned over days.

Each cell has a mean and a deviation per local hour, weighted exponentially over about a week, so
that the seasons are followed and one odd day is not. It is learned from means over a minute.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import PIXELS

HOURS = 24
MEMORY = 7.0  # days that the mean reaches back: the working week, with its weekend
# Below that an hour is "learning": two days may both have been odd. Three, less the minutes that
# are lost where an hour begins and ends.
LEAST_DAYS = 2.9
SPREAD = 3.0  # deviations that are usual: 99.7 % of the minutes, if they were normal

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What is usual at one moment.

    Attributes:
        expected: (768,) °C, NaN where nothing was learned.
        spread: (768,) K above it that are still usual.
    """

    expected: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HourLearned:
    """One hour of a background.

    Attributes:
        weight: Days that it was learned over, at most `MEMORY`.
        mean, deviation: (768,) °C and K, NaN where nothing was learned.
    """

    hour: int
    weight: float
    mean: Floats
    deviation: Floats


class Background:
    """The background of one device; local hours 0–23."""

    def __init__(self) -> None:
        self._mean = np.full((HOURS, PIXELS), np.nan, np.float32)
        self._variance = np.zeros((HOURS, PIXELS), np.float32)
        self._weight = [0.0] * HOURS

    def restore(self, learned: HourLearned) -> None:
        """Take over one hour of an earlier run."""
        self._mean[learned.hour] = learned.mean
        self._variance[learned.hour] = np.nan_to_num(learned.deviation) ** 2
        self._weight[learned.hour] = min(learned.weight, MEMORY)

    def hour(self, hour: int) -> HourLearned:
        """What was learned of one hour; copies."""
        return HourLearned(
            hour, self._weight[hour], self._mean[hour].copy(), np.sqrt(self._variance[hour])
        )

    def learn(self, hour: int, cells: Floats, seconds: float) -> None:
        """Take the mean picture (768,) of `seconds`; NaN cells are not learned."""
        day = seconds / 3600.0
        self._weight[hour] = min(self._weight[hour] + day, MEMORY)
        share = np.float32(min(1.0, day / self._weight[hour]))
        mean, variance = self._mean[hour], self._variance[hour]
        fresh = np.isnan(mean) & ~np.isnan(cells)
        mean[fresh] = cells[fresh]
        # Exponentially weighted mean and variance; T. Finch, "Incremental calculation of weighted
        # mean and variance" (2009), section 9.
        difference = np.nan_to_num(cells - mean)
        step = share * difference
        mean += step
        variance += difference * step
        variance *= 1 - share

    def usual(self, hour: float) -> Usual | None:
        """What is usual at this local time (hours, 0–24); None while it is being learned.

        Between the middles of two hours it is interpolated; where only the present hour is
        learned, that one alone counts.
        """
        present = int(hour) % HOURS
        if self._weight[present] < LEAST_DAYS:
            return None
        before = floor(hour - 0.5)
        share = hour - 0.5 - before
        pair = (before % HOURS, 1.0 - share), ((before + 1) % HOURS, share)
        known = [(h, s) for h, s in pair if self._weight[h] >= LEAST_DAYS]
        if len(known) < 2:
            known = [(present, 1.0)]
        mean = sum(np.float32(s) * self._mean[h] for h, s in known)
        variance = sum(np.float32(s) * self._variance[h] for h, s in known)
        return Usual(np.asarray(mean), np.float32(SPREAD) * np.sqrt(np.asarray(variance)))
