"""Which reports belong together: same key, within a window of the last report."""

from embereye.model.alarm import Alarm, AlarmKey
from embereye.model.stamp import Stamp

_KEPT = 10_000  # keys remembered; more than any flood has within one window


class Sessions:
    """Remembers the last report of each key. Engine thread; times in monotonic seconds.

    Fixed buckets would split one incident in two, so the window runs from the *last* report.

    Attributes:
        window: Seconds after the last report within which the next one belongs to it.
    """

    def __init__(self, window: float) -> None:
        self.window = window
        self._last: dict[AlarmKey, float] = {}
        self._closed: dict[AlarmKey, Alarm] = {}

    def note(self, key: AlarmKey, now: float) -> bool:
        """Take one report; True when it continues the session of the one before."""
        before = self._last.pop(key, None)
        self._last[key] = now  # newest at the end
        if len(self._last) > _KEPT:
            self._forget(next(iter(self._last)))
        return before is not None and now - before <= self.window

    def restored(self, alarm: Alarm, now: Stamp) -> None:
        """The last report of this alarm came in an earlier run."""
        self._last[alarm.key] = now.mono - max(0.0, now.utc - alarm.last_report_utc)

    def closed(self, alarm: Alarm, by_reset: bool) -> None:
        """The alarm was closed. After a reset the next report is a new alarm."""
        if by_reset:
            self._forget(alarm.key)
        else:
            self._closed[alarm.key] = alarm

    def reopened(self, key: AlarmKey, continues: bool) -> Alarm | None:
        """The closed alarm that a report of the same session brings back."""
        alarm = self._closed.pop(key, None)
        return alarm if continues else None

    def _forget(self, key: AlarmKey) -> None:
        self._last.pop(key, None)
        self._closed.pop(key, None)
