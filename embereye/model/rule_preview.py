"""What a rule would say now, for whoever edits it."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.ids import PlaceId


class Standing(StrEnum):
    """Whether something holds; UNKNOWN: there is no value, or only one that is too old."""

    HOLDS = "holds"
    NOT = "does not hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SourcePreview:
    """One condition at one source.

    Attributes:
        source: "camera ID", "device ID" or "place ID".
        text: What must hold: "person in zone Gate ≥ 0.60 for 5 s, camera Door".
        value: The newest value with its unit; empty: there is none.
        age: s since it came; None: there is none.
        state: Of the newest value alone; delays and N of M are not waited for.
    """

    source: str
    place: PlaceId
    text: str
    value: str
    age: float | None
    state: Standing


@dataclass(frozen=True, slots=True)
class ConditionPreview:
    """One condition at all of its sources; it holds when it holds at any."""

    state: Standing
    sources: tuple[SourcePreview, ...]


@dataclass(frozen=True, slots=True)
class PlacePreview:
    """A rule at one place."""

    place: PlaceId
    name: str
    state: Standing


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would say with the newest values.

    Attributes:
        groups: The conditions of each group, in their order.
        places: Where it can alarm at all.
        barred: Why it does not count now (hours, holidays, mode); empty when it does.
        text: All that in one sentence.
    """

    groups: tuple[tuple[ConditionPreview, ...], ...]
    places: tuple[PlacePreview, ...]
    barred: str
    text: str

    @property
    def alarms(self) -> bool:
        """Whether it would alarm now."""
        return not self.barred and any(one.state is Standing.HOLDS for one in self.places)
