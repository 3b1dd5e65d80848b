"""Rate of rise of a temperature, deaf to single outliers and to steps."""

from collections import deque
from dataclasses import dataclass
from math import nan
from statistics import median_low

_BINS = 60  # values kept in one window; more adds cost, not certainty
_LEAST_VALUES = 6  # two in each third: one outlier cannot be a median's only neighbour
_LEAST_SPAN = 0.25  # of the window: a shorter history says nothing about a trend
# Of the window, before "flat" is believed: at 8 °C/min 5 K take 0.6 of a minute.
_SURE_SPAN = 0.75
_LEAST_SHARE = 0.25  # of the rise in each half; a step (a door, a person) has it all in one


@dataclass(frozen=True, slots=True)
class Rise:
    """A trend of the last window.

    Attributes:
        rate: °C/min; NaN while the history is too short to tell.
        span: K risen over the window.
    """

    rate: float
    span: float


_FLAT = Rise(0.0, 0.0)
_UNKNOWN = Rise(nan, 0.0)


class RiseMeter:
    """Estimates the slope by the medians of the window's three thirds.

    Source of the method: the resistant line of three groups, J. W. Tukey, Exploratory Data
    Analysis (1977), chapter 10. A rise counts only when both halves have their share of it.

    Args:
        window: Seconds of history.
        least: K; smaller rises are reported as flat, at next to no cost.
    """

    __slots__ = ("_least", "_values", "_window")

    def __init__(self, window: float, least: float) -> None:
        self._window = window
        self._least = least
        self._values: deque[tuple[float, float]] = deque()

    def feed(self, now: float, celsius: float, period: float = 0.0) -> Rise:
        """Take one temperature; the window stretches to six periods of a slow device (s)."""
        window = max(self._window, _LEAST_VALUES * period)
        values = self._values
        if not values or now - values[-1][0] >= window / _BINS:
            values.append((now, celsius))
        while now - values[0][0] > window:
            values.popleft()
        if len(values) < _LEAST_VALUES or now - values[0][0] < window * _LEAST_SPAN:
            return _UNKNOWN
        rising = celsius - min(value for _, value in values) >= self._least
        found = _trend(list(values)) if rising else _FLAT
        unsure = now - values[0][0] < window * _SURE_SPAN
        return _UNKNOWN if unsure and found is _FLAT else found

    def forget(self) -> None:
        """Start again; what was before is too old or of another scene."""
        self._values.clear()


def _trend(values: list[tuple[float, float]]) -> Rise:
    third = len(values) // 3
    first, last = values[:third], values[-third:]
    middle = values[third : len(values) - third]
    low, half, high = (median_low(c for _, c in part) for part in (first, middle, last))
    rise = high - low
    if rise <= 0 or min(half - low, high - half) < _LEAST_SHARE * rise:
        return _FLAT
    seconds = median_low(t for t, _ in last) - median_low(t for t, _ in first)
    rate = rise / seconds
    return Rise(rate * 60.0, rate * (values[-1][0] - values[0][0]))
