"""Options of alarm rules: what must be true, when it counts, and what follows."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from embereye.config.options import Id, Name, Section, checked_id, checked_reference, option
from embereye.config.zone_options import Schedule

_Text = Annotated[str, Field(max_length=200)]
_Mode = Annotated[str, Field(min_length=1, max_length=60)]
_Source = Annotated[str, Field(min_length=1, max_length=64)]

Input = Literal["label", "thermal", "sensor", "camera fault", "device fault", "alarm"]
Need = Literal["all", "any", "at least"]
AlarmKindName = Literal[
    "fire", "gas", "intrusion", "camera fault", "device fault", "system fault", "rule"
]
PriorityName = Literal["emergency", "high", "medium", "low"]

# What values can be at all; faults and alarms are 0 or 1. Others have no firm ends.
_ENDLESS = (float("-inf"), float("inf"))
_RANGES = {
    "label": (0.0, 1.0),
    "smoke": (0.0, 100.0),
    "flame": (0.0, 100.0),
    "flame digital": (0.0, 1.0),
    "gas": (0.0, 1_000_000.0),
    "camera fault": (0.0, 1.0),
    "device fault": (0.0, 1.0),
    "alarm": (0.0, 1.0),
}


class Condition(Section):
    """One thing that a rule looks at."""

    input: Input = option("label", "Where the value comes from")
    sources: tuple[_Source, ...] = option(
        (),
        "Cameras, devices, or rules whose alarm is meant, by id; any of them; empty: all of the"
        " place",
        max_length=100,
    )
    label: str = option(
        "person", "What is seen: fire, smoke, person …", min_length=1, max_length=60
    )
    zone: str = option("", "Only inside this area of the camera; empty: anywhere", max_length=64)
    measure: Literal["maximum", "minimum", "mean", "rise"] = option(
        "maximum", "Of the thermal picture; rise in °C per minute"
    )
    region: str = option("", "Of this thermal region; empty: the whole picture", max_length=64)
    channel: Literal["smoke", "flame", "flame digital", "gas", "temperature"] = option(
        "smoke", "Of a sensor: %, %, 0 or 1, ppm, °C of the sensor itself"
    )
    kind: AlarmKindName = option("fire", "Kind of the alarm at the place whose cause is there")
    comparison: Literal["at least", "at most"] = option("at least", "How value and limit compare")
    limit: float = option(
        0.5, "Confidence 0–1, °C, °C/min, % or ppm, by the input", ge=-300.0, le=1_000_000.0
    )
    dead_band: float = option(
        0.0, "How far it must go back over the limit to be clear, same unit", ge=0.0, le=100_000.0
    )
    on_delay: float = option(0.0, "It must hold this long", unit="s", ge=0.0, le=3600.0)
    off_delay: float = option(0.0, "It must be gone this long", unit="s", ge=0.0, le=3600.0)
    hits: int = option(1, "This many …", ge=1, le=100)
    of: int = option(1, "… of the last so many values must hold", ge=1, le=100)

    @model_validator(mode="after")
    def _countable(self) -> "Condition":
        if self.hits > self.of:
            raise ValueError(f"{self.hits} of the last {self.of} can never be: lower the first")
        if self.input == "alarm" and self.kind == "rule" and not self.sources:
            raise ValueError("name in `sources` the rules whose alarm is meant")
        return self

    @model_validator(mode="after")
    def _possible(self) -> "Condition":
        low, high = _RANGES.get(self.channel if self.input == "sensor" else self.input, _ENDLESS)
        upward = self.comparison == "at least"
        if (self.limit > high) if upward else (self.limit < low):
            raise ValueError(
                f"the value is {low:g}–{high:g}, so {self.limit:g} can never be: change the limit"
            )
        if (self.limit <= low) if upward else (self.limit >= high):
            raise ValueError(
                f"the value is {low:g}–{high:g}, so this would always hold: change the limit"
            )
        over = self.limit - self.dead_band if upward else self.limit + self.dead_band
        if (over <= low) if upward else (over >= high):
            raise ValueError("it would never end with so large a dead_band: lower it")
        return self


class ConditionGroup(Section):
    """Conditions that belong together."""

    need: Need = option("all", "How many of them must hold")
    count: int = option(1, "How many, with 'at least'", ge=1, le=20)
    within: float = option(
        0.0, "Each counts for this long after it last held; 0: all at the same moment",
        unit="s", ge=0.0, le=3600.0,
    )  # fmt: skip
    conditions: tuple[Condition, ...] = option(..., "Conditions", min_length=1, max_length=20)

    @model_validator(mode="after")
    def _countable(self) -> "ConditionGroup":
        if self.need == "at least" and self.count > len(self.conditions):
            raise ValueError(
                f"at least {self.count} of {len(self.conditions)} conditions can never hold: "
                "lower the number"
            )
        if self.within and self.needed < 2:
            raise ValueError(
                "`within` is about two conditions or more that must hold: add one, or leave it out"
            )
        return self

    @model_validator(mode="after")
    def _free_of_contradictions(self) -> "ConditionGroup":
        if self.needed < len(self.conditions) or self.within:
            return self
        for first, second in contradictions(self):
            raise ValueError(
                f"conditions {first} and {second} contradict each other: their limits leave no"
                " value for both"
            )
        return self

    @property
    def needed(self) -> int:
        """How many conditions must hold."""
        counts = {"all": len(self.conditions), "any": 1, "at least": self.count}
        return counts[self.need]


def contradictions(group: ConditionGroup, single: bool = False) -> Iterator[tuple[int, int]]:
    """Conditions of a group, counted from 1, on one value with limits that exclude each other.

    Args:
        single: Whether it is known that there is one source only; else those are meant that name
            the same one.
    """
    for (i, one), (k, other) in combinations(enumerate(group.conditions, 1), 2):
        if _value(one) != _value(other) or not (single or len(one.sources) == 1):
            continue
        if one.comparison == other.comparison:
            continue
        upper, lower = (one, other) if one.comparison == "at most" else (other, one)
        if upper.limit < lower.limit:
            yield i, k


def _value(condition: Condition) -> tuple[object, ...]:
    """What a condition looks at."""
    what: dict[str, tuple[str, ...]] = {
        "label": (condition.label, condition.zone),
        "thermal": (condition.measure, condition.region),
        "sensor": (condition.channel,),
        "alarm": (condition.kind,),
    }
    return condition.input, condition.sources, what.get(condition.input, ())


class AlarmRule(Section):
    """An alarm of one's own."""

    id: Id = option(..., "Stable short name")
    name: Name = option(..., "Name on the screen and in alarms")
    enabled: bool = option(True, "Whether it is used")
    place: str = option("", "Where it alarms; empty: at each place, with its own sources")
    groups: tuple[ConditionGroup, ...] = option(..., "What must hold", min_length=1, max_length=10)
    need: Literal["all", "any"] = option("all", "All groups, or any of them")
    priority: PriorityName = option("medium", "Urgency; emergency sounds without pause")
    latching: bool = option(False, "It stays until a person resets it; emergency always does")
    schedule: Schedule = option(Schedule(), "When it counts")
    holidays: Literal["also", "not", "only"] = option("also", "Whether it counts on holidays")
    modes: tuple[_Mode, ...] = option(
        (), "Arming modes in which it counts; empty: all", max_length=20
    )
    cooldown: float = option(
        0.0, "After a notice was sent no further one for this long", unit="s", ge=0.0, le=86_400.0
    )
    guidance: str = option("", "What the operator should do", max_length=2000)
    phones: tuple[_Text, ...] = option((), "Whom to call, in order", max_length=20)
    sound: Literal["", "emergency", "high", "medium", "low", "none"] = option(
        "", "Sound; empty: the one of its priority"
    )
    actions: tuple[str, ...] = option(
        (), "Outgoing targets by id: e-mail, webhook, relay; empty: as for every alarm",
        max_length=20,
    )  # fmt: skip

    _id = field_validator("id")(checked_id)
    _place = field_validator("place")(checked_reference)

    @model_validator(mode="after")
    def _audible(self) -> "AlarmRule":
        if self.priority == "emergency" and self.sound == "none":
            raise ValueError("an emergency cannot be without sound: choose another sound")
        return self

    @model_validator(mode="after")
    def _not_about_itself(self) -> "AlarmRule":
        for condition in (c for group in self.groups for c in group.conditions):
            about_rules = condition.input == "alarm" and condition.kind == "rule"
            if about_rules and self.id in condition.sources:
                raise ValueError("a rule cannot wait for its own alarm: name another rule")
        return self


