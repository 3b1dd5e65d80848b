"""The last seconds of one camera as small planes of cells."""

import numpy as np
from numpy.typing import NDArray

from embereye.vision.imaging import Cells

_CAPACITY = 64  # samples; with four planes of 40×30 cells 1.2 MB a camera
_KEPT = 44  # of them when the ring is compacted: 3 s at the fastest rate of 15 looks a second


class CellHistory:
    """A ring of the last samples of `planes` values for each cell. Lives in one thread.

    Samples older than `window` seconds leave, except that the newest `least` stay as long as no
    gap between two of them exceeds `gap` seconds; after such a gap nothing older counts.
    """

    def __init__(
        self, planes: int, grid: tuple[int, int], window: float, gap: float, least: int
    ) -> None:
        self._ring = np.zeros((_CAPACITY, planes, *grid), dtype=np.float32)
        self._times = np.zeros(_CAPACITY)
        self._first = 0
        self._end = 0
        self._window, self._gap, self._least = window, gap, least

    def add(self, time: float, planes: list[Cells]) -> None:
        """Append one sample; `time` in seconds, growing."""
        if self._end and time - self._times[self._end - 1] > self._gap:
            self.clear()
        if self._end == _CAPACITY:
            self._compact()
        self._times[self._end] = time
        for index, plane in enumerate(planes):
            self._ring[self._end, index] = plane
        self._end += 1
        while time - self._times[self._first] > self._window and len(self) > self._least:
            self._first += 1

    def clear(self) -> None:
        """Forget everything (a cut, a gap)."""
        self._first = self._end = 0

    def __len__(self) -> int:
        return self._end - self._first

    @property
    def span(self) -> float:
        """Seconds between the oldest and the newest sample."""
        if not len(self):
            return 0.0
        return float(self._times[self._end - 1] - self._times[self._first])

    @property
    def samples(self) -> NDArray[np.float32]:
        """(n, planes, rows, columns) view, oldest first; valid until the next `add`."""
        return self._ring[self._first : self._end]

    def _compact(self) -> None:
        start = max(self._first, self._end - _KEPT)
        count = self._end - start
        self._ring[:count] = self._ring[start : self._end].copy()
        self._times[:count] = self._times[start : self._end].copy()
        self._first, self._end = 0, count
