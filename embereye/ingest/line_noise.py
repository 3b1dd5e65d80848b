"""Wrong codes on a connection that is a device's: noise of its line, or somebody in between. Pure.

A bit that flips on a serial line leaves a packet with the right form and a wrong code. A device
that goes on proving itself is honest, and a line that damages 5 % of the packets is nothing that
security has to look at; the packets are counted as unusable in any case.
"""

_BURST = 5.0  # wrong codes; with 5 % damaged at 30 packets/min exceeded about once in two weeks
_FORGIVES = 0.2  # wrong codes that a genuine packet makes up for: a share above 1/6 is no noise


class LineNoise:
    """Counts the wrong codes of one proven connection. One thread."""

    def __init__(self) -> None:
        self._level = 0.0
        self._untold = 0

    def genuine(self) -> None:
        """A packet had the right code."""
        self._level = max(0.0, self._level - _FORGIVES)
        if not self._level:
            self._untold = 0

    def wrong(self) -> int:
        """A packet had a wrong one; how many are to be told as forged now, 0: it may be noise."""
        self._level = min(self._level + 1.0, 2.0 * _BURST)
        self._untold += 1
        if self._level <= _BURST:
            return 0
        told, self._untold = self._untold, 0
        return told
