"""Fakes with the same ports as the real parts."""

from embereye.model.stamp import Stamp


class FakeClock:
    """A clock that tests move. Starts at mono 1000, utc 1.7e9."""

    def __init__(self, mono: float = 1000.0, utc: float = 1_700_000_000.0) -> None:
        self._mono = mono
        self._utc = utc

    def now(self) -> Stamp:
        return Stamp(self._mono, self._utc)

    def mono(self) -> float:
        return self._mono

    def advance(self, seconds: float) -> Stamp:
        """Move both clocks and return the new moment."""
        self._mono += seconds
        self._utc += seconds
        return self.now()

    def jump_wall(self, seconds: float) -> None:
        """Move only the wall clock, as an administrator or NTP would."""
        self._utc += seconds
