"""Overlays are committed before they are shown, but never held back by a disk that fails."""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from embereye.model.alarm import Overlay
from embereye.model.messages import TableChanged
from embereye.model.overlay_record import OverlayRecord
from embereye.runtime.engine import Engine
from embereye.services.alarm_board import AlarmBoard
from embereye.services.commits import Done

_log = logging.getLogger(__name__)


class OverlayStore(Protocol):
    """Where overlays are kept."""

    def load_overlays(self) -> tuple[OverlayRecord, ...]:
        """Every overlay in force, oldest first. Before the engine runs."""

    def next_overlay(self) -> int:
        """A number that no overlay of this data directory ever had. Engine thread."""

    def save_overlay(self, record: OverlayRecord, done: Done) -> None:
        """Store an overlay, what became of it, or its end; like `AlarmStore.save`."""


@dataclass(slots=True, eq=False)
class _Pending:
    record: OverlayRecord
    saved: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class _OverlaySaved:
    pending: _Pending
    error: Exception | None


class OverlayCommits:
    """Stores overlays; shows each once it is committed, at most `deadline` s later. Engine thread.

    What is written first is committed first, also of alarms: an alarm that is shown as covered has
    its overlay on the disk.

    Attributes:
        deadline: Seconds that a change waits for its commit.
    """

    def __init__(
        self, engine: Engine, store: OverlayStore, board: AlarmBoard, deadline: float
    ) -> None:
        self.deadline = deadline
        self._engine = engine
        self._store = store
        self._board = board
        self._shown: dict[int, Overlay] = {}
        self._unrecorded: set[_Pending] = set()
        self._waiting = 0
        engine.on(_OverlaySaved, self._on_saved)

    @property
    def all_recorded(self) -> bool:
        """Whether everything that is shown is on the disk."""
        return not self._unrecorded

    @property
    def idle(self) -> bool:
        """Whether everything is on the disk, also what is not shown yet."""
        return not self._unrecorded and self._waiting == 0

    def load(self) -> tuple[OverlayRecord, ...]:
        """Those in force when the last run ended; they are shown."""
        records = self._store.load_overlays()
        self._shown = {record.number: record.overlay for record in records}
        self._board.overlays = tuple(self._shown.values())
        self._board.refresh()
        return records

    def next(self) -> int:
        """A number for a new overlay."""
        return self._store.next_overlay()

    def submit(self, record: OverlayRecord) -> None:
        """Store this version, then show it."""
        pending = _Pending(record)
        self._waiting += 1
        self._store.save_overlay(record, partial(self._done, pending))
        self._engine.call_later(self.deadline, partial(self._show, pending))

    def _done(self, pending: _Pending, error: Exception | None) -> None:
        self._engine.post(_OverlaySaved(pending, error))

    def _on_saved(self, message: _OverlaySaved) -> None:
        pending = message.pending
        if message.error is not None:
            number = pending.record.number
            _log.error("overlay %d is not recorded: %s", number, message.error)
        else:
            pending.saved = True
            # It is the whole row: what was refused before it matters no more.
            number = pending.record.number
            self._unrecorded = {one for one in self._unrecorded if one.record.number != number}
            self._board.refresh()
        self._show(pending)

    def _show(self, pending: _Pending) -> None:
        if pending.shown:
            return
        pending.shown = True
        self._waiting -= 1
        record = pending.record
        if not pending.saved:
            self._unrecorded.add(pending)
        if record.end:
            self._shown.pop(record.number, None)
        else:
            self._shown[record.number] = record.overlay
        self._board.overlays = tuple(self._shown.values())
        self._board.tell(TableChanged("alarms", self._engine.clock.now()))
