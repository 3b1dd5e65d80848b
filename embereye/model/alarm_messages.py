"""What people ask of alarms, beside acknowledging, resetting and silencing."""

from dataclasses import dataclass

from embereye.model.alarm import Scope
from embereye.model.ids import AlarmId, PlaceId


@dataclass(frozen=True, slots=True)
class ShelveAsked:
    """Keep an alarm quiet for a while, with a reason; it always expires.

    Attributes:
        seconds: How long.
    """

    alarm: AlarmId
    seconds: float
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class UnshelveAsked:
    """End a shelving early."""

    scope: Scope
    actor: str


@dataclass(frozen=True, slots=True)
class OutOfServiceAsked:
    """Take what a scope covers out of service for a while: repair, hot work."""

    scope: Scope
    seconds: float
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class ReturnToServiceAsked:
    """End an out of service early."""

    scope: Scope
    actor: str


@dataclass(frozen=True, slots=True)
class EscalateAsked:
    """Announce an unacknowledged alarm again, to more people."""

    alarm: AlarmId
    actor: str


@dataclass(frozen=True, slots=True)
class CommentAsked:
    """Put words beside an alarm."""

    alarm: AlarmId
    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class AssignAsked:
    """Name who takes care of an alarm; `to` is empty for nobody."""

    alarm: AlarmId
    to: str
    actor: str


@dataclass(frozen=True, slots=True)
class HandOverAsked:
    """Give the console to the next shift: all alarms of `actor` become those of `to`."""

    to: str
    note: str
    actor: str


@dataclass(frozen=True, slots=True)
class WalkTestAsked:
    """Mark alarms of these places as test for a while; all places where none is named."""

    places: tuple[PlaceId, ...]
    seconds: float
    actor: str


@dataclass(frozen=True, slots=True)
class EndWalkTestAsked:
    """End the walk test before its time; alarms that are still there become real."""

    actor: str


@dataclass(frozen=True, slots=True)
class ArmAsked:
    """Put another arming mode in force; one of the settings."""

    mode: str
    actor: str
