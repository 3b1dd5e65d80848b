"""What one peer of a listener may do before it is slowed down or cut off."""

from embereye.config.schema import ListenerLimits
from embereye.ingest.packet import CAP


class PeerLimits:
    """Counts what one connection sends. Times are monotonic seconds. One thread.

    A good packet forgives a bad one, so that a device behind a disturbed line (5 % damaged) stays
    connected for years, and a peer that sends nothing but damage is cut after `bad_packets`.
    """

    def __init__(self, limits: ListenerLimits, opened: float) -> None:
        self.limits = limits
        self._opened = opened
        self._last_good: float | None = None
        self._bad = 0
        self._noise = 0  # bytes since the last good packet
        self._tokens = float(limits.packets_per_second)
        self._filled = opened

    def count(self, received: int, good: int, bad: int, now: float) -> None:
        """Note a chunk of `received` bytes that held so many good and bad packets."""
        self._bad = max(0, self._bad + bad - good)
        self._noise += received
        if good:
            self._last_good = now
            self._noise = 0
        rate = self.limits.packets_per_second
        self._tokens = min(rate, self._tokens + (now - self._filled) * rate) - good - bad
        self._filled = now

    def excuse(self, now: float) -> None:
        """Nothing was read from the peer until now: the silence was ours."""
        self._opened = now
        if self._last_good is not None:
            self._last_good = now

    @property
    def trusted(self) -> bool:
        """Whether its newest packets were good."""
        return self._last_good is not None and self._bad == 0

    @property
    def pause(self) -> float:
        """Seconds for which to read nothing more, so that the peer keeps to its rate; 0: go on."""
        return max(0.0, -self._tokens) / self.limits.packets_per_second

    def offence(self, now: float, period: float) -> str | None:
        """Why the connection must be closed, in words, or None.

        `period` is the expected time between two packets in s.
        """
        limits = self.limits
        if self._bad >= limits.bad_packets:
            return f"sent {self._bad} unusable packets"
        if self._noise > CAP * limits.bad_packets:
            return f"sent {self._noise} bytes without a usable packet"
        if self._last_good is None:
            late = now - self._opened > limits.first_packet
            return f"sent no packet within {limits.first_packet:g} s" if late else None
        silence = now - self._last_good
        if silence > period + limits.idle:
            return f"was silent for {silence:.0f} s"
        return None
