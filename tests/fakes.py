"""Fakes with the same ports as the real parts."""

from collections.abc import Callable, Iterable

from embereye.model.overlay_record import OverlayRecord
from embereye.model.stamp import Stamp


class FakeClock:
    """A clock that tests move. Starts at mono 1000, utc 1.7e9."""

    def __init__(self, mono: float = 1000.0, utc: float = 1_700_000_000.0, boot: str = "") -> None:
        self._mono = mono
        self._utc = utc
        self._boot = boot

    def now(self) -> Stamp:
        return Stamp(self._mono, self._utc)

    def mono(self) -> float:
        return self._mono

    def boot(self) -> str:
        return self._boot

    def advance(self, seconds: float) -> Stamp:
        """Move both clocks and return the new moment."""
        self._mono += seconds
        self._utc += seconds
        return self.now()

    def jump_wall(self, seconds: float) -> None:
        """Move only the wall clock, as an administrator or NTP would."""
        self._utc += seconds


class MemoryOverlays:
    """Overlays on a disk that is never slow; a part of stores of alarms.

    Attributes:
        overlays: The newest version of each by number, also of those that ended.
    """

    def __init__(self, overlays: Iterable[OverlayRecord] = ()) -> None:
        self.overlays = {record.number: record for record in overlays}

    def load_overlays(self) -> tuple[OverlayRecord, ...]:
        return tuple(record for record in self.overlays.values() if not record.end)

    def next_overlay(self) -> int:
        return max([0, *self.overlays]) + 1

    def save_overlay(self, record: OverlayRecord, done: Callable[[Exception | None], None]) -> None:
        self.overlays[record.number] = record
        done(None)
