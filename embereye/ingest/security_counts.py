"""Security events of peers: the first at once, then counted, so that a flood fills no table."""

from dataclasses import replace

from embereye.model.messages import SecurityEvent
from embereye.model.security import SecurityKind

_APART = 10.0  # s between two events of one address and kind at first; doubled each time …
_LONGEST = 600.0  # s … up to this: an attack of a day makes 150 rows of the audit, which keeps all
_FORGOTTEN = 60.0  # s without another one, at least
_MOST = 1000  # addresses and kinds at once; the rest is counted together
_AT_ONCE = 50.0  # new addresses and kinds told on their own …
_ANOTHER = 10.0  # s … and another one each: a network of invented addresses makes 8,640 a day
_OTHERS = "other addresses"


class _Count:
    __slots__ = ("gap", "newest", "told", "waiting")

    def __init__(self, newest: SecurityEvent) -> None:
        self.newest = newest
        self.told = newest.at.mono
        self.waiting = 0
        self.gap = _APART


class SecurityCounts:
    """Counts by address and kind; no event is left out of the sum. Monotonic s; one thread."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, SecurityKind], _Count] = {}
        self._room = _AT_ONCE
        self._filled = 0.0

    def note(self, event: SecurityEvent, out: list[object]) -> None:
        """Append the event to `out`, or only count it."""
        if (event.address, event.kind) not in self._counts and not self._new(event.at.mono):
            event = replace(event, subject=f"address:{_OTHERS}", address=_OTHERS)
        key = (event.address, event.kind)
        count = self._counts.get(key)
        if count is None:
            self._counts[key] = _Count(event)
            out.append(event)
            return
        if count.waiting and count.newest.subject != event.subject:
            event = replace(event, subject=f"address:{event.address}")  # several, in one sum
        count.newest = event
        count.waiting += event.count
        self._tell(count, event.at.mono, out)

    def flush(self, now: float, out: list[object]) -> None:
        """Append what was counted and is due; about once a second."""
        for key, count in list(self._counts.items()):
            self._tell(count, now, out)
            if not count.waiting and now - count.told > max(_FORGOTTEN, count.gap):
                del self._counts[key]

    def close(self, out: list[object]) -> None:
        """Append all that was counted, and begin anew."""
        out.extend(_summed(count) for count in self._counts.values() if count.waiting)
        self._counts.clear()

    def _new(self, now: float) -> bool:
        """Whether one more address is counted on its own."""
        self._room = min(_AT_ONCE, self._room + max(0.0, now - self._filled) / _ANOTHER)
        self._filled = now
        if self._room < 1.0 or len(self._counts) >= _MOST:
            return False
        self._room -= 1.0
        return True

    def _tell(self, count: _Count, now: float, out: list[object]) -> None:
        if count.waiting and now - count.told >= count.gap:
            count.told = now
            count.gap = min(_LONGEST, 2.0 * count.gap)
            out.append(_summed(count))


def _summed(count: _Count) -> SecurityEvent:
    event = replace(count.newest, count=count.waiting)
    count.waiting = 0
    return event
