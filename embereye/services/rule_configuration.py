"""Changes of rules, suppressions and the calendar that people ask for."""

from collections.abc import Callable, Iterable, Mapping

from pydantic import ValidationError

from embereye.config.load import problems_of
from embereye.config.rule_options import AlarmRule, Calendar, Suppression
from embereye.config.schema import Section, Settings
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.role import Operation
from embereye.model.rule_messages import (
    CALENDAR,
    EnableRuleAsked,
    RemoveRuleAsked,
    SaveCalendarAsked,
    SaveRuleAsked,
    Values,
)
from embereye.model.rule_problem import Written
from embereye.services.access import Access
from embereye.services.device_configuration import Audit

Row = AlarmRule | Suppression

MODELS: Mapping[Written, type[AlarmRule] | type[Suppression]] = {
    Written.RULE: AlarmRule,
    Written.SUPPRESSION: Suppression,
}
_LISTS = {Written.RULE: "rules", Written.SUPPRESSION: "suppressions"}
_SHORT = 60  # characters of a value that the audit tells in full
_CHANGED = "somebody changed it meanwhile: open it again, then repeat your change"


class RuleConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`.

    Each handler raises ConfigError when the request cannot be fulfilled, with one text per wrong
    field where fields are wrong.

    Args:
        audit: Notes who changed what: subject, actor, text.
    """

    def __init__(self, store: SettingsStore, access: Access, audit: Audit) -> None:
        self._store = store
        self._access = access
        self._audit = audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {
            SaveRuleAsked: self._save,
            EnableRuleAsked: self._enable,
            RemoveRuleAsked: self._remove,
            SaveCalendarAsked: self._save_calendar,
        }

    def _save(self, asked: SaveRuleAsked) -> None:
        self._check(asked.actor)
        settings = self._store.current
        row = checked(asked.kind, asked.values)
        before = row_of(settings, asked.kind, row.id)
        if asked.seen is None:
            if before is not None:
                text = f"id: the {asked.kind.value} {row.id} is there already; choose another id"
                raise ConfigError("", (text,))
        elif before is None:
            raise ConfigError(f"The {asked.kind.value} was removed by somebody else meanwhile.")
        else:
            _unchanged(before, asked.seen)
        self._replace(settings, asked.kind, row)
        text = "added" if before is None else f"changed: {_differences(before, row)}"
        self._note(asked.kind, row.id, asked.actor, text)

    def _enable(self, asked: EnableRuleAsked) -> None:
        self._check(asked.actor)
        settings = self._store.current
        row = _there(settings, asked.kind, asked.id)
        if row.enabled != asked.enabled:
            changed = row.model_copy(update={"enabled": asked.enabled})
            self._replace(settings, asked.kind, changed)
            text = "switched on" if asked.enabled else "switched off"
            self._note(asked.kind, row.id, asked.actor, text)

    def _remove(self, asked: RemoveRuleAsked) -> None:
        self._check(asked.actor)
        settings = self._store.current
        row = _there(settings, asked.kind, asked.id)
        _unchanged(row, asked.seen)
        self._put(settings, asked.kind, [r for r in rows_of(settings, asked.kind) if r != row])
        self._note(asked.kind, row.id, asked.actor, f"removed: {row.name}")

    def _save_calendar(self, asked: SaveCalendarAsked) -> None:
        self._check(asked.actor)
        settings = self._store.current
        try:
            calendar = Calendar.model_validate(dict(asked.values))
        except ValidationError as error:
            raise ConfigError("the calendar is wrong", problems_of(error)) from None
        before = settings.calendar
        _unchanged(before, asked.seen)
        self._store.save({"calendar": calendar}, settings.revision)
        self._audit(CALENDAR, asked.actor, f"changed: {_differences(before, calendar)}")

    def _check(self, actor: str) -> None:
        if refusal := self._access.refusal(actor, Operation.EDIT_RULES):
            raise ConfigError(refusal)

    def _replace(self, settings: Settings, kind: Written, row: Row) -> None:
        rows = rows_of(settings, kind)
        known = any(r.id == row.id for r in rows)
        changed = [row if r.id == row.id else r for r in rows]
        self._put(settings, kind, changed if known else [*rows, row])

    def _put(self, settings: Settings, kind: Written, rows: Iterable[Row]) -> None:
        self._store.save({_LISTS[kind]: tuple(rows)}, settings.revision)

    def _note(self, kind: Written, ident: str, actor: str, text: str) -> None:
        self._audit(f"{kind.value} {ident}", actor, text)


def checked(kind: Written, values: Values) -> Row:
    """A rule or suppression of these values.

    Raises:
        ConfigError: With one text per wrong field.
    """
    try:
        return MODELS[kind].model_validate(dict(values))
    except ValidationError as error:
        raise ConfigError(f"the {kind.value} is wrong", problems_of(error)) from None


def values_of(row: Section) -> dict[str, object]:
    """A row as requests carry it."""
    return row.model_dump(mode="json")


def rows_of(settings: Settings, kind: Written) -> tuple[Row, ...]:
    """All of a kind, in the order of the settings."""
    return settings.rules if kind is Written.RULE else settings.suppressions


def row_of(settings: Settings, kind: Written, ident: str) -> Row | None:
    """The one with this id."""
    return next((row for row in rows_of(settings, kind) if row.id == ident), None)


def rules_in_force(settings: Settings, asked: SaveRuleAsked | SaveCalendarAsked) -> bool:
    """Whether doing it once more would change nothing; raises ConfigError."""
    if isinstance(asked, SaveCalendarAsked):
        return settings.calendar == Calendar.model_validate(dict(asked.values))
    return row_of(settings, asked.kind, asked.id) == checked(asked.kind, asked.values)


def _there(settings: Settings, kind: Written, ident: str) -> Row:
    row = row_of(settings, kind, ident)
    if row is None:
        raise ConfigError(f"The {kind.value} {ident} was removed by somebody else meanwhile.")
    return row


def _unchanged(row: Row | Calendar, seen: Values) -> None:
    if values_of(row) != dict(seen):
        raise ConfigError(f"{getattr(row, 'name', 'The calendar')}: {_CHANGED}.")


def _differences(before: Section, after: Section) -> str:
    """What changed, for the audit: short values in full, long ones by name."""
    old, new = values_of(before), values_of(after)
    parts = []
    for name, value in new.items():
        if value == old[name]:
            continue
        told = f"{name} = {value}"
        parts.append(told if len(told) <= _SHORT else name)
    return ", ".join(parts) or "nothing"
