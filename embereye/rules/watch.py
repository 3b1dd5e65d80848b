"""One limit together with what it is evidence of."""

from collections.abc import Callable
from enum import Enum, IntEnum
from math import inf

from embereye.rules.limits import Limit, LimitRule, Outcome


class Evidence(IntEnum):
    """Kinds of evidence of fire, in the order in which reasons are told; two make a fire."""

    THERMAL = 0
    RISE = 1
    FLAME = 2
    SMOKE = 3
    VISION = 4
    GAS = 5  # a risk of its own, never beside the others


class Grade(Enum):
    """What a tripped limit means when nothing else is tripped."""

    FIRE = "fire"
    HIGH = "high"
    HINT = "hint"  # nothing alone, counts beside other evidence


class Watch:
    """A limit, its evidence and its words.

    Attributes:
        at: When its last value came, monotonic seconds.
        tripped_at: When it was last seen tripped.
        value: The last value that counted.
        part: What of its source it watches; a stronger limit on the same part makes it say
            nothing new.
        joins: Whether it makes a fire together with another kind of evidence.
    """

    __slots__ = (
        "_words",
        "at",
        "evidence",
        "grade",
        "joins",
        "limit",
        "part",
        "tripped_at",
        "value",
    )

    def __init__(
        self,
        rule: LimitRule,
        evidence: Evidence,
        grade: Grade,
        words: Callable[["Watch"], str],
        part: str = "",
        joins: bool = True,
    ) -> None:
        self.limit = Limit(rule)
        self.evidence = evidence
        self.grade = grade
        self.at = -inf
        self.tripped_at = -inf
        self.value = 0.0
        self.part = part
        self.joins = joins
        self._words = words

    @property
    def tripped(self) -> bool:
        return self.limit.held and not self.limit.unknown

    @property
    def lost(self) -> bool:
        """It was tripped when its input went silent."""
        return self.limit.held and self.limit.unknown

    @property
    def words(self) -> str:
        """The reason as the operator reads it."""
        return self._words(self)

    def feed(self, now: float, value: float, sure: bool = False) -> None:
        """Take one value; see `Limit.feed`."""
        self.at = now
        rule = self.limit.rule
        if value >= rule.level:  # what is said must be true: never "63 ≥ 70" inside the dead band
            self.value = value
        if self.limit.feed(now, value, sure) is Outcome.TRIPPED:
            self.tripped_at = now

    def age(self, now: float, longest: float) -> bool:
        """Let a value older than `longest` s count as unknown; True when that changed something."""
        if now - self.at <= longest or self.limit.aged:
            return False
        self.limit.age()
        return True
