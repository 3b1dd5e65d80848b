"""When something happened."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """One moment on both clocks.

    Attributes:
        mono: Seconds of the monotonic clock of this process; for all logic and durations.
        utc: Seconds since 1970-01-01 UTC; for people and storage only.
    """

    mono: float
    utc: float

    def later(self, seconds: float) -> "Stamp":
        """The moment `seconds` after this one, on both clocks."""
        return Stamp(self.mono + seconds, self.utc + seconds)
