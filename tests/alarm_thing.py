"""One alarm key and one overlay as the reference model knows them; times are s."""

from dataclasses import dataclass, field

from embereye.model.alarm import AlarmKey, AlarmKind, OverlayKind, Priority, Scope


@dataclass
class Lid:
    """Something that lies over alarms."""

    number: int
    kind: OverlayKind
    scope: Scope
    reason: str
    covers: Priority
    asked: float | None  # s; None: until its condition ends
    ends: float | None  # monotonic s


@dataclass
class Thing:
    """One alarm key."""

    key: AlarmKey
    number: int | None = None  # of the open alarm
    seen: bool = False
    gone: bool = False  # what it was raised for has ended
    cause: str = "clear"
    priority: Priority = Priority.DIAGNOSTIC
    held: bool = False  # its rule wants a reset
    by: str = ""
    assigned: str = ""
    escalated: int = 0
    changed: float = 0.0  # wall clock
    told: float = 0.0  # wall clock, last report
    told_on_disk: float = 0.0
    covered: Lid | None = None
    calls_since: float | None = None  # monotonic; of an emergency
    last: float | None = None  # monotonic, last report of the session
    before: tuple[int, str] | None = None  # the closed alarm that its session brings back
    raw: str = "clear"
    starts: list[float] = field(default_factory=list)
    chatters: bool = False
    shown_chatter: bool = False
    away_until: float | None = None  # its end counts then
    away_told: float = 0.0

    @property
    def stays(self) -> bool:
        """Whether only a person closes it."""
        strong = self.key.kind in (AlarmKind.FIRE, AlarmKind.RULE)
        return self.held or (strong and self.priority is Priority.EMERGENCY)

    @property
    def state(self) -> str:
        if self.number is None:
            return "normal"
        if self.gone:
            return "latched" if self.seen else "returned, unacknowledged"
        return "acknowledged" if self.seen else "unacknowledged"

    @property
    def calls(self) -> bool:
        return self.number is not None and not self.seen and self.covered is None
