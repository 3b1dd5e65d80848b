"""The one thread that owns all operational state."""

import heapq
import itertools
import logging
from collections.abc import Callable, Iterable
from math import inf
from threading import Event
from typing import Any, TypeVar

from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox

_log = logging.getLogger(__name__)
M = TypeVar("M")

_CAPACITY = 20_000  # messages; 0.4 s of the highest load (50,000 packets/s)
_SLICE = 2_000  # messages between two looks at the timers: about 20 ms of work
_IDLE = 0.5  # s; longest sleep, so that a stop is seen soon


class Timer:
    """A call in the future; `cancel()` makes it a no-op. Engine thread only."""

    __slots__ = ("action", "cancelled", "period")

    def __init__(self, action: Callable[[], None], period: float | None) -> None:
        self.action = action
        self.period = period
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Engine:
    """Runs message handlers and timers, one after the other, in one thread.

    `post`, `post_many` and `mailbox` may be used from any thread; everything else before `run`
    or inside a handler. A handler that raises is logged with a traceback and reported to
    `on_bug`; the engine goes on, since the next message may be a fire.

    The mailbox never drops. Senders of bulk data look at `congested` and hold back (TCP
    back-pressure) until `mailbox.when_below` calls them.
    """

    def __init__(self, clock: Clock, on_bug: Callable[[str], None] | None = None) -> None:
        self.clock = clock
        self.mailbox: Mailbox[object] = Mailbox(_CAPACITY, Full.GROW)
        self.handled = 0
        self._handlers: dict[type, list[Callable[[Any], None]]] = {}
        self._after_step: list[Callable[[], None]] = []
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._on_bug = on_bug
        self._reported: set[str] = set()

    @property
    def congested(self) -> bool:
        """Whether bulk senders should pause: half of the capacity waits."""
        return len(self.mailbox) > _CAPACITY // 2

    @property
    def next_due(self) -> float:
        """When the next timer is due, monotonic seconds; infinite without one. Engine thread."""
        return self._timers[0][0] if self._timers else inf

    def on(self, kind: type[M], handler: Callable[[M], None]) -> None:
        """Call `handler` for each message of exactly this type, in order of subscription."""
        self._handlers.setdefault(kind, []).append(handler)

    def post(self, message: object) -> None:
        """Hand a message to the engine; never blocks, never drops. Any thread."""
        self.mailbox.put(message)

    def post_many(self, messages: Iterable[object]) -> None:
        """Hand over several messages with one wake-up. Any thread."""
        self.mailbox.put_many(messages)

    def hand_on(self, message: object) -> None:
        """Let the handlers of a message run now: what one handler made of another message.

        Inside a handler only; nothing that was posted meanwhile comes in between.
        """
        self._handle(message)

    def call_later(self, delay: float, action: Callable[[], None]) -> Timer:
        """Run `action` once in `delay` seconds."""
        return self._schedule(delay, Timer(action, None))

    def every(self, period: float, action: Callable[[], None]) -> Timer:
        """Run `action` each `period` seconds, first after one period; missed turns are skipped."""
        return self._schedule(period, Timer(action, period))

    def after_step(self, action: Callable[[], None]) -> None:
        """Run `action` after each slice of messages: publish once what changed many times."""
        self._after_step.append(action)

    def run(self, stop: Event) -> None:
        """Handle messages and timers until `stop` is set, then what is still waiting."""
        while not stop.is_set():
            self.step(self._wait())
        for _ in range(len(self.mailbox) // _SLICE + 1):  # not for ever: handlers may post more
            self.step(0.0)

    def step(self, timeout: float = 0.0) -> None:
        """Handle what waits now (or arrives within `timeout` s) and the timers that are due."""
        for message in self.mailbox.take_all(timeout, most=_SLICE):
            self._handle(message)
        self._run_timers()
        for action in self._after_step:
            self._guarded(action, "publishing changes")

    def _schedule(self, delay: float, timer: Timer) -> Timer:
        heapq.heappush(self._timers, (self.clock.mono() + delay, next(self._order), timer))
        return timer

    def _wait(self) -> float:
        return min(_IDLE, max(0.0, self.next_due - self.clock.mono()))

    def _handle(self, message: object) -> None:
        self.handled += 1
        for handler in self._handlers.get(type(message), ()):
            try:
                handler(message)
            except Exception:  # noqa: BLE001 - outermost loop: one bug must not stop all alarms
                self._report(f"handling {type(message).__name__}")

    def _run_timers(self) -> None:
        now = self.clock.mono()
        while self._timers and self._timers[0][0] <= now:
            due, _, timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            self._guarded(timer.action, "running a timer")
            if timer.period is not None and not timer.cancelled:
                following = max(due + timer.period, now)
                heapq.heappush(self._timers, (following, next(self._order), timer))

    def _guarded(self, action: Callable[[], None], doing: str) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 - as above
            self._report(doing)

    def _report(self, doing: str) -> None:
        _log.exception("bug while %s", doing)
        if self._on_bug is not None and doing not in self._reported:
            self._reported.add(doing)
            self._on_bug(doing)
