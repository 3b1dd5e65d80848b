"""How far a device's clock is from ours, from the stamps of its packets. Pure, one thread."""

import math

from embereye.model.device_messages import DeviceClock
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp

_SPAN = 30.0  # s; a maximum lives for 1–2 of these: 100 ppm of drift are 6 ms meanwhile
_TELL = 30.0  # s between two messages about a clock that hardly changes
_NOTABLE = 0.05  # s; also the accuracy that is promised
_STEP = 1.0  # s; a change that is told at once
_SETTLED = 5.0  # s without a rise; packets that waited in the device make the offset too low
_NEVER = float("-inf")
_MILLI = 1000  # in 1 s; finer a device's stamps are not
_STEPS = 500  # packets that share a millisecond: more than a device can keep and send at once
_APART = 2  # µs between two of them; the history keeps whole µs, see `storage.stored_times`


class ClockOffset:
    """The offset of one device's clock since its boot.

    A packet that waited somewhere makes (stamp − arrival) smaller, never larger; so the largest of
    the newest ones is right to within the shortest way through the network. It is kept against
    our monotonic clock: a jump of our wall clock changes the offset at once, and nothing else.
    """

    def __init__(self, device: DeviceId) -> None:
        self._device = device
        self._best = self._before = _NEVER  # device s − monotonic s, of this span and the last
        self._span_end = _NEVER
        self._rose = 0.0
        self._newest_ms = 0
        self._told: DeviceClock | None = None

    def note(self, device_ms: int, at: Stamp, *, in_order: bool) -> None:
        """Take the stamp of a packet; `in_order` when no later one came before it."""
        if in_order:
            if device_ms < self._newest_ms - 1000 * _NOTABLE:
                self._best = self._before = _NEVER  # the clock was set back
            self._newest_ms = device_ms
        if at.mono >= self._span_end:
            self._span_end = at.mono + _SPAN
            if self._best != _NEVER:
                self._before, self._best = self._best, _NEVER
        sample = device_ms / 1000 - at.mono
        if sample > self._highest + _NOTABLE:
            self._rose = at.mono
        self._best = max(self._best, sample)

    def offset(self, at: Stamp) -> float:
        """Device time less ours, s; above 0 it is ahead. After the first `note`."""
        return self._highest - (at.utc - at.mono)

    def believed(self, at: Stamp, window: float) -> bool:
        """Whether the clock is within ± `window` s of ours."""
        return abs(self.offset(at)) <= window

    def settled(self, at: Stamp) -> bool:
        """Whether the offset is known: nothing that waited can make a clock look fast."""
        return at.mono - self._rose >= _SETTLED or self.offset(at) > 0

    def stamp(self, device_ms: int, at: Stamp, window: float) -> Stamp:
        """When a packet was made, on our clock; never after its arrival.

        That is its arrival while the clock is not believed. Monotonic time is the arrival always.
        """
        if not self.believed(at, window):
            return at
        age = self._highest - (device_ms / 1000 - at.mono)
        return Stamp(at.mono, at.utc - max(0.0, age))

    def news(self, at: Stamp, window: float) -> DeviceClock | None:
        """What to tell now, at most every 30 s, sooner only after a step."""
        if not self.settled(at):
            return None
        offset, told = self.offset(at), self._told
        believed = self.believed(at, window)
        if told is not None and told.believed == believed:
            change = abs(offset - told.offset)
            patience = 0.0 if change >= _STEP else _TELL
            if change < _NOTABLE or at.mono - told.at.mono < patience:
                return None
        self._told = DeviceClock(self._device, at, offset, believed)
        return self._told

    @property
    def _highest(self) -> float:
        return max(self._best, self._before)


def told_apart(made: Stamp, seq: int) -> Stamp:
    """The same moment, up to 2 ms earlier, that no other packet of this device has.

    After a kill the history is asked which packets it has, and knows them by their times alone.
    Packets made in one millisecond, or that came in one read, would be taken for each other.
    """
    micro = (math.floor(made.utc * _MILLI) - 1) * 1000 + seq % _STEPS * _APART
    return Stamp(made.mono, micro / 1e6)
