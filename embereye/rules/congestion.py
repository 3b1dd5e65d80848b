"""Fewer pictures a second while a machine cannot keep up, and more again when it can."""

_RATES = (15.0, 10.0, 5.0)  # 1/s; after the camera's own rate, usually 25 (requirement 1.9)
_BEHIND = 0.3  # s later than best: pictures wait for the processor
_DOWN = 2.0  # s of it before a step down; a network that stalls once is caught up sooner
_UP = 10.0  # s without it before a step up, so that the rate does not swing
_CLEAR = 0.1  # s; punctual


class CongestionLadder:
    """The highest rate that one camera's pictures are delivered with. One thread.

    Attributes:
        step: 0 for no limit, 1–3 for 15, 10, 5 pictures a second.
    """

    def __init__(self) -> None:
        self.step = 0
        self._behind_since: float | None = None
        self._clear_since: float | None = None

    @property
    def most(self) -> float | None:
        """Pictures a second, None for no limit."""
        return _RATES[self.step - 1] if self.step else None

    def feed(self, lag: float, now: float) -> None:
        """A picture came `lag` seconds later than best, at `now` (monotonic s)."""
        if lag > _BEHIND:
            self._clear_since = None
            if self._behind_since is None:
                self._behind_since = now
            if now - self._behind_since >= _DOWN:
                self.step = min(self.step + 1, len(_RATES))
                self._behind_since = now
        elif lag < _CLEAR:
            self._behind_since = None
            if self._clear_since is None:
                self._clear_since = now
            if self.step and now - self._clear_since >= _UP:
                self.step -= 1
                self._clear_since = now
        else:
            self._behind_since = self._clear_since = None
