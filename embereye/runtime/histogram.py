"""Delays counted in steps, for measurements that last hours: their memory does not grow."""

from embereye.runtime.metrics import Samples

_STEP = 1e-4  # s; 1 % of the strictest target (10 ms)
_STEPS = 100_000  # 10 s; whatever is later counts as that


class Histogram(Samples):
    """Every delay ever added, to a tenth of a millisecond, at most 10 s. Any one thread.

    `values` is empty: single values are not kept.
    """

    def __init__(self) -> None:
        super().__init__(kept=1)
        self._counts = [0] * (_STEPS + 1)

    def add(self, value: float) -> None:
        self._counts[min(_STEPS, max(0, int(value / _STEP)))] += 1
        self.count += 1

    def values(self) -> list[float]:
        return []

    def merge(self, other: "Histogram") -> None:
        """Add everything that another one counted."""
        self.count += other.count
        for step, number in enumerate(other._counts):
            if number:
                self._counts[step] += number

    def percentile(self, percent: float) -> float | None:
        """The upper end of the step in which the value of this rank lies."""
        if not self.count:
            return None
        rank, passed = round(percent / 100 * (self.count - 1)), 0
        for step, number in enumerate(self._counts):
            passed += number
            if passed > rank:
                return (step + 1) * _STEP
        return _STEPS * _STEP
