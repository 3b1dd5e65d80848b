"""Whether a supply voltage falls, and how long it will still suffice."""

_BUCKET = 600.0  # s of which one mean is kept
_MOST = 36  # means: 6 h; a temperature swing of the day is slower
_LEAST = 6  # means: an hour, before anything is said
_FALL = 0.02  # V over the means kept; 80 times the noise of a real device (0.24 mV)
_HORIZON = 48 * 3600.0  # s; further off nobody has to act yet


class SupplyTrend:
    """Learns the slope of one supply from means of ten minutes. Monotonic seconds."""

    __slots__ = ("_begun", "_count", "_left", "_means", "_sum")

    def __init__(self) -> None:
        self._means: list[tuple[float, float]] = []
        self._begun: float | None = None
        self._sum = 0.0
        self._count = 0
        self._left: float | None = None

    def note(self, volt: float, now: float, limit: float) -> float | None:
        """Seconds until `limit` (V) is reached when it falls on like this; None: it does not."""
        if self._begun is None:
            self._begun = now
        elif now - self._begun >= _BUCKET:
            self._means.append((self._begun, self._sum / self._count))
            del self._means[:-_MOST]
            self._begun, self._sum, self._count = now, 0.0, 0
            self._left = self._estimate(limit)
        self._sum += volt
        self._count += 1
        return self._left

    def _estimate(self, limit: float) -> float | None:
        if len(self._means) < _LEAST:
            return None
        times = [time for time, _ in self._means]
        volts = [volt for _, volt in self._means]
        middle, mean = sum(times) / len(times), sum(volts) / len(volts)
        spread = sum((time - middle) ** 2 for time in times)
        slope = sum((t - middle) * (v - mean) for t, v in self._means) / spread  # V/s
        fall = -slope * (times[-1] - times[0])
        if fall < _FALL:
            return None
        left = max(0.0, (volts[-1] - limit) / -slope)
        return left if left <= _HORIZON else None
