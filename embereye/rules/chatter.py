"""Causes that come and go in seconds: their end is waited for, so that one alarm stays one."""

from dataclasses import dataclass, field
from enum import Enum

from embereye.model.alarm import AlarmKey

_WINDOW = 60.0  # s; an alarm that starts three times in it chatters (alarm design, KPIs)
_SECOND = 10.0  # s that a cause must be gone after its second start
_THIRD = 60.0  # s, after the third: as long as the window, so that a chattering one stays one
_CHATTERS = 3  # starts
_KEPT = 10_000  # keys remembered; more than any flood has within the window


class _Raw(Enum):
    """What was reported last, whatever the alarm shows."""

    ACTIVE = "active"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class _Memory:
    raw: _Raw = _Raw.CLEAR
    starts: list[float] = field(default_factory=list)
    chattering: bool = False


class Chatter:
    """Counts how often the cause of each key starts. Times in monotonic seconds."""

    def __init__(self) -> None:
        self._memories: dict[AlarmKey, _Memory] = {}

    def active(self, key: AlarmKey, now: float) -> bool:
        """Take that the cause is there; True when it chatters."""
        memory = self._memories.get(key) or _Memory()
        if memory.raw is _Raw.CLEAR:
            self._newest(key, memory)
            recent = [start for start in memory.starts if now - start < _WINDOW]
            memory.starts = [*recent, now][-_CHATTERS:]
            memory.chattering |= len(memory.starts) >= _CHATTERS
        memory.raw = _Raw.ACTIVE
        return memory.chattering

    def cleared(self, key: AlarmKey, now: float) -> float:
        """Take that the cause is gone; how long it must stay so until that counts, s."""
        memory = self._memories.get(key)
        if memory is None:
            return 0.0
        memory.raw = _Raw.CLEAR
        if memory.chattering:
            return _THIRD
        recent = sum(now - start < _WINDOW for start in memory.starts)
        return _SECOND if recent > 1 else 0.0

    def unknown(self, key: AlarmKey) -> None:
        """Take that nobody knows; what comes back from there did not start anew."""
        if key in self._memories:
            self._memories[key].raw = _Raw.UNKNOWN

    def ended(self, key: AlarmKey) -> None:
        """The end counted: it chatters no more. Its newest starts still count."""
        memory = self._memories.get(key)
        if memory is not None:
            memory.raw, memory.chattering = _Raw.CLEAR, False

    def _newest(self, key: AlarmKey, memory: _Memory) -> None:
        """Remember it; forget the one that started longest ago when there are too many."""
        self._memories.pop(key, None)
        self._memories[key] = memory
        if len(self._memories) > _KEPT:
            del self._memories[next(iter(self._memories))]
