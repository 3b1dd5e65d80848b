"""What is sent out about alarms, and how the targets stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from embereye.model.alarm import Alarm


class NoticeEvent(StrEnum):
    """What happened to an alarm, as people outside are told. In the order of their weight."""

    ANNOUNCED = "announced"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    CLOSED = "closed"


class TargetKind(StrEnum):
    """How somebody is told."""

    EMAIL = "e-mail"
    WEBHOOK = "webhook"
    RELAY = "relay"


class DeliveryState(StrEnum):
    """What became of one notice to one target."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # for good: the other side will never take it
    SKIPPED = "skipped"  # quiet hours, cooldown, or its target is gone


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened to an alarm, for the world outside.

    Attributes:
        alarm: As it stood right after it.
        events: All that it was; acknowledging a returned alarm closes it, too.
        actor: Who did it; "system" for the plant.
        at_utc: When, s.
        number: Of its row in the outbox.
    """

    alarm: Alarm
    events: frozenset[NoticeEvent]
    actor: str
    at_utc: float
    number: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice on its way to one target.

    Attributes:
        id: Of its row; 0 before it is stored.
        event: Why this target is told.
        key: The same at each try and after each restart; the receiver knows a repetition by it.
        rest: Recipients who lack it still, where others have it already; empty: all.
        error: Why the last try failed, or why it is skipped.
    """

    notice: Notice
    target: str
    kind: TargetKind
    event: NoticeEvent
    key: str
    id: int = 0
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    rest: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """What the database knows of one target.

    Attributes:
        pending: Notices that wait.
        oldest_utc: When the oldest of them happened, s; None: none waits.
        last_sent_utc: s; None: never.
    """

    pending: int = 0
    oldest_utc: float | None = None
    last_sent_utc: float | None = None


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of "Send a test"; `text` says it in words, `good` is None while it runs."""

    __test__ = False  # the word is the operator's; pytest need not look here

    good: bool | None
    text: str
    at_utc: float


@dataclass(frozen=True, slots=True)
class TargetState:
    """One target as screens show it.

    Attributes:
        error: Why the last try failed, empty while all is well.
        paused: After several failures in a row; it is tried again by itself.
        armed, on: Of a relay.
        warning: What is unwise about its settings.
    """

    id: str
    kind: TargetKind
    name: str
    enabled: bool
    figures: TargetFigures = field(default_factory=TargetFigures)
    error: str = ""
    paused: bool = False
    armed: bool = True
    on: bool = False
    warning: str = ""
    test: TestOutcome | None = None


@dataclass(frozen=True, slots=True)
class NoticeTable:
    """All targets in the order of the settings; a frozen snapshot."""

    targets: tuple[TargetState, ...] = ()
    relays_blocked: bool = False
    overdue: str = ""


# --- requests --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendTestAsked:
    """Send a test to a target now, or pull a relay for a moment."""

    target: str
    actor: str


@dataclass(frozen=True, slots=True)
class BlockRelaysAsked:
    """Switch all relays off at once and keep them off, or let them work again."""

    blocked: bool
    actor: str


@dataclass(frozen=True, slots=True)
class EditTargetAsked:
    """Add a target, or change one.

    Attributes:
        values: Options by name, those of its occasion as "occasion.priority"; None: the default.
        secret, token: Secrets to keep; None: as they are; "": none. Not in `repr`.
        added: It must not exist yet.
    """

    kind: TargetKind
    target: str
    values: Mapping[str, object]
    actor: str
    secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    added: bool = False


@dataclass(frozen=True, slots=True)
class RemoveTargetAsked:
    """Forget a target and its secrets; what waits for it is given up."""

    target: str
    actor: str
