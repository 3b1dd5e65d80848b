"""How long the next attempt to connect may hang, by how the camera did so far."""

from embereye.ingest.picture import Deadlines
from embereye.runtime.clock import Clock

_SHORT_OUTAGE = 10.0  # s; a camera back within it shows a picture within 3 s (R10)
# With a pause of 0.2 s and 0.1 s to connect, an attempt that began just before the camera came
# back leaves more than a second for its next key frame. Cameras open in 0.1 to 0.5 s.
_OPEN = 1.5  # s
# s beyond the slowest connection so far, and beyond the distance of key frames: libav opens with
# the first packet, and some servers begin with a key frame.
_SLOWER = 1.0
_READ = 2.0  # s; a picture that is older is called stale in any case
_STEADY = 0.5  # s; the longest gap between packets of a camera that is held to that
_PROOF = 30  # packets that say how steadily it sends


class Haste:
    """Shortens the deadlines of a camera that just worked, for the first seconds of an outage.

    An attempt that hangs would hold up the picture of a camera that is back meanwhile. One that
    answers slowly by nature, or now, gets its full time as soon as the outage is no short one.
    Lives in one thread.
    """

    def __init__(self, usual: Deadlines, clock: Clock) -> None:
        self._usual = usual
        self._clock = clock
        self._slowest: float | None = None  # s; to connect
        self._key_at: float | None = None  # of this connection
        self._keys_apart = 0.0  # s; the longest distance of key frames so far
        self._packet_at: float | None = None
        self._packets = 0  # of the present connection
        self._gap = 0.0  # s; the longest one of it
        self._steady = False

    def begin(self) -> Deadlines:
        """Those of an attempt that begins now."""
        usual, at, slowest = self._usual, self._packet_at, self._slowest
        if at is None or slowest is None or self._clock.mono() - at > _SHORT_OUTAGE:
            self._steady = False
            self._forget()
            return usual
        if self._packets:  # a connection without any says nothing
            silent = self._clock.mono() - at > _READ
            known = self._packets >= _PROOF and self._gap < _STEADY
            self._steady = known and not (silent and self._steady)
        if self._key_at is not None:
            self._keys_apart = max(self._keys_apart, at - self._key_at)
        self._forget()
        read = min(usual.read, _READ) if self._steady else usual.read
        longest = max(_OPEN, max(slowest, self._keys_apart) + _SLOWER)
        return Deadlines(min(usual.open, longest), read, usual.picture)

    def opened(self, seconds: float) -> None:
        """A connection was made, and it took so long."""
        self._slowest = max(seconds, self._slowest or 0.0)

    def packet(self, *, key: bool) -> None:
        """Another packet came; `key`: it begins a key frame."""
        now = self._clock.mono()
        if key:
            if self._key_at is not None:
                self._keys_apart = max(self._keys_apart, now - self._key_at)
            self._key_at = now
        if self._packets and self._packet_at is not None:
            self._gap = max(self._gap, now - self._packet_at)
        self._packet_at = now
        self._packets += 1

    def _forget(self) -> None:
        """A new connection: nothing of it has come yet."""
        self._packets, self._gap, self._key_at = 0, 0.0, None
