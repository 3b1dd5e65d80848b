"""What everybody sees of the alarms: the table, the silence, the messages about both."""

from collections.abc import Callable

from embereye.model.alarm import Alarm, AlarmTable, Overlay
from embereye.model.messages import AlarmChanged, SilenceAsked, SilenceChanged
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine, Timer
from embereye.services.alarm_order import AlarmOrder

_SHORTEST, _LONGEST = 30.0, 600.0  # s of silence (alarm design)


class AlarmBoard:
    """Collects changes and publishes them once per slice of messages, in order. Engine thread.

    Attributes:
        current: Replaced before the messages about it are published; readable from any thread.
        writable: Whether the disk takes alarms; set by the owner.
        overlays: Those in force as they are shown; set by the owner, then `refresh` or `tell`.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        all_recorded: Callable[[], bool],
    ) -> None:
        self.current = AlarmTable()
        self.writable = True
        self.overlays: tuple[Overlay, ...] = ()
        self._engine = engine
        self._publish = publish
        self._all_recorded = all_recorded
        self._order = AlarmOrder()
        self._outgoing: list[object] = []
        self._dirty = False
        self._silenced_until: float | None = None
        self._timer: Timer | None = None
        engine.after_step(self.flush)

    def put(self, alarm: Alarm) -> None:
        """Show an alarm without a message."""
        self._order.put(alarm)
        self._dirty = True

    def show(self, alarm: Alarm, announced: bool, origin: Stamp | None) -> None:
        """Show a change; an announced one ends the silence."""
        self.put(alarm)
        self.tell(AlarmChanged(alarm, announced, origin, self._engine.clock.now()))
        if announced:
            self._end_silence("system")

    def tell(self, message: object) -> None:
        """Publish a message after the changes that came before it."""
        self._outgoing.append(message)
        self._dirty = True

    def refresh(self) -> None:
        """Make a new table even though no alarm changed."""
        self._dirty = True

    def silence(self, asked: SilenceAsked) -> str:
        """Turn the sound off for a while; the reason, in words, when that is refused."""
        if not _SHORTEST <= asked.seconds <= _LONGEST:
            return f"Silence lasts {_SHORTEST:.0f} to {_LONGEST:.0f} seconds. Choose one of these."
        now = self._engine.clock.now()
        self._silenced_until = now.mono + asked.seconds
        self._cancel()
        self._timer = self._engine.call_later(asked.seconds, self._silence_over)
        self.tell(SilenceChanged(self._silenced_until, asked.actor, now))
        return ""

    def flush(self) -> None:
        """Replace `current`, then publish what led to it."""
        if not self._dirty:
            return
        self._dirty = False
        self.current = AlarmTable(
            self.current.revision + 1,
            self._order.alarms(),
            self._silenced_until,
            self.writable and self._all_recorded(),
            self.overlays,
        )
        outgoing, self._outgoing = self._outgoing, []
        try:
            while outgoing:
                self._publish(outgoing.pop(0))
        finally:  # a bug in whoever takes one message must not lose those behind it
            if outgoing:
                self._outgoing = outgoing + self._outgoing
                self._dirty = True

    def _silence_over(self) -> None:
        self._end_silence("system")

    def _end_silence(self, actor: str) -> None:
        if self._silenced_until is None:
            return
        self._silenced_until = None
        self._cancel()
        self.tell(SilenceChanged(None, actor, self._engine.clock.now()))

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
