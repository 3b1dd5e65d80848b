"""The list of rules and suppressions as rows of a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from embereye.config.rule_options import AlarmRule
from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKind, Priority
from embereye.model.rule_problem import RuleProblem, Written
from embereye.services.places import places_of
from embereye.services.rule_configuration import Row, rows_of
from embereye.ui.rows import Field
from embereye.ui.rule_sentence import when_words
from embereye.ui.rule_state import RuleState, RuleStates, Stand
from embereye.ui.theme import Look, Tokens, kind_look
from embereye.ui.words import priority_word

_GRAVE = frozenset({Stand.UNKNOWN, Stand.NOWHERE})


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule or suppression, as it is and as it stands."""

    kind: Written
    row: Row
    place: str
    state: RuleState
    problems: tuple[str, ...]

    @property
    def key(self) -> tuple[Written, str]:
        return self.kind, self.row.id


def rule_rows(
    settings: Settings, states: RuleStates, problems: Iterable[RuleProblem], text: str
) -> list[RuleRow]:
    """All that have every word of `text` in name, id, place, priority or problems."""
    told: dict[tuple[Written, str], list[str]] = {}
    for problem in problems:
        said = f"{problem.text[:1].upper()}{problem.text[1:]}"
        told.setdefault((problem.kind, problem.id), []).append(said)
    names = {str(ident): name for ident, name in places_of(settings).names.items()}
    found = []
    for kind in Written:
        for row in rows_of(settings, kind):
            place = names.get(row.place, row.place) if row.place else _tr("each place")
            state = states.state(kind, row)
            made = RuleRow(kind, row, place, state, tuple(told.get((kind, row.id), ())))
            if all(word in _words(made) for word in text.casefold().split()):
                found.append(made)
    return found


def rule_fields(colours: Tokens) -> Sequence[Field[RuleRow]]:
    """The columns."""
    return [
        Field(_tr("Name"), lambda r: r.row.name, 220, colour=lambda r: _dim(colours, r)),
        Field(_tr("Place"), lambda r: r.place, 140),
        Field(
            _tr("Priority"),
            _urgency,
            120,
            key=_rank,
            look=lambda r: _look(colours, r),
        ),
        Field(_tr("Now"), state_word, 130, colour=lambda r: _state_colour(colours, r)),
        Field(_tr("When"), lambda r: when_words(r.row), 220),
        Field(
            _tr("Problems"),
            lambda r: "△ " + " ".join(r.problems) if r.problems else "",
            0,
            colour=lambda r: colours.fault if r.problems else "",
        ),
    ]


def state_word(row: RuleRow) -> str:
    """Where it stands, in a short fixed word."""
    quiet = row.kind is Written.SUPPRESSION
    words: Mapping[Stand, str] = {
        Stand.WAITING: "…",
        Stand.OFF: _tr("switched off"),
        Stand.ALARM: _tr("keeps quiet") if quiet else _tr("ALARM"),
        Stand.HOLDS: _tr("would alarm"),
        Stand.QUIET: _tr("quiet") if not quiet else _tr("not in force"),
        Stand.UNKNOWN: _tr("unknown"),
        Stand.BARRED: _tr("does not count"),
        Stand.NOWHERE: _tr("looks at nothing"),
    }
    return words[row.state.stand]


def _urgency(row: RuleRow) -> str:
    if isinstance(row.row, AlarmRule):
        return priority_word(rule_look_word(row.row.priority))
    return _tr("suppression")


def rule_look_word(priority: str) -> str:
    """The word of a priority as alarms show it."""
    return {"emergency": "FIRE", "high": "HIGH", "medium": "MEDIUM", "low": "LOW"}[priority]


def _look(colours: Tokens, row: RuleRow) -> Look | None:
    if not isinstance(row.row, AlarmRule):
        return None
    return kind_look(colours, AlarmKind.RULE, Priority[row.row.priority.upper()])


def _rank(row: RuleRow) -> int:
    order = ("emergency", "high", "medium", "low")
    return order.index(row.row.priority) if isinstance(row.row, AlarmRule) else len(order)


def _dim(colours: Tokens, row: RuleRow) -> str:
    return "" if row.row.enabled else colours.disabled


def _state_colour(colours: Tokens, row: RuleRow) -> str:
    stand, look = row.state.stand, _look(colours, row)
    if stand in (Stand.ALARM, Stand.HOLDS) and look is not None:
        return look.colour
    if stand in _GRAVE:
        return colours.fault
    return "" if stand is Stand.ALARM else colours.muted


def _words(row: RuleRow) -> str:
    """What the filter looks at."""
    parts = (row.row.name, row.row.id, row.place, row.kind.value, _urgency(row), state_word(row))
    return " ".join((*parts, *row.problems)).casefold()


def _tr(text: str) -> str:
    return QCoreApplication.translate("rule_rows", text)
