"""Whether a camera's time stamps can be trusted, and whether it stays behind."""

_SPAN = 30.0  # s over which stamps are compared with arrival
_OFF = 0.15  # of the rate; network queues of 3 s in 30 s make 0.1, wrong clock rates 0.5 or 2
_LEAP = 1.0  # s that a stamp may leap ahead of arrival; more than any jitter of a working camera
_MOST_LEAPS = 3  # in a span; a camera that sets its clock once leaps once
_SHARE_SPAN = 30.0  # s over which lateness is averaged: 20 s of it are told
_LATE, _PUNCTUAL = 0.5, 0.2  # share of the time


class StampWatch:
    """Compares the time stamps of a live stream with its arrival. One thread."""

    def __init__(self) -> None:
        self.wrong: bool | None = None
        self._begin: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None
        self._repaired = 0
        self._leaps = 0

    def seen(self, media: float, now: float, repaired: int) -> None:
        """One picture of media time `media` arrived at `now`, s; `repaired` is the number of
        stamps so far that fell, repeated or leapt and were replaced."""
        if self._begin is None or self._last is None:
            self._begin = self._last = (media, now)
            self._repaired = repaired
            return
        ahead = (media - self._last[0]) - (now - self._last[1])
        self._leaps += repaired - self._repaired + (ahead > _LEAP)
        self._repaired = repaired
        self._last = (media, now)
        if now - self._begin[1] >= _SPAN:
            rate = (media - self._begin[0]) / (now - self._begin[1])
            self.wrong = abs(rate - 1) > _OFF or self._leaps >= _MOST_LEAPS
            self._begin, self._leaps = (media, now), 0


class Lateness:
    """How much of its time a stream runs behind. One thread."""

    def __init__(self) -> None:
        self.late = False
        self._share = 0.0
        self._at: float | None = None

    def seen(self, now: float, behind: bool) -> None:
        """One picture came at `now` (s), too late to be shown when `behind`."""
        passed = 0.0 if self._at is None else min(now - self._at, 1.0)
        self._at = now
        self._share += (behind - self._share) * passed / _SHARE_SPAN
        self.late = self._share > (_PUNCTUAL if self.late else _LATE)
