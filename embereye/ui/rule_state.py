"""How the rules and suppressions in force stand now, without holding up the screen."""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from embereye.config.rule_options import AlarmRule, Suppression
from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKind, AlarmTable, Cause
from embereye.model.rule_preview import RulePreview, Standing
from embereye.model.rule_problem import Written
from embereye.rules.calendar import Holidays, local_moment
from embereye.services.rule_configuration import Row
from embereye.services.rule_site import when_of
from embereye.ui.rule_console import RuleConsole

_BUDGET = 0.010  # s of one refresh for previews; the rest waits for the next one


class Stand(Enum):
    """What a rule or suppression does now."""

    WAITING = auto()  # nobody has looked at it yet
    OFF = auto()
    ALARM = auto()  # it has an alarm with a cause, or keeps alarms quiet
    HOLDS = auto()
    QUIET = auto()
    UNKNOWN = auto()
    BARRED = auto()  # hours, holidays or mode
    NOWHERE = auto()


@dataclass(frozen=True, slots=True)
class RuleState:
    """Where it stands, and why in words."""

    stand: Stand
    text: str = ""


_WAITING = RuleState(Stand.WAITING)
_ALARM = RuleState(Stand.ALARM)


class RuleStates:
    """Looks at some of the rules at each refresh, in turn. GUI thread."""

    def __init__(self, console: RuleConsole) -> None:
        self._console = console
        self._seen: dict[tuple[Written, str], tuple[Row, RuleState]] = {}
        self._turn: deque[tuple[Written, str]] = deque()
        self._active: set[str] = set()  # ids of rules that have an alarm; known at once

    def refresh(self) -> None:
        """Look at as many as there is time for, the one that waited longest first."""
        settings = self._console.settings()
        rows: dict[tuple[Written, str], Row] = {(Written.RULE, r.id): r for r in settings.rules}
        rows |= {(Written.SUPPRESSION, one.id): one for one in settings.suppressions}
        turn = [key for key in self._turn if key in rows]
        known = set(turn)
        self._turn = deque([*(key for key in rows if key not in known), *turn])
        self._seen = {key: found for key, found in self._seen.items() if key in rows}
        self._active = _active(self._console.alarms())
        end = self._console.clock.mono() + _BUDGET
        for _ in range(len(self._turn)):
            key = self._turn[0]
            self._turn.rotate(-1)
            self._seen[key] = rows[key], self._look(rows[key])
            if self._console.clock.mono() >= end:
                break

    def state(self, kind: Written, row: Row) -> RuleState:
        """The newest look at it; an alarm shows at once."""
        if isinstance(row, AlarmRule) and row.id in self._active:
            return _ALARM
        seen = self._seen.get((kind, row.id))
        return seen[1] if seen is not None and seen[0] == row else _WAITING

    def _look(self, row: Row) -> RuleState:
        if not row.enabled:
            return RuleState(Stand.OFF)
        rule = as_rule(row)
        if rule is None:
            why = barred(row, self._console)
            return RuleState(Stand.BARRED, why) if why else _ALARM
        return stand_of(self._console.preview(rule), isinstance(row, Suppression))


def stand_of(preview: RulePreview, quiet: bool) -> RuleState:
    """Where a preview stands; `quiet`: of a suppression."""
    if not preview.places:
        return RuleState(Stand.NOWHERE, preview.text)
    if preview.barred:
        return RuleState(Stand.BARRED, preview.barred)
    states = {place.state for place in preview.places}
    if Standing.HOLDS in states:
        return RuleState(Stand.ALARM if quiet else Stand.HOLDS)
    return RuleState(Stand.UNKNOWN if states == {Standing.UNKNOWN} else Stand.QUIET)


def as_rule(row: Row) -> AlarmRule | None:
    """A rule that holds when this does; None: a suppression with hours and modes only."""
    if isinstance(row, AlarmRule):
        return row
    if not row.groups:
        return None
    return AlarmRule(
        id=row.id, name=row.name, place=row.place, groups=row.groups, need=row.need,
        schedule=row.schedule, holidays=row.holidays, modes=row.modes,
    )  # fmt: skip


def barred(row: Row, console: RuleConsole) -> str:
    """Why it does not count now, in words; empty when it does."""
    settings: Settings = console.settings()
    when = when_of(row.schedule, row.holidays, row.modes)
    holidays = Holidays(frozenset(settings.calendar.holidays))
    return when.barred(local_moment(console.clock.now().utc), console.arming().mode, holidays)


def _active(table: AlarmTable) -> set[str]:
    """Ids of the rules that have an alarm whose cause is there."""
    return {
        alarm.key.source
        for alarm in table.alarms
        if alarm.key.kind is AlarmKind.RULE and alarm.cause is Cause.ACTIVE
    }