class Suppression(Section):
    """A suppression by design: while its condition holds, alarms of its scope do not call."""

    id: Id = option(..., "Stable short name")
    name: Name = option(..., "Name, shown as the reason")
    enabled: bool = option(True, "Whether it is used")
    place: str = option(..., "Whose alarms")
    kind: Literal["gas", "intrusion", "camera fault", "device fault", "rule"] = option(
        ..., "Kind of the alarms; fire is never suppressed"
    )
    source: str = option("", "Of this camera, device or rule; empty: of all", max_length=64)
    groups: tuple[ConditionGroup, ...] = option(
        (), "While these hold; empty: in the hours and modes below", max_length=10
    )
    need: Literal["all", "any"] = option("all", "All groups, or any of them")
    schedule: Schedule = option(Schedule(), "When it counts")
    holidays: Literal["also", "not", "only"] = option("also", "Whether it counts on holidays")
    modes: tuple[_Mode, ...] = option(
        (), "Arming modes in which it counts; empty: all", max_length=20
    )

    _id = field_validator("id")(checked_id)
    _place = field_validator("place")(checked_id)


class Calendar(Section):
    """Days and modes that rules ask for."""

    holidays: tuple[str, ...] = option(
        (), "Days such as 2027-01-01, or each year 12-25", max_length=500
    )
    modes: tuple[_Mode, ...] = option(
        ("armed", "disarmed"), "Arming modes; the first is in force until another is chosen",
        min_length=1, max_length=20,
    )  # fmt: skip

    @field_validator("holidays")
    @classmethod
    def _days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            if not _is_day(day):
                raise ValueError(f"{day!r} is no day: write 2027-01-01, or 12-25 for each year")
        return days

    @field_validator("modes")
    @classmethod
    def _distinct(cls, modes: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({mode for mode in modes if modes.count(mode) > 1})
        if twice:
            raise ValueError(f"the mode {', '.join(twice)} is there twice")
        return modes


def _is_day(text: str) -> bool:
    """Whether it is a day of one year, or of each; 2028 has a 29th of February, as some have."""
    full = text if len(text) == len("2027-01-01") else f"2028-{text}"
    try:
        return date.fromisoformat(full).isoformat() == full
    except ValueError:
        return False
