"""The open alarms: one per key, handled by operators, never lost and never hidden."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Protocol

from embereye.config.schema import Alarms as AlarmSection
from embereye.config.schema import Settings
from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Cause,
    Overlay,
    OverlayKind,
    Report,
    Scope,
)
from embereye.model.messages import StorageChanged
from embereye.rules.escalation import EscalationTimes
from embereye.rules.overlays import EXPIRED, OverlayIndex
from embereye.runtime.engine import Engine
from embereye.services.access import Access
from embereye.services.alarm_board import AlarmBoard
from embereye.services.alarm_causes import AlarmCauses
from embereye.services.alarm_escalation import RESTORED, AlarmEscalation
from embereye.services.alarm_handling import AlarmHandling
from embereye.services.alarm_notes import AlarmNotes
from embereye.services.alarm_overlays import Overlays
from embereye.services.alarm_shelving import AlarmShelving
from embereye.services.commits import AlarmStore, Commits
from embereye.services.open_alarms import Happening, OpenAlarms
from embereye.services.overlay_commits import OverlayCommits, OverlayStore
from embereye.services.sessions import Sessions

_SOURCE_FAULTS = (AlarmKind.CAMERA_FAULT, AlarmKind.DEVICE_FAULT)
_SETTLE = 60.0  # s after a start; what still fails then has been reported again


class Store(AlarmStore, OverlayStore, Protocol):
    """Where alarms and overlays are kept."""


class Alarms:
    """Raises, merges, covers, ends and restores alarms. Engine thread; `current` from any thread.

    Handles what people ask (`model.alarm_messages`, AcknowledgeAsked, ResetAsked, SilenceAsked)
    and StorageChanged; publishes AlarmChanged, SilenceChanged, TableChanged ("alarms": overlays)
    and RequestRefused, after `current` holds what they tell.

    Args:
        section: The settings of alarms.
        access: Who may do what; None: as the settings are without a file.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        store: Store,
        section: AlarmSection | None = None,
        access: Access | None = None,
    ) -> None:
        section = section or AlarmSection()
        deadline = section.announce_deadline
        self._engine = engine
        self._store = store
        self._sessions = Sessions(section.merge_window)
        self._board = AlarmBoard(engine, publish, self._all_recorded)
        self._commits = Commits(engine, store, self._board.show, deadline)
        self._overlay_commits = OverlayCommits(engine, store, self._board, deadline)
        index = OverlayIndex()
        self._open = OpenAlarms(
            engine.clock,
            self._board,
            self._commits,
            self._sessions,
            index,
            access or Access(Settings),
        )
        self._causes = AlarmCauses(engine, store, self._open)
        self._overlays = Overlays(engine, index, self._open, self._overlay_commits)
        self._escalation = AlarmEscalation(engine, self._open, _times(section))
        AlarmHandling(engine, self._open, self._causes)
        AlarmNotes(engine, self._open)
        self._shelving = AlarmShelving(engine, self._open, self._overlays, section.shelve_most)
        engine.on(StorageChanged, self._storage_changed)

    @property
    def current(self) -> AlarmTable:
        """All open alarms as they are shown; a frozen snapshot for any thread."""
        return self._board.current

    @property
    def open(self) -> tuple[Alarm, ...]:
        """All open alarms, also what waits for its commit and is not shown yet. Engine thread."""
        return tuple(self._open)

    @property
    def all_recorded(self) -> bool:
        """Whether the disk has all that happened. Engine thread."""
        return self._commits.idle and self._overlay_commits.idle

    def restore(self, *, watched: bool = True) -> tuple[Alarm, ...]:
        """Bring back alarms with their states, and overlays; what caused them is unknown now.

        Before the engine runs, after the store can be read. Those that call are announced.

        Args:
            watched: False where nobody sees or hears of it (a command): nothing is announced, and
                no alarm escalates.
        """
        records = self._overlays.load()
        rows = self._store.load_open()
        kept = {row.key: row for row in sorted(rows, key=_importance)}
        for row in rows:
            if row is not kept[row.key]:  # the row of its end was refused: nobody could close it
                self._open.change(replace(row, state=AlarmState.NORMAL), row, Happening(RESTORED))
        for row in rows:
            if row is kept[row.key]:
                self._restore(row, watched)
        self._overlays.go_on(records)
        self._board.flush()
        if watched:
            self._engine.call_later(_SETTLE, self._causes.end_unknown_faults)
        return self.current.alarms

    def _restore(self, stored: Alarm, watched: bool) -> None:
        alarm = replace(stored, cause=Cause.UNKNOWN, recorded=True, chattering=False)
        cover = self._open.cover_of(alarm)
        self._sessions.restored(alarm, self._engine.clock.now())
        if stored.overlay is not None and cover is None:
            # The last run was killed between the end of its cover and what follows from that;
            # by this event people outside are told as well.
            ended = Happening(EXPIRED[stored.overlay.kind])
            self._board.put(self._open.lay(alarm, ended))
            return
        alarm = replace(alarm, overlay=cover)
        self._open.keep(alarm)
        self._board.put(alarm)
        if watched:
            what = Happening(RESTORED, announced=alarm.unacknowledged)
            self._open.change(alarm, stored, what)

    def ask(self, request: object) -> str:
        """Do at once what is asked; why it is refused, in words, or "". In a handler only."""
        self._open.refused = ""
        self._engine.hand_on(request)
        return self._open.refused

    def report(self, report: Report) -> None:
        """Take the rules' verdict on one key, or a service's on one of its faults."""
        self._causes.report(report)

    def suppress(self, scope: Scope, reason: str, on: bool) -> None:
        """Suppress by design what a scope covers while a condition holds; `reason` names it.

        Say it at each change, and once after a start: what is not said again within 60 s ends.
        An emergency is never suppressed.
        """
        self._overlays.suppress(scope, reason, on)

    def cover(self, overlay: Overlay) -> None:
        """Put an overlay in force that a service answers for (walk test).

        It lasts `until_utc - since_utc` seconds, whatever is done to the wall clock meanwhile,
        and takes the place of one of the same kind and scope.

        Raises:
            ValueError: It would never end.
        """
        if overlay.until_utc is None:
            raise ValueError(f"{overlay.kind.value} without an end")
        self._overlays.begin(overlay)

    def uncover(self, kind: OverlayKind, scope: Scope, by: str) -> bool:
        """End an overlay early; False where there is none with exactly this scope."""
        return self._overlays.end(kind, scope, by)

    def keep_faults(self, keys: Collection[AlarmKey]) -> None:
        """End the faults of cameras and devices under any other key.

        Call after `restore` and after each change of the settings with the keys of all cameras and
        devices that are switched on, at their present place: nobody would ever report on a source
        again that is gone, switched off or elsewhere.
        """
        now = self._engine.clock.now()
        for alarm in self._open:
            gone = alarm.key.kind in _SOURCE_FAULTS and alarm.key not in keys
            if gone and alarm.cause is not Cause.CLEAR:
                self._causes.end(alarm, alarm.reasons, now)

    def adjust(self, section: AlarmSection) -> None:
        """Follow changed settings."""
        self._sessions.window = section.merge_window
        self._commits.deadline = section.announce_deadline
        self._overlay_commits.deadline = section.announce_deadline
        self._shelving.longest = section.shelve_most
        self._escalation.adjust(_times(section))

    def _all_recorded(self) -> bool:
        return self._commits.all_recorded and self._overlay_commits.all_recorded

    def _storage_changed(self, message: StorageChanged) -> None:
        self._board.writable = message.usable
        self._board.refresh()


def _importance(alarm: Alarm) -> tuple[bool, int, int]:
    """The highest goes on where two are open under one key."""
    return alarm.unacknowledged, alarm.priority, alarm.id


def _times(section: AlarmSection) -> EscalationTimes:
    return EscalationTimes(section.escalate_after, section.escalate_again)
