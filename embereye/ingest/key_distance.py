"""How far apart the key frames of a stream are, and whether the next one still comes."""

_NO_KEYS = 300  # packets without a key frame: a stream with intra refresh, decode it anyway
# Beyond the longer one of the last two distances: encoders that begin anew at each change of the
# scene are irregular, and halves of one key frame are told apart by nothing.
_OVERDUE = 1.5


class KeyDistance:
    """Follows the packets of one stream. One thread.

    Attributes:
        since: Packets since the last key frame.
        packets: Packets from the last key frame but one to the last, None until both came.
    """

    def __init__(self) -> None:
        self.since = 0
        self.packets: int | None = None
        self._before = 0  # packets; the distance before that one
        self._begun = False
        self._stamp: int | None = None  # ticks; of the last key frame
        self._ticks = self._ticks_before = 0  # as `packets` and `_before`; 0: unknown

    @property
    def until(self) -> int | None:
        """Packets until the next key frame, by the distance of the last two; None: unknown."""
        return None if self.packets is None else max(0, self.packets - self.since)

    @property
    def keyless(self) -> bool:
        """Whether no key frame is to be expected; some cameras send one in 20 s."""
        return self.since > max(_NO_KEYS, 2 * (self.packets or 0))

    def note(self, stamp: int | None, *, key: bool) -> None:
        """Another packet, stamped `stamp` (ticks, or None); `key`: a key frame begins."""
        self.since += 1
        if not key:
            return
        if self._begun:
            self._before, self.packets = self.packets or 0, self.since
            known = stamp is not None and self._stamp is not None
            ticks = stamp - self._stamp if known else 0  # type: ignore[operator]
            self._ticks_before, self._ticks = self._ticks, max(0, ticks)
        self._begun, self.since, self._stamp = True, 0, stamp

    def overdue(self, stamp: int | None) -> bool:
        """Whether a key frame should have come before the packet stamped `stamp`.

        A stream in which that happens sends them less often from now on, or is no video any more.
        """
        if self.packets is None or self.keyless:
            return False
        if self.since > _OVERDUE * max(self.packets, self._before):
            return True
        span = max(self._ticks, self._ticks_before)
        if stamp is None or self._stamp is None or not span:
            return False
        return stamp - self._stamp > _OVERDUE * span
