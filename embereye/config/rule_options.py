"""Options of alarm rules: what must be true, when it counts, and what follows."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from embereye.config.options import Id, Name, Section, checked_id, checked_reference, option
from embereye.config.zone_options import Schedule

_HOLIDAY = re.compile(r"(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_Text = Annotated[str, Field(max_length=200)]

Input = Literal["label", "thermal", "sensor", "camera fault", "device fault", "alarm"]
Need = Literal["all", "any", "at least"]
PriorityName = Literal["emergency", "high", "medium", "low"]


class Condition(Section):
    """One thing that a rule looks at."""

    input: Input = option("label", "Where the value comes from")
    sources: tuple[str, ...] = option(
        (), "Cameras or devices by id; empty: all of the place", max_length=100
    )
    label: str = option("person", "What is seen: fire, smoke, person …", max_length=60)
    zone: str = option("", "Only inside this area of the camera; empty: anywhere", max_length=64)
    measure: Literal["maximum", "minimum", "mean", "rise"] = option(
        "maximum", "Of the thermal picture; rise in °C per minute"
    )
    region: str = option("", "Of this thermal region; empty: the whole picture", max_length=64)
    channel: Literal["smoke", "flame", "flame digital", "gas", "temperature"] = option(
        "smoke", "Of a sensor: %, %, 0 or 1, ppm, °C"
    )
    kind: str = option("fire", "Kind of the alarm that is active", max_length=30)
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
        return self


class ConditionGroup(Section):
    """Conditions that belong together."""

    need: Need = option("all", "How many of them must hold")
    count: int = option(1, "How many, with 'at least'", ge=1, le=20)
    within: float = option(
        0.0, "They must begin within this time of each other; 0: hold at the same moment",
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
        return self


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
    modes: tuple[str, ...] = option(
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
    modes: tuple[str, ...] = option((), "Arming modes in which it counts; empty: all")

    _id = field_validator("id")(checked_id)
    _place = field_validator("place")(checked_id)


class Calendar(Section):
    """Days and modes that rules ask for."""

    holidays: tuple[str, ...] = option(
        (), "Days such as 2027-01-01, or each year 12-25", max_length=500
    )
    modes: tuple[str, ...] = option(
        ("armed", "disarmed"), "Arming modes; the first is in force until another is chosen",
        min_length=1, max_length=20,
    )  # fmt: skip

    @field_validator("holidays")
    @classmethod
    def _days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            if not _HOLIDAY.fullmatch(day):
                raise ValueError(f"{day!r} is no day: write 2027-01-01, or 12-25 for each year")
        return days
