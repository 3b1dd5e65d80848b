"""All incidents that are worked on, kept on disk and shown; a flood is shown in steps."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Protocol

from embereye.model.ids import IncidentId
from embereye.model.incident import Incident, IncidentState, IncidentTable, Member
from embereye.model.messages import TableChanged
from embereye.rules.incident_score import LevelLimits
from embereye.runtime.engine import Engine
from embereye.services.incident_case import Case

CLOSED = 500  # newest closed ones in memory and on the screen; all others are on disk
_SAVE_SEEN = 5  # looks (1 s each) between writes of what may be lost: words, counts, last times
# s between two snapshots: one of 3,000 incidents takes 4 ms, and 500 alarms may change a second
_PAUSE = 0.1


class IncidentStore(Protocol):
    """Where incidents are kept; `storage.incidents.IncidentStore`. Returns at once."""

    def save(self, incident: Incident, joined: Iterable[Member] = ()) -> None:
        """Store it, with members that are new or more urgent, and its newest note."""

    def adopt(self, incidents: Sequence[Incident]) -> None:
        """Store many that were made of old alarms, behind everything urgent."""

    def save_seen(self, incidents: Iterable[Incident]) -> None:
        """Store what alarms and cameras said meanwhile; may be dropped."""


class IncidentBoard:
    """Keeps the cases, replaces `current`, and publishes TableChanged("incidents").

    Engine thread; `current` any thread.

    Attributes:
        limits: By which levels are derived.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        store: IncidentStore,
        pause: float = _PAUSE,
    ) -> None:
        """`pause`: seconds between two snapshots."""
        self.current = IncidentTable()
        self.limits = LevelLimits()
        self._engine, self._publish, self._store = engine, publish, store
        self._cases: dict[IncidentId, Case] = {}
        self._changed: set[IncidentId] = set()
        self._fresh: set[IncidentId] = set()
        self._seen: set[IncidentId] = set()
        self._unsaved: set[IncidentId] = set()
        self._looks, self._pause = 0, pause
        self._stale = self._waiting = False
        self._shown_at = float("-inf")
        engine.after_step(self.flush)

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases.values())

    def case(self, number: IncidentId) -> Case | None:
        """The case with this number, also one that is not shown yet."""
        return self._cases.get(number)

    def add(self, case: Case) -> None:
        """Keep a new case; it is shown when it changes."""
        self._cases[case.group.number] = case

    def change(self, case: Case) -> None:
        """Store it after this slice of messages, and show it soon."""
        self._changed.add(case.group.number)

    def freshen(self, case: Case) -> None:
        """Show it soon; what is new about it may be stored later."""
        self._fresh.add(case.group.number)

    def note_seen(self, case: Case) -> None:
        """A camera saw something of it; shown with the next look, stored later."""
        self._seen.add(case.group.number)

    def look(self) -> None:
        """Each second: show what cameras saw; now and then store it."""
        self._looks += 1
        self._fresh |= self._seen
        self._seen = set()
        if self._looks % _SAVE_SEEN == 0 and self._unsaved:
            waiting, self._unsaved = self._unsaved, set()
            cases = self._shown(waiting)
            if cases:
                self._store.save_seen([case.freeze(self.limits) for case in cases])
                self._stale = True

    def flush(self) -> None:
        """Store what changed; show it, unless that was done a moment ago."""
        changed, self._changed = self._changed, set()
        for case in self._shown(changed):
            incident = case.freeze(self.limits)
            joined, case.unsaved = tuple(case.unsaved.values()), {}
            self._store.save(incident, joined)
            self._stale = True
        self._fresh -= changed
        self._unsaved -= changed
        if (self._fresh or self._stale) and not self._waiting:
            rest = self._shown_at + self._pause - self._engine.clock.mono()
            if rest <= 0:
                self._show()
            else:
                self._waiting = True
                self._engine.call_later(rest, self._show)

    def begin(self) -> None:
        """Show what an earlier run left; store what was made of its alarms at this start."""
        adopted, self._changed = self._shown(self._changed), set()
        self.show_all()
        self._store.adopt([case.frozen for case in adopted if case.frozen is not None])
        for case in adopted:
            case.unsaved = {}

    def show_all(self) -> None:
        """Derive everything anew, since the limits are others."""
        for case in self._cases.values():
            if case.group.shown:
                case.freeze(self.limits)
        self._show()

    def _shown(self, numbers: Iterable[IncidentId]) -> list[Case]:
        cases = (self._cases.get(number) for number in sorted(numbers))
        return [case for case in cases if case is not None and case.group.shown]

    def _show(self) -> None:
        self._waiting = self._stale = False
        self._shown_at = self._engine.clock.mono()
        fresh, self._fresh = self._fresh, set()
        for case in self._shown(fresh):
            case.freeze(self.limits)
            self._unsaved.add(case.group.number)
        self._drop_old()
        listed = [case.frozen for case in self._cases.values() if case.frozen is not None]
        listed.sort(key=_order)
        by_alarm = {member.alarm: one.id for one in listed for member in one.members}
        revision = self.current.revision + 1
        self.current = IncidentTable(revision, tuple(listed), MappingProxyType(by_alarm))
        self._publish(TableChanged("incidents", self._engine.clock.now()))

    def _drop_old(self) -> None:
        closed = [c for c in self._cases.values() if c.state is IncidentState.CLOSED]
        if len(closed) <= CLOSED:
            return
        closed.sort(key=lambda case: case.last_utc)
        for case in closed[: len(closed) - CLOSED]:
            if case.group.ended:
                del self._cases[case.group.number]


def _order(incident: Incident) -> tuple[bool, float, float]:
    """Not closed first, highest score first, newest first; closed ones newest first."""
    closed = incident.state is IncidentState.CLOSED
    return (closed, 0.0 if closed else -incident.score, -incident.last_utc)
