"""One limit on one input: dead band, delays, N of M, age."""

import math
from collections import deque
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What a limit says. UNKNOWN neither starts a cause nor counts as cleared."""

    TRIPPED = "tripped"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LimitRule:
    """How one limit decides.

    Attributes:
        level: The value that counts, in the unit of the input.
        dead_band: How far below `level` a tripped limit's value must fall to count as over.
        on_delay: Seconds that the value must stay at or above the level.
        off_delay: Seconds that it must stay below the dead band.
        hits, of: N of M: at least `hits` of the last `of` values count; 1 of 1 is the plain case.
    """

    level: float
    dead_band: float = 0.0
    on_delay: float = 0.0
    off_delay: float = 0.0
    hits: int = 1
    of: int = 1


class Limit:
    """Watches one input. Time is given with each call, in monotonic seconds, never running back.

    Attributes:
        held: The limit tripped and has not been seen to clear since, however old its input is.
        aged: There is no value, or only one that is too old.
    """

    __slots__ = ("_above", "_below", "_doubt", "_low", "_recent", "aged", "held", "rule")

    def __init__(self, rule: LimitRule) -> None:
        self.rule = rule
        self.held = False
        self.aged = True
        self._doubt = False  # held through a silence, and no value has counted since
        self._low = False  # the last value lay below the dead band, too
        self._above: float | None = None
        self._below: float | None = None
        self._recent: deque[bool] = deque(maxlen=rule.of)

    @property
    def outcome(self) -> Outcome:
        if self.unknown:
            return Outcome.UNKNOWN
        return Outcome.TRIPPED if self.held else Outcome.CLEAR

    @property
    def unknown(self) -> bool:
        """Neither tripped nor clear: aged, or back from a silence and not confirmed clear yet."""
        return self.aged or self._doubt

    @property
    def settled(self) -> bool:
        """Known, clear, with nothing pending: a further low value would change nothing."""
        return self._surely_clear() and self._quiet()

    @property
    def confirmed_clear(self) -> bool:
        """Clear over the whole window of N of M; what ends a cause from before a restart.

        A value that waits for its on-delay is not clear, and one in the dead band may be what is
        left of the cause.
        """
        return self._surely_clear() and len(self._recent) == self.rule.of

    def feed(self, now: float, value: float, sure: bool = False) -> Outcome:
        """Take one value. `sure` waives the on-delay; a value that is no number is passed over."""
        if math.isnan(value):
            return self.outcome
        rule = self.rule
        self.aged = False
        self._low = value < rule.level - rule.dead_band
        self._recent.append(value >= (rule.level - rule.dead_band if self.held else rule.level))
        counts = sum(self._recent) >= rule.hits
        if self.held:
            self._watch_end(now, counts)
        else:
            self._watch_start(now, counts, sure)
        return self.outcome

    def age(self) -> Outcome:
        """The input is too old from now on: what was held stays held, what was pending is off."""
        self.aged = True
        self._low = False
        self._doubt = self.held
        self._above = self._below = None
        self._recent.clear()
        return Outcome.UNKNOWN

    def _surely_clear(self) -> bool:
        return not self.aged and not self.held and self._above is None and self._low

    def _quiet(self) -> bool:
        return True not in self._recent

    def _watch_start(self, now: float, counts: bool, sure: bool) -> None:
        if not counts:
            self._above = None
            return
        if self._above is None:
            self._above = now
        if sure or now - self._above >= self.rule.on_delay:
            self.held = True
            self._above = self._below = None

    def _watch_end(self, now: float, counts: bool) -> None:
        if counts:
            self._below = None
            self._doubt = False
            return
        if self._below is None:
            self._below = now
        if now - self._below >= self.rule.off_delay:
            self.held = self._doubt = False
            self._below = None
