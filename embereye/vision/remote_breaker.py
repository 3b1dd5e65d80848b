"""Stops asking somebody who does not answer, and tries again with one question at a time."""

from enum import Enum

_FAILURES = 5  # in a row that open it; source: design of the remote detector (HTTP contract)
_PAUSE = 60.0  # s for which it stays open; the same source


class Phase(Enum):
    """What a breaker lets through."""

    CLOSED = "everything"
    OPEN = "nothing"
    HALF_OPEN = "one question on trial"


class Breaker:
    """Counts failures in a row. Times are monotonic seconds; lives in one thread.

    Every `admit` that was answered True is followed by `succeeded`, `failed` or `forgotten`.
    """

    def __init__(self, failures: int = _FAILURES, pause: float = _PAUSE) -> None:
        self._limit, self._pause = failures, pause
        self._failures = 0
        self._opened: float | None = None
        self._trial = False

    def phase(self, now: float) -> Phase:
        """What it lets through now."""
        if self._opened is None:
            return Phase.CLOSED
        return Phase.OPEN if now - self._opened < self._pause else Phase.HALF_OPEN

    def admit(self, now: float) -> bool:
        """Whether to ask now."""
        phase = self.phase(now)
        if phase is Phase.HALF_OPEN and not self._trial:
            self._trial = True
            return True
        return phase is Phase.CLOSED

    def succeeded(self) -> None:
        """A question was answered: all is well."""
        self._failures = 0
        self._opened = None
        self._trial = False

    def failed(self, now: float) -> None:
        """A question was not answered. One asked before it opened does not prolong the pause."""
        self._failures += 1
        phase = self.phase(now)
        on_trial = phase is Phase.HALF_OPEN and self._trial
        if on_trial or (phase is Phase.CLOSED and self._failures >= self._limit):
            self._opened = now
            self._trial = False

    def forgotten(self) -> None:
        """A question ended without saying anything about who was asked."""
        self._trial = False
