"""What people ask about incidents, and what they are answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from embereye.model.ids import IncidentId
from embereye.model.incident import IncidentState, Summary


@dataclass(frozen=True, slots=True)
class IncidentStateAsked:
    """Say how far an incident is."""

    incident: IncidentId
    state: IncidentState
    actor: str


@dataclass(frozen=True, slots=True)
class AssignIncidentAsked:
    """Name who takes care of an incident; `to` is empty for nobody."""

    incident: IncidentId
    to: str
    actor: str


@dataclass(frozen=True, slots=True)
class EditNoteAsked:
    """Keep a new version of an incident's note.

    Attributes:
        base: Number of the version that was edited; 0: there was none.
    """

    incident: IncidentId
    text: str
    base: int
    actor: str


@dataclass(frozen=True, slots=True)
class SummaryAsked:
    """Ask the language model about an incident again."""

    incident: IncidentId
    actor: str


@dataclass(frozen=True, slots=True)
class SummaryMade:
    """The language model's answer, or why there is none; into the engine."""

    incident: IncidentId
    summary: Summary


@dataclass(frozen=True, slots=True)
class EditLanguageModelAsked:
    """Other settings of the language model that sums incidents up.

    Attributes:
        values: Options by name; None: back to the default.
        key: The API key from now on, "" for none; None: as before. Never shown.
    """

    values: Mapping[str, object]
    actor: str
    key: str | None = field(default=None, repr=False)
