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
    RULE = "rule"  # of a rule that people wrote; the source is its id


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


# Asked for 3,000 alarms a dozen times at each change: a constant is found four times as fast as
# the members of the class.
WAITING = (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)


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


class OverlayKind(StrEnum):
    """What lies over the state of an alarm; the state goes on underneath."""

    SHELVED = "shelved"
    SUPPRESSED = "suppressed by design"
    OUT_OF_SERVICE = "out of service"
    TEST = "walk test"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which alarms an overlay covers.

    Attributes:
        kind: None: all kinds at the place.
        source: None: all sources; "" covers keys without one.
    """

    place: PlaceId
    kind: AlarmKind | None = None
    source: str | None = None

    def covers(self, key: AlarmKey) -> bool:
        """Whether this alarm key is meant."""
        return (
            self.place == key.place
            and self.kind in (None, key.kind)
            and self.source in (None, key.source)
        )


@dataclass(frozen=True, slots=True)
class Overlay:
    """Why alarms of a scope do not call for a person at the moment.

    Attributes:
        by: Who put it there; "system" for a suppression by design.
        since_utc: s.
        until_utc: When it expires, s UTC as the clock stands now; None only for a suppression,
            which ends with its condition.
        covers: Highest priority that it covers; a higher one breaks through and is announced.
    """

    kind: OverlayKind
    scope: Scope
    reason: str
    by: str
    since_utc: float
    until_utc: float | None
    covers: Priority


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
        overlay: What keeps it from calling; None: nothing. The strongest where there are several:
            out of service, suppressed, shelved, walk test.
        assigned_to: Who takes care of it, or empty.
        escalation: 0: not escalated; 1, 2: that often since the last announcement.
        chattering: It came and went so often that its end is waited for longer.
        latching: It stays until a person resets it, whatever its kind and priority.
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
    overlay: Overlay | None = None
    assigned_to: str = ""
    escalation: int = 0
    chattering: bool = False
    latching: bool = False

    @property
    def unacknowledged(self) -> bool:
        """Whether nobody has acknowledged it; that may be covered by an overlay."""
        return self.state in WAITING

    @property
    def calling(self) -> bool:
        """Whether somebody has to look now: it flashes, pops up and sounds."""
        return self.overlay is None and self.state in WAITING


@dataclass(frozen=True, slots=True)
class AlarmAction:
    """Something that happened to an alarm, for the database and the audit.

    Attributes:
        actor: Operator's name, or "system".
        event: The event of the transition table, "silence", "restored", "cause unknown",
            "escalated", "comment", "assign", "hand over", "clock set", or of an overlay
            (`rules.overlays`).
        reasons: Those of the alarm; of a comment its text, of an assignment the name ("" for
            nobody), of a hand-over the name and the note, of an overlay its reason.
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
        alarms: Highest priority first; inside it those that call first, then oldest first.
        silenced_until: Monotonic seconds until which sound is off, None when sound is on.
        recording: False while alarms cannot be written to disk.
        overlays: All that are in force, also where no alarm is open.
    """

    revision: int = 0
    alarms: tuple[Alarm, ...] = ()
    silenced_until: float | None = None
    recording: bool = True
    overlays: tuple[Overlay, ...] = ()


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
        latching: The alarm stays until a person resets it; only meaningful with ACTIVE.
    """

    key: AlarmKey
    cause: Cause
    priority: Priority
    reasons: tuple[str, ...]
    origin: Stamp
    place_name: str = ""
    cameras: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    latching: bool = False
