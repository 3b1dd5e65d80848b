"""Incidents: what happened at one place in one go, and what people made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.ids import AlarmId, CameraId, IncidentId, PlaceId


class IncidentState(StrEnum):
    """How far people are with it."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    NEEDS_REVIEW = "needs review"
    CLOSED = "closed"


class Level(StrEnum):
    """What a score of 0–100 means; always derived here (`rules.incident_score`)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class SummaryState(StrEnum):
    """What became of asking the language model."""

    NONE = "none"
    WAITING = "waiting"
    READY = "ready"
    NEEDS_REVIEW = "needs review"


@dataclass(frozen=True, slots=True)
class Member:
    """One alarm of an incident; it never leaves it.

    Attributes:
        priority: The highest it ever had.
        reasons: Its newest ones, word for word.
        open: Whether it is still in the list of alarms.
    """

    alarm: AlarmId
    kind: AlarmKind
    source: str
    priority: Priority
    raised_utc: float
    reasons: tuple[str, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """All that one camera saw of one label during an incident.

    Attributes:
        pictures: Verdicts that had it.
        best: Highest confidence, 0–1.
    """

    camera: CameraId
    label: str
    pictures: int
    best: float
    first_utc: float
    last_utc: float


@dataclass(frozen=True, slots=True)
class Spell:
    """What one camera saw within 30 s: many pictures of one walk count as one thing.

    Attributes:
        labels: Each with its highest confidence, most certain first.
        pictures: Pictures that stand for it, at most 15.
    """

    camera: CameraId
    labels: tuple[tuple[str, float], ...]
    pictures: int
    first_utc: float
    last_utc: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What the language model said; a score only where it gave a usable one.

    Attributes:
        text, reasoning: Plain text, cleaned.
        risk: 0–100; None: there is none, and none is invented.
        level: Of `risk`, derived here; None without one.
        at_utc: When it was made, s; 0: never.
        problem: Why there is none, and what to do; empty otherwise.
        about: Fingerprint of what it was asked about, to tell a material change.
    """

    state: SummaryState = SummaryState.NONE
    text: str = ""
    reasoning: str = ""
    risk: int | None = None
    level: Level | None = None
    at_utc: float = 0.0
    problem: str = ""
    about: str = ""


class LlmCondition(StrEnum):
    """How the language model stands."""

    OFF = "off"
    STARTING = "asked how it is"
    WORKING = "working"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class LlmState:
    """The language model as screens show it.

    Attributes:
        text: What is wrong and what to do; empty for nothing.
        warning: What is unwise about its address; empty for nothing.
        place: Its address.
        waiting: Incidents that wait for a summary.
    """

    condition: LlmCondition = LlmCondition.OFF
    text: str = ""
    warning: str = ""
    place: str = ""
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """One version of an incident's note; none is ever removed.

    Attributes:
        number: From 1 on.
        base: The version that its author had before the eyes; 0: none.
        conflict: Both texts stand in it, since two people changed the same lines.
    """

    number: int
    text: str
    author: str
    at_utc: float
    base: int
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it stands; a frozen snapshot.

    Attributes:
        gathering: What happens at the place now still belongs to it.
        closed_by: Who closed it, "system" for nobody; empty while it is not closed.
        priority: Highest of its alarms; None without alarms.
        score: The rule score, 0–100 (`rules.incident_score`); not the language model's.
        first_utc, last_utc: First and last event, s.
        detections: By camera and label.
        spells: The newest ones, oldest first.
        notes: All versions of its note, oldest first.
        revision: Grows with each change.
    """

    id: IncidentId
    place: PlaceId
    place_name: str
    state: IncidentState
    gathering: bool
    first_utc: float
    last_utc: float
    assigned_to: str = ""
    closed_by: str = ""
    priority: Priority | None = None
    score: int = 0
    level: Level = Level.LOW
    members: tuple[Member, ...] = ()
    detections: tuple[Tally, ...] = ()
    spells: tuple[Spell, ...] = ()
    summary: Summary = field(default_factory=Summary)
    notes: tuple[NoteVersion, ...] = ()
    revision: int = 1

    @property
    def alarming(self) -> bool:
        """Whether one of its alarms is still open."""
        return any(member.open for member in self.members)

    @property
    def note(self) -> NoteVersion | None:
        """The present version of its note."""
        return self.notes[-1] if self.notes else None


@dataclass(frozen=True, slots=True)
class IncidentTable:
    """All incidents that are not closed, and the newest closed ones; a frozen snapshot.

    Attributes:
        incidents: Those not closed first, highest score first; then closed ones, newest first.
        by_alarm: The incident of each alarm in them.
    """

    revision: int = 0
    incidents: tuple[Incident, ...] = ()
    by_alarm: Mapping[AlarmId, IncidentId] = field(default_factory=lambda: MappingProxyType({}))
