"""One value that a rule looks at, against one limit."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from math import inf, isnan, nan

from embereye.rules.limits import Limit, LimitRule


class Input(StrEnum):
    """Where values come from."""

    LABEL = "label"
    THERMAL = "thermal"
    SENSOR = "sensor"
    CAMERA_FAULT = "camera fault"
    DEVICE_FAULT = "device fault"
    ALARM = "alarm"


STATES = frozenset({Input.CAMERA_FAULT, Input.DEVICE_FAULT, Input.ALARM})  # 0 or 1


@dataclass(frozen=True, slots=True)
class Feed:
    """Which values: one measured thing of one source.

    Attributes:
        source: "camera ID" or "device ID", as reports name it; "place ID" of an alarm.
        what: The label, measure, channel or kind of alarm; empty for faults.
        part: Id of the zone or region, of an alarm its source; empty: the whole, or any.
    """

    input: Input
    source: str
    what: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One limit on one feed. `below`: rule and values have their sign turned round."""

    feed: Feed
    rule: LimitRule
    below: bool = False

    @property
    def level(self) -> float:
        """The limit as people wrote it."""
        return -self.rule.level if self.below else self.rule.level


class ProbeState(Enum):
    """How a condition stands; unknown while its input says nothing."""

    HOLDS = "holds"
    CLEAR = "does not hold"
    UNKNOWN = "unknown"


class Probe:
    """Watches one criterion. Times are monotonic seconds.

    Attributes:
        at: When its last value came.
        value: The last value; NaN before it.
        shown: The last value that met the limit; what is said must be true.
        held_at: When it was last seen holding.
    """

    __slots__ = ("_calm", "at", "criterion", "held_at", "limit", "shown", "value")

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion
        self.limit = Limit(criterion.rule)
        self.at = self.held_at = -inf
        self.value = self.shown = nan
        self._calm = False  # known to be clear, with nothing pending

    @property
    def holds(self) -> bool:
        """Whether it holds for sure."""
        return self.limit.held and not self.limit.unknown

    @property
    def lost(self) -> bool:
        """It held when its values ceased, and was not seen clear since."""
        return self.limit.held and self.limit.unknown

    @property
    def state(self) -> ProbeState:
        if self.limit.unknown:
            return ProbeState.UNKNOWN
        return ProbeState.HOLDS if self.limit.held else ProbeState.CLEAR

    def feed(self, now: float, value: float) -> bool:
        """Take one value; True when what the probe says changed. NaN is no value."""
        if isnan(value):
            return False
        self.at = now = max(now, self.at)  # a verdict may come late, time never runs back
        self.value = value
        limit, criterion = self.limit, self.criterion
        signed = -value if criterion.below else value
        if signed >= criterion.rule.level:
            self.shown = value
        elif self._calm:
            return False
        before = limit.held, limit.unknown, limit.confirmed_clear
        limit.feed(now, signed)
        if self.holds:
            self.held_at = now
        self._calm = limit.settled and limit.confirmed_clear
        return before != (limit.held, limit.unknown, limit.confirmed_clear)

    def age(self, now: float, longest: float) -> bool:
        """Let a value older than `longest` s count as unknown; True when that changed something."""
        return now - self.at > longest and self.lose()

    def lose(self) -> bool:
        """Count as unknown from now on; True when that changed something."""
        if self.limit.aged:
            return False
        self.limit.age()
        self._calm = False
        return True
