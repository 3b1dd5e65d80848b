"""How the clocks of cameras stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """What one question to a camera told.

    Attributes:
        at: When it was asked.
        offset: Seconds that its clock is ahead of ours; None: not known.
        accuracy: Seconds by which `offset` may be wrong.
        ntp: Whether the camera says that NTP sets its clock.
        problem: Why nothing is known, in words that say what to do; empty when it is.
    """

    at: Stamp
    offset: float | None = None
    accuracy: float = 0.0
    ntp: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ClockTable:
    """The newest check of each camera; a frozen snapshot.

    Attributes:
        asking: Cameras that wait for an answer, or for their turn.
    """

    checks: Mapping[CameraId, ClockCheck] = field(default_factory=dict)
    asking: frozenset[CameraId] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckClockAsked:
    """An operator wants to know how a camera's clock stands."""

    camera: CameraId
    actor: str
