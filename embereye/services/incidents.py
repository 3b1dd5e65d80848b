"""Incidents: groups the alarms and detections of each place, and goes on after a restart."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from embereye.config.schema import Settings
from embereye.model.alarm import Alarm, AlarmState, Priority
from embereye.model.daily_test import CAMERA as SELF_TEST
from embereye.model.daily_test import is_test_place
from embereye.model.ids import AlarmId, IncidentId
from embereye.model.incident import Incident, IncidentState, IncidentTable
from embereye.model.messages import AlarmChanged
from embereye.model.sighting import Sighting
from embereye.model.stamp import Stamp
from embereye.rules.grouping import Group, Grouping, Terms
from embereye.rules.incident_score import LevelLimits
from embereye.runtime.engine import Engine
from embereye.services.incident_board import CLOSED, IncidentBoard
from embereye.services.incident_board import IncidentStore as BoardStore
from embereye.services.incident_case import Case, restored
from embereye.services.incident_evidence import labels_of
from embereye.services.places import Places, places_of

_log = logging.getLogger(__name__)

_LOOK = 1.0  # s between looks at what time changes
_NOBODY = "system"
_LONG_OVER = 7200.0  # s; twice the longest window
# Alarms that are worth a word of the language model at once: over a limit, fire, gas.
_CERTAIN = Priority.HIGH


class IncidentStore(BoardStore, Protocol):
    """`storage.incidents.IncidentStore`; reading is done before the engine runs."""

    def next_id(self) -> IncidentId:
        """A number that no incident ever had; after `load` it reads no disk."""

    def load(self, closed: int) -> tuple[Incident, ...]:
        """All that are not closed, and the newest `closed` ones."""

    def unlinked(self) -> tuple[Alarm, ...]:
        """Alarms that are in no incident."""


@dataclass(frozen=True, slots=True)
class IncidentSite:
    """What incidents need of the settings; a frozen view, replaced as a whole.

    Attributes:
        least: Confidence below which a detection is no reason for an incident, 0–1.
    """

    places: Places
    terms: Terms
    limits: LevelLimits
    least: float


class Incidents:
    """Groups what happens. Engine thread; `current` and `incident_of` from any thread.

    Handles Sighting; alarms are handed over with `take`.

    Attributes:
        board: The cases.
        ripened: Called with each case that became idle, or that began with something certain.
    """

    def __init__(
        self,
        engine: Engine,
        board: IncidentBoard,
        store: IncidentStore,
        site: IncidentSite,
    ) -> None:
        self.board = board
        self.ripened: Callable[[Case, bool], None] = _leave
        self._engine, self._store, self._site = engine, store, site
        self._grouping = Grouping(store.next_id, site.terms)
        self.board.limits = site.limits
        engine.on(Sighting, self._seen)
        engine.every(_LOOK, self.look)

    @property
    def current(self) -> IncidentTable:
        """All incidents as they are shown; a frozen snapshot for any thread."""
        return self.board.current

    def incident_of(self, alarm: AlarmId) -> IncidentId | None:
        """The incident of an alarm; None for one that is long over."""
        return self.board.current.by_alarm.get(alarm)

    def apply(self, site: IncidentSite) -> None:
        """Follow changed settings."""
        before, self._site = self._site, site
        self._grouping.terms = site.terms
        if before.limits != site.limits:
            self.board.limits = site.limits
            self.board.show_all()

    def restore(self) -> None:
        """Bring back the incidents of earlier runs; before the engine runs.

        One whose last event is within the window goes on. Alarms that are in none, since the
        program was killed or an older version raised them, are grouped now.
        """
        now = self._engine.clock.now()
        for incident in self._store.load(CLOSED):
            case = restored(incident, now.mono - max(0.0, now.utc - incident.last_utc))
            self.board.add(case)
            self._grouping.restore(case.group)
        old, recent = _parted(self._store.unlinked(), now.utc - _LONG_OVER)
        self._adopt(Grouping(self._store.next_id, self._site.terms), old, now)
        self._adopt(self._grouping, recent, now)
        self._close_over()
        self.board.begin()

    def take(self, changed: AlarmChanged) -> None:
        """An alarm was raised, changed or ended; those of the self-test are no incidents."""
        if is_test_place(changed.alarm.key.place):
            return
        at = changed.at if changed.origin is None else changed.origin
        case = self._alarm(changed.alarm, at)
        if changed.announced and changed.alarm.calling and changed.alarm.priority >= _CERTAIN:
            self.ripened(case, True)

    def look(self) -> None:
        """What became shown, idle or over meanwhile."""
        for group in self._grouping.look(self._engine.clock.mono()):
            case = self.board.case(group.number)
            if case is None:
                continue
            self.board.change(case)
            if group.idle and group.shown:
                self.ripened(case, False)
        self._close_over()
        self.board.look()
        self.board.flush()

    def _adopt(self, grouping: Grouping, alarms: Iterable[Alarm], now: Stamp) -> None:
        """Alarms of earlier runs, in the order of their times."""
        for moment, alarm in _lives(alarms):
            at = Stamp(now.mono - max(0.0, now.utc - moment), moment)
            open_now = alarm.state is not AlarmState.NORMAL
            group = grouping.alarm(alarm.key.place, alarm.id, open_now, at.mono)
            case = self._case(group, alarm.place_name, at)
            case.take(alarm)
            self.board.change(case)
        grouping.look(now.mono)

    # --- events ------------------------------------------------------------------------------

    def _alarm(self, alarm: Alarm, at: Stamp) -> Case:
        open_now = alarm.state is not AlarmState.NORMAL
        group = self._grouping.alarm(alarm.key.place, alarm.id, open_now, at.mono)
        case = self._case(group, alarm.place_name, at)
        news = case.take(alarm)
        reopened = open_now and case.state is IncidentState.CLOSED
        if reopened:
            _log.info("incident %d: open again: alarm %d", group.number, alarm.id)
            case.state, case.closed_by = IncidentState.OPEN, ""
        if reopened or news:
            self.board.change(case)
        else:
            self.board.freshen(case)
        return case

    def _seen(self, sighting: Sighting) -> None:
        terms = self._grouping.terms
        labels = labels_of(sighting, terms.types, self._site.least)
        if not labels:
            return
        camera, at = sighting.seen.camera, sighting.seen.frame_at
        if camera == SELF_TEST:
            return
        place = self._site.places.of_camera(camera)
        fast = any(terms.fast(label, confidence) for label, confidence in labels.items())
        group = self._grouping.seen(place, at.mono, fast)
        case = self._case(group, self._site.places.name(place), at)
        case.evidence.take(camera, labels, at)
        if case.state is IncidentState.CLOSED and case.closed_by == _NOBODY:
            case.state, case.closed_by = IncidentState.OPEN, ""
        if group.shown and case.frozen is None:
            self.board.change(case)
            self.ripened(case, True)
        else:
            self.board.note_seen(case)

    def _case(self, group: Group, place_name: str, at: Stamp) -> Case:
        case = self.board.case(group.number)
        if case is None:
            case = Case(group, place_name or group.place, at.utc, at.utc)
            self.board.add(case)
        case.last_utc = at.utc if group.last <= at.mono else max(case.last_utc, at.utc)
        return case

    def _close_over(self) -> None:
        """Nobody needs to close what is over and was handled alarm by alarm."""
        for case in self.board:
            if case.group.ended and not case.alarming and not case.touched:
                case.state, case.closed_by = IncidentState.CLOSED, _NOBODY
                self.board.change(case)


def _leave(_case: Case, _fast: bool) -> None:
    """Nobody sums incidents up."""


def _parted(alarms: Iterable[Alarm], before: float) -> tuple[list[Alarm], list[Alarm]]:
    """Those that were over before a moment, s UTC, and the others.

    Old ones have nothing to do with what goes on now, and are not "late" for it.
    """
    parts: tuple[list[Alarm], list[Alarm]] = ([], [])
    for alarm in alarms:
        over = alarm.state is AlarmState.NORMAL and alarm.changed_utc < before
        if not is_test_place(alarm.key.place):
            parts[0 if over else 1].append(alarm)
    return parts


def _lives(alarms: Iterable[Alarm]) -> list[tuple[float, Alarm]]:
    """Each alarm when it was raised and as it stands, in the order of time, s UTC."""
    moments: list[tuple[float, int, Alarm]] = []
    for alarm in alarms:
        raised = replace(alarm, state=AlarmState.UNACKNOWLEDGED)
        end = max(alarm.raised_utc, alarm.last_report_utc, alarm.changed_utc)
        moments += [(alarm.raised_utc, alarm.id, raised), (end, alarm.id, alarm)]
    moments.sort(key=lambda moment: moment[:2])
    return [(at, alarm) for at, _, alarm in moments]


def incident_site(settings: Settings) -> IncidentSite:
    """The view of these settings."""
    section = settings.incidents
    return IncidentSite(
        places=places_of(settings),
        terms=Terms(
            section.window, section.idle, frozenset(section.types), section.fast_confidence
        ),
        limits=LevelLimits(section.low_most, section.medium_most, section.high_most),
        least=settings.detection.confidence,
    )
