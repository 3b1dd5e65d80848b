"""Security events of peers: the first at once, then counted, so that a flood fills no table."""

from dataclasses import replace

from embereye.model.messages import SecurityEvent
from embereye.model.security import SecurityKind

_APART = 10.0  # s between two events of one address and kind
_FORGOTTEN = 60.0  # s without another one
_MOST = 1000  # addresses and kinds at once; the rest is counted together
_OTHERS = "other addresses"


class _Count:
    __slots__ = ("newest", "told", "waiting")

    def __init__(self, newest: SecurityEvent) -> None:
        self.newest = newest
        self.told = newest.at.mono
        self.waiting = 0


class SecurityCounts:
    """Counts by address and kind; no event is left out of the sum. Monotonic s; one thread."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, SecurityKind], _Count] = {}

    def note(self, event: SecurityEvent, out: list[object]) -> None:
        """Append the event to `out`, or only count it."""
        address = event.address
        if len(self._counts) >= _MOST and (address, event.kind) not in self._counts:
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
            if not count.waiting and now - count.told > _FORGOTTEN:
                del self._counts[key]

    def close(self, out: list[object]) -> None:
        """Append all that was counted, and begin anew."""
        out.extend(_summed(count) for count in self._counts.values() if count.waiting)
        self._counts.clear()

    def _tell(self, count: _Count, now: float, out: list[object]) -> None:
        if count.waiting and now - count.told >= _APART:
            count.told = now
            out.append(_summed(count))


def _summed(count: _Count) -> SecurityEvent:
    event = replace(count.newest, count=count.waiting)
    count.waiting = 0
    return event
