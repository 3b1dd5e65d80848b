"""All incidents that are worked on, kept on disk and shown: once per slice of messages."""

from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType
from typing import Protocol

from embereye.model.ids import IncidentId
from embereye.model.incident import Incident, IncidentState, IncidentTable, Member
from embereye.model.messages import TableChanged
from embereye.rules.incident_score import LevelLimits
from embereye.runtime.engine import Engine
from embereye.services.incident_case import Case

CLOSED = 500  # newest closed ones in memory and on the screen; all others are on disk
_SAVE_SEEN = 5  # looks (1 s each) between writes of what cameras saw


class IncidentStore(Protocol):
    """Where incidents are kept; `storage.incidents.IncidentStore`. Returns at once."""

    def save(self, incident: Incident, joined: Iterable[Member] = ()) -> None:
        """Store it, with members that are new or more urgent, and its newest note."""

    def save_seen(self, incidents: Iterable[Incident]) -> None:
        """Store what cameras saw meanwhile; may be dropped."""


class IncidentBoard:
    """Keeps the cases, and replaces `current`. Engine thread; `current` any thread.

    Attributes:
        limits: By which levels are derived.
    """

    def __init__(
        self, engine: Engine, publish: Callable[[object], None], store: IncidentStore
    ) -> None:
        self.current = IncidentTable()
        self.limits = LevelLimits()
        self._engine, self._publish, self._store = engine, publish, store
        self._cases: dict[IncidentId, Case] = {}
        self._changed: set[IncidentId] = set()
        self._seen: set[IncidentId] = set()
        self._unsaved_seen: set[IncidentId] = set()
        self._looks = 0
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
        """Store it and show it after this slice of messages."""
        self._changed.add(case.group.number)

    def note_seen(self, case: Case) -> None:
        """A camera saw something of it; shown with the next look, stored now and then."""
        self._seen.add(case.group.number)

    def look(self) -> None:
        """Each second: show what cameras saw."""
        self._looks += 1
        seen, self._seen = self._seen - self._changed, set()
        for case in self._shown(seen):
            case.freeze(self.limits)
            self._unsaved_seen.add(case.group.number)
        if self._looks % _SAVE_SEEN == 0 and self._unsaved_seen:
            waiting, self._unsaved_seen = self._unsaved_seen, set()
            self._store.save_seen([c.frozen for c in self._shown(waiting) if c.frozen is not None])
        if seen:
            self._show()

    def flush(self) -> None:
        """Store and show what changed."""
        if not self._changed:
            return
        changed, self._changed = self._changed, set()
        self._unsaved_seen -= changed
        for case in self._shown(changed):
            incident = case.freeze(self.limits)
            joined, case.unsaved = tuple(case.unsaved.values()), {}
            self._store.save(incident, joined)
        self._show()

    def show_all(self) -> None:
        """Derive everything anew: the limits are others, or the program starts."""
        for case in self._cases.values():
            if case.group.shown:
                case.freeze(self.limits)
        self._show()

    def _shown(self, numbers: Iterable[IncidentId]) -> list[Case]:
        cases = (self._cases.get(number) for number in sorted(numbers))
        return [case for case in cases if case is not None and case.group.shown]

    def _show(self) -> None:
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
