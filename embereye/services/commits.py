"""An alarm is committed before it is announced, but never hidden by a disk that fails."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from embereye.model.alarm import Alarm, AlarmAction
from embereye.model.ids import AlarmId
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine

_log = logging.getLogger(__name__)

Done = Callable[[Exception | None], None]


class AlarmStore(Protocol):
    """Where alarms are kept."""

    def load_open(self) -> tuple[Alarm, ...]:
        """Every alarm whose state is not NORMAL. Before the engine runs.

        `overlay` tells only whether one covered it at its last change.
        """

    def next_id(self) -> AlarmId:
        """A number that no alarm of this data directory ever had. Engine thread; never blocks."""

    def save(self, alarm: Alarm, action: AlarmAction, done: Done) -> None:
        """Store both (and what must be sent out) in one transaction, in the order of the calls.

        Never blocks, never raises. `done` is called once, from any thread: with None after the
        commit, with the reason when it will never be stored. While the disk fails it is not
        called; the store keeps the rows, in memory and in its journal, and tries again.
        """


@dataclass(slots=True, eq=False)
class Change:
    """One change of one alarm on its way to the disk and to the screen."""

    alarm: Alarm
    announced: bool
    origin: Stamp | None
    deadline: float
    saved: bool = False
    refused: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class _Saved:
    change: Change
    error: Exception | None


class Commits:
    """Holds each change back until it is committed, at most `deadline` s. Engine thread.

    Changes of one alarm are shown in their order. What was shown without being recorded is shown
    once more, with `recorded` set, as soon as it is.

    Attributes:
        deadline: Seconds that a change waits for its commit.

    Args:
        show: Called with the alarm (its `recorded` tells the truth), announced, and origin.
    """

    def __init__(
        self,
        engine: Engine,
        store: AlarmStore,
        show: Callable[[Alarm, bool, Stamp | None], None],
        deadline: float,
    ) -> None:
        self._engine = engine
        self._store = store
        self._show = show
        self.deadline = deadline
        self._waiting: dict[AlarmId, deque[Change]] = {}
        self._unrecorded: dict[AlarmId, Change] = {}  # the newest shown one of each alarm
        self._expiring: deque[Change] = deque()
        self._armed = False
        engine.on(_Saved, self._on_saved)

    @property
    def all_recorded(self) -> bool:
        """Whether everything that is shown is on the disk."""
        return not self._unrecorded

    @property
    def idle(self) -> bool:
        """Whether everything is on the disk, also what is not shown yet."""
        return not self._unrecorded and not self._waiting

    def announcing(self, alarm: AlarmId) -> bool:
        """Whether an announcement of this alarm is still on its way to the screen."""
        return any(change.announced for change in self._waiting.get(alarm, ()))

    def submit(
        self, alarm: Alarm, action: AlarmAction, announced: bool, origin: Stamp | None
    ) -> None:
        """Store one change, then show it."""
        due = self._engine.clock.mono() + self.deadline
        change = Change(alarm, announced, origin, due)
        self._waiting.setdefault(alarm.id, deque()).append(change)
        self._expiring.append(change)
        self._arm()
        self._store.save(alarm, action, partial(self._done, change))

    def _done(self, change: Change, error: Exception | None) -> None:
        self._engine.post(_Saved(change, error))

    def _on_saved(self, message: _Saved) -> None:
        change = message.change
        change.saved = message.error is None
        change.refused = message.error is not None
        if message.error is not None:
            _log.error("alarm %d is not recorded: %s", change.alarm.id, message.error)
        if change.shown:
            self._settle(change)
        else:
            self._show_ready(change.alarm.id)

    def _show_ready(self, alarm: AlarmId) -> None:
        queue = self._waiting[alarm]
        while queue and (queue[0].saved or queue[0].refused):
            self._show_next(alarm)

    def _show_next(self, alarm: AlarmId) -> None:
        queue = self._waiting[alarm]
        change = queue.popleft()
        if not queue:
            del self._waiting[alarm]
        change.shown = True
        if change.saved:  # in order: whatever came before it is settled, and it is the whole row
            self._unrecorded.pop(alarm, None)
        else:
            self._unrecorded[alarm] = change
        self._show(replace(change.alarm, recorded=change.saved), change.announced, change.origin)

    def _settle(self, change: Change) -> None:
        """Say that an alarm is recorded after all, once its newest shown change is."""
        alarm = change.alarm
        if change.saved and self._unrecorded.get(alarm.id) is change:
            del self._unrecorded[alarm.id]
            self._show(replace(alarm, recorded=True), False, None)

    def _arm(self) -> None:
        if not self._armed and self._expiring:
            self._armed = True
            delay = self._expiring[0].deadline - self._engine.clock.mono()
            self._engine.call_later(max(0.0, delay), self._expire)

    def _expire(self) -> None:
        self._armed = False
        now = self._engine.clock.mono()
        while self._expiring and (self._expiring[0].shown or self._expiring[0].deadline <= now):
            change = self._expiring.popleft()
            while not change.shown:
                self._show_next(change.alarm.id)
        self._arm()
