"""Which pictures are due, and how late a stream runs."""

from collections import deque
from statistics import median

_LEAK = 0.001  # s per s; clocks of cameras differ by up to 200 ppm, so this follows all of them
_GAPS = 31  # gaps behind the interval; their median stands up to a loss of almost half
_LEARNED = 5  # gaps after which the measured interval beats the declared one
_WINDOW = 2.0  # s of the frame rate shown
_LONG_GAP = 5.0  # s; beyond it a gap is an outage and not an interval


class RateLimit:
    """Lets pictures through at most at a rate, evenly, by their own time line."""

    def __init__(self) -> None:
        self._next: float | None = None

    def allows(self, media: float, rate: float, interval: float) -> bool:
        """Whether the picture at `media` (s) is to be delivered at `rate` (1/s; 0: never).

        Pictures up to half an `interval` early count, so that a source at exactly the wanted
        rate loses none to jitter.
        """
        if rate <= 0:
            self._next = None
            return False
        if self._next is not None and media < self._next - interval / 2:
            return False
        period = 1.0 / rate
        if self._next is None or media - self._next > period:
            self._next = media
        self._next += period
        return True


class Lag:
    """How much later than best a stream's pictures arrive. One thread."""

    def __init__(self) -> None:
        self._best: float | None = None
        self._at = 0.0

    def measure(self, media: float, now: float) -> float:
        """Seconds that the picture of `media` is later at `now` than the quickest one so far."""
        offset = now - media
        if self._best is None or offset < self._best:
            self._best = offset
        else:
            self._best += min(offset - self._best, _LEAK * (now - self._at))
        self._at = now
        return offset - self._best

    def reset(self) -> None:
        """Call the next picture punctual."""
        self._best = None


class SourceRate:
    """Learns the interval between pictures of a source, and the rate delivered. One thread."""

    def __init__(self, declared: float) -> None:
        self.interval = declared
        self._last: float | None = None
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._unlearned = 0  # gaps since the interval was learned
        self._delivered: deque[float] = deque()

    def seen(self, media: float) -> None:
        """One more picture of the source, at `media` seconds."""
        if self._last is not None and 0 < (gap := media - self._last) < _LONG_GAP:
            self._gaps.append(gap)
            self._unlearned += 1
            if self._unlearned >= _LEARNED or not self.interval:
                self.interval = median(self._gaps)
                self._unlearned = 0
        self._last = media

    def delivered(self, now: float) -> float:
        """Count one delivery at `now`; the deliveries per second over the last two seconds."""
        self._delivered.append(now)
        while now - self._delivered[0] > _WINDOW:
            self._delivered.popleft()
        span = now - self._delivered[0]
        return (len(self._delivered) - 1) / span if span > 0 else 0.0
