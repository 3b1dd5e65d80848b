"""Alarms: the product. States after ISA-18.2 / IEC 62682; no conformity is claimed."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from embereye.model.ids import AlarmId, PlaceId
from embereye.model.stamp import Stamp


class AlarmKind(StrEnum):
    FIRE = "fire"
    GAS = "gas"
    INTRUSION = "intrusion"
    CAMERA_FAULT = "camera fault"
    DEVICE_FAULT = "device fault"
    SYSTEM_FAULT = "system fault"


FAULTS = frozenset({AlarmKind.CAMERA_FAULT, AlarmKind.DEVICE_FAULT, AlarmKind.SYSTEM_FAULT})


class Priority(IntEnum):
    """Higher wins. EMERGENCY is fire, DIAGNOSTIC is a fault."""

    DIAGNOSTIC = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    EMERGENCY = 4


class AlarmState(StrEnum):
    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned, unacknowledged"
    LATCHED = "latched"


class AlarmEvent(StrEnum):
    """What can happen to an alarm (rows of the transition table)."""

    CAUSE = "cause"
    CAUSE_ENDS = "cause ends"
    HIGHER_PRIORITY = "higher priority"
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"


class Cause(StrEnum):
    """Whether the reason of an alarm is still there. UNKNOWN never counts as cleared."""

    ACTIVE = "active"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """One open alarm per key. Fault kinds carry the id of the faulty source as well."""

    place: PlaceId
    kind: AlarmKind
    source: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as it stands; a frozen snapshot.

    Attributes:
        place_name: As the operator knew the place when the alarm was raised.
        priority: Highest priority of the present occurrence; decides colour, sound and latching.
        reasons: Why, in words, newest evaluation; shown, stored and exported word for word.
        raised_utc: First announcement of this occurrence, seconds UTC.
        changed_utc: Last change of state.
        acknowledged_by: Who, or empty.
        reports: Reports merged into this alarm.
        last_report_utc: When the last of them came.
        cameras: Ids of the place's cameras, the triggering one first.
        sources: "camera ID" or "device ID" of all whose evidence made this occurrence.
        recorded: False while the change is not committed to disk; the screen must say so.
        revision: Grows with each change of this alarm.
    """

    id: AlarmId
    key: AlarmKey
    place_name: str
    priority: Priority
    state: AlarmState
    cause: Cause
    reasons: tuple[str, ...]
    raised_utc: float
    changed_utc: float
    acknowledged_by: str = ""
    reports: int = 1
    last_report_utc: float = 0.0
    cameras: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    recorded: bool = True
    revision: int = 1

    @property
    def unacknowledged(self) -> bool:
        """Whether somebody still has to look."""
        return self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)


@dataclass(frozen=True, slots=True)
class AlarmAction:
    """Something that happened to an alarm, for the database and the audit.

    Attributes:
        actor: Operator's name, or "system".
        event: The event of the transition table, or "silence", "restored".
    """

    alarm: AlarmId
    event: str
    actor: str
    at: Stamp
    before: AlarmState
    after: AlarmState
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmTable:
    """All open alarms (state other than NORMAL); a frozen snapshot.

    Attributes:
        alarms: Highest priority first; inside it unacknowledged first, then oldest first.
        silenced_until: Monotonic seconds until which sound is off, None when sound is on.
        recording: False while alarms cannot be written to disk.
    """

    revision: int = 0
    alarms: tuple[Alarm, ...] = ()
    silenced_until: float | None = None
    recording: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict of the rules on one key.

    Attributes:
        cause: ACTIVE raises or keeps, CLEAR ends, UNKNOWN keeps.
        priority: Only meaningful with ACTIVE.
        reasons: In words.
        origin: Arrival of the packet or frame whose evaluation made the rule true; alarm latency
            counts from here.
        cameras: The cameras of the place, a triggering one first.
        sources: "camera ID" or "device ID" of those whose evidence this is.
    """

    key: AlarmKey
    cause: Cause
    priority: Priority
    reasons: tuple[str, ...]
    origin: Stamp
    place_name: str = ""
    cameras: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
