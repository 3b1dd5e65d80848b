"""What a shift leaves to the next: notes, comments on alarms, the hand-over."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.stamp import Stamp


class ShiftEvent(StrEnum):
    """What a line of the shift log is."""

    NOTE = "note"
    HAND_OVER = "hand over"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One line of the shift log.

    Attributes:
        about: Who took over, with a hand-over; the place, with a comment on an alarm; else empty.
    """

    at_utc: float
    event: ShiftEvent
    actor: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class ShiftNoteAsked:
    """Write a note into the shift log."""

    text: str
    actor: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A shift was handed over; `to` and `note` are clean."""

    to: str
    note: str
    actor: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class ShiftNoted:
    """The shift log has a further line."""

    line: ShiftLine
