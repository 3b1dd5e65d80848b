"""The measures of all regions of a picture at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import PIXELS, ThermalFrame
from embereye.rules.thermal_background import Usual
from embereye.rules.thermal_emissivity import ASSUMED_OPTICS, recomputed
from embereye.rules.thermal_region import Region, cells_of

Floats = NDArray[np.float32]
Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class RegionValues:
    """What n regions show; NaN where nothing usable is seen.

    Attributes:
        usable: (n,) cells that are temperatures.
        highest, lowest, mean: (n,) °C, with the region's own emissivity.
        hottest: (n,) index of the hottest cell, -1 without one.
        unusual: (n,) K; how far any cell is above its learned background, 0 within its usual
            spread; NaN while learning. By the device's emissivity, as the background.
        expected: (n,) mean of the learned background, °C.
    """

    usable: Counts
    highest: Floats
    lowest: Floats
    mean: Floats
    hottest: Counts
    unusual: Floats
    expected: Floats


class RegionMeter:
    """Measures regions; which cells they cover is worked out once.

    Args:
        regions: Masked cells in them are NaN in the pictures (`ThermalScene`).
    """

    def __init__(self, regions: Sequence[Region]) -> None:
        self._count = len(regions)
        cells = [np.flatnonzero(cells_of(region.shape, region.points)) for region in regions]
        lengths = np.array([len(found) for found in cells], np.intp)
        self._cells = np.concatenate([*cells, np.empty(0, np.intp)])
        self._lengths = lengths
        self._starts = np.cumsum(lengths) - lengths
        self._owner = np.repeat(np.arange(len(lengths)), lengths)
        self._place_optics(regions)

    def measure(self, frame: ThermalFrame, usual: Usual | None) -> RegionValues:
        """The measures of this picture, which has temperatures."""
        result = _nothing(self._count)
        if frame.celsius is None or not self._count:
            return result
        plain = frame.celsius.reshape(PIXELS)[self._cells]
        values = self._corrected(plain, frame)
        known = ~np.isnan(values)
        self._extremes(values, known, result)
        if usual is not None:
            self._against(usual, plain, result)
        return result

    def _place_optics(self, regions: Sequence[Region]) -> None:
        """Which cells have an emissivity or surroundings of their own."""
        emissivity = np.array([_or_nan(r.emissivity) for r in regions], np.float32)
        reflected = np.array([_or_nan(r.reflected) for r in regions], np.float32)
        own = ~(np.isnan(emissivity) & np.isnan(reflected))
        self._own = np.flatnonzero(own[self._owner])
        self._emissivity = emissivity[self._owner][self._own]
        self._reflected = reflected[self._owner][self._own]

    def _corrected(self, plain: Floats, frame: ThermalFrame) -> Floats:
        if not len(self._own):
            return plain
        optics = frame.optics or ASSUMED_OPTICS
        lacking = np.isnan(self._emissivity)
        emissivity = np.where(lacking, np.float32(optics.emissivity), self._emissivity)
        values = plain.copy()
        values[self._own] = recomputed(plain[self._own], optics, emissivity, self._reflected)
        return values

    def _extremes(self, values: Floats, known: NDArray[np.bool_], result: RegionValues) -> None:
        starts = self._starts
        if known.all():
            high_cells = low_cells = sum_cells = values
            usable = self._lengths
        else:
            high_cells = np.where(known, values, np.float32(-np.inf))
            low_cells = np.where(known, values, np.float32(np.inf))
            sum_cells = np.where(known, values, np.float32(0))
            usable = np.add.reduceat(known.astype(np.intp), starts)
        highest = np.maximum.reduceat(high_cells, starts)
        seen = usable > 0
        result.usable[:] = usable
        result.highest[seen] = highest[seen]
        result.lowest[seen] = np.minimum.reduceat(low_cells, starts)[seen]
        result.mean[seen] = (np.add.reduceat(sum_cells, starts) / np.maximum(usable, 1))[seen]
        hot = np.flatnonzero(high_cells == highest[self._owner])
        first = hot[np.searchsorted(hot, starts)]  # each region has at least one
        result.hottest[seen] = self._cells[first][seen]

    def _against(self, usual: Usual, plain: Floats, result: RegionValues) -> None:
        expected = usual.expected[self._cells]
        above = plain - expected
        known = ~np.isnan(above)
        above[known & (above <= usual.spread[self._cells])] = 0
        count = np.add.reduceat(known.astype(np.intp), self._starts)
        seen = count > 0
        highest = np.maximum.reduceat(np.where(known, above, np.float32(-np.inf)), self._starts)
        total = np.add.reduceat(np.where(known, expected, np.float32(0)), self._starts)
        result.unusual[seen] = highest[seen]
        result.expected[seen] = (total / np.maximum(count, 1))[seen]


def _nothing(count: int) -> RegionValues:
    def unknown() -> Floats:
        return np.full(count, np.nan, np.float32)

    return RegionValues(
        usable=np.zeros(count, np.intp),
        highest=unknown(),
        lowest=unknown(),
        mean=unknown(),
        hottest=np.full(count, -1, np.intp),
        unusual=unknown(),
        expected=unknown(),
    )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
