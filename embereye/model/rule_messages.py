"""Requests to change what people wrote: rules, suppressions, the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass

from embereye.model.rule_problem import Written

Values = Mapping[str, object]

CALENDAR = "calendar"  # how refusals and the audit name it


@dataclass(frozen=True, slots=True)
class SaveRuleAsked:
    """Put a rule or suppression in force, whole.

    Attributes:
        values: All its options as the settings file has them, with its id.
        seen: The same before the change, as the person saw it; None: it is added. When something
            else is in force by now, the request is refused: nobody overwrites another's work
            unseen. A number of the settings would not do, since a file that was edited by hand
            keeps its own.
    """

    kind: Written
    values: Values
    actor: str
    seen: Values | None = None

    @property
    def id(self) -> str:
        return str(self.values.get("id", ""))


@dataclass(frozen=True, slots=True)
class EnableRuleAsked:
    """Switch a rule or suppression on or off; the rest of it stays."""

    kind: Written
    id: str
    enabled: bool
    actor: str


@dataclass(frozen=True, slots=True)
class RemoveRuleAsked:
    """Take a rule or suppression out; `seen` as in `SaveRuleAsked`."""

    kind: Written
    id: str
    actor: str
    seen: Values


@dataclass(frozen=True, slots=True)
class SaveCalendarAsked:
    """Put other holidays and arming modes in force; `seen` as in `SaveRuleAsked`."""

    values: Values
    actor: str
    seen: Values


RuleRequest = SaveRuleAsked | EnableRuleAsked | RemoveRuleAsked | SaveCalendarAsked


def subject_of(request: RuleRequest) -> str:
    """How refusals name what a request is about: "rule:night-gate", "calendar"."""
    if isinstance(request, SaveCalendarAsked):
        return CALENDAR
    return f"{request.kind.value}:{request.id}"
