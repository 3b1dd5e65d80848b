"""Options of zones and lines drawn on a camera's picture."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from embereye.config.options import Id, Name, Section, checked_id, option
from embereye.rules.zones import MOST_CORNERS, line_trouble, zone_trouble

_Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
_Point = tuple[_Fraction, _Fraction]
_Label = Annotated[str, Field(min_length=1, max_length=60)]
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def checked_time(text: str) -> str:
    """A time of day; raises ValueError."""
    if not _TIME.fullmatch(text):
        raise ValueError("write hours and minutes, such as 20:00")
    return text


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Schedule(Section):
    """When a zone or line counts; local time of this machine."""

    days: tuple[Day, ...] = option((), "Days on which it begins; empty: every day", max_length=7)
    start: str = option("00:00", "From this time")
    end: str = option(
        "00:00", "Until this time; earlier than the start: on the next day; equal: all day"
    )

    @field_validator("start", "end")
    @classmethod
    def _on_a_clock(cls, text: str) -> str:
        return checked_time(text)


class Zone(Section):
    """An area of the picture."""

    id: Id = option(..., "Stable short name, unique at its camera")
    name: Name = option(..., "Name on the screen and in alarms")
    kind: Literal["include", "exclude"] = option(
        "include", "include: its labels count only inside; exclude: they are ignored inside"
    )
    points: tuple[_Point, ...] = option(
        ..., "Corners: fractions of the width and height; no crossing edges",
        min_length=3, max_length=MOST_CORNERS,
    )  # fmt: skip
    labels: tuple[_Label, ...] = option(
        ("fire", "smoke"), "What it is about: fire, smoke, person, vehicle …; empty: everything",
        max_length=40,
    )  # fmt: skip
    confidence: float = option(
        0.0, "Least confidence inside; 0: the one of the camera", ge=0.0, le=0.99
    )
    least_area: float = option(
        0.0, "Smaller boxes are ignored; share of the picture's area", ge=0.0, le=1.0
    )
    dwell: float = option(
        0.0, "An object must stay inside this long before it counts", unit="s", ge=0.0, le=3600.0
    )
    alarm: bool = option(
        False,
        "Raise an intrusion alarm for objects inside (persons, vehicles …); flame and smoke raise "
        "their own alarms",
    )
    schedule: Schedule = option(Schedule(), "When it counts; outside: as if it were not drawn")

    _id = field_validator("id")(checked_id)

    @model_validator(mode="after")
    def _usable(self) -> "Zone":
        if trouble := zone_trouble(self.points):
            raise ValueError(trouble)
        return self


class Line(Section):
    """A line that objects cross."""

    id: Id = option(..., "Stable short name, unique at its camera")
    name: Name = option(..., "Name on the screen and in alarms")
    points: tuple[_Point, ...] = option(
        ..., "Corners of the line: fractions of the width and height", min_length=2, max_length=16
    )
    direction: Literal["both", "to the right", "to the left"] = option(
        "both", "Which crossings count, seen by somebody who walks from the first to the last point"
    )
    labels: tuple[_Label, ...] = option(
        ("person", "vehicle"), "What it is about; empty: everything but flame and smoke",
        max_length=40,
    )  # fmt: skip
    confidence: float = option(0.0, "Least confidence; 0: the one of the camera", ge=0.0, le=0.99)
    schedule: Schedule = option(Schedule(), "When it counts")

    _id = field_validator("id")(checked_id)

    @model_validator(mode="after")
    def _usable(self) -> "Line":
        if trouble := line_trouble(self.points):
            raise ValueError(trouble)
        return self
