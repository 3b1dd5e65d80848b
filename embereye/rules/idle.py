"""What a flame or smoke channel shows when nothing burns: learned once, then frozen."""

from dataclasses import dataclass
from statistics import median

PACKETS = 60  # values of which the idle level is the median (alarm design)
_HIGHEST_LIMIT = 95.0  # %; an idle level near the top must leave the limit reachable


@dataclass(frozen=True, slots=True)
class Idle:
    """Learned idle levels of one device in percent; None while a channel is being learned."""

    smoke: float | None = None
    flame: float | None = None


class IdleLevel:
    """One channel's idle level.

    Args:
        level: Learned earlier, %, or None to learn now.
        learning_limit: %; until learned this is the limit, and higher values are not learned
            from, so that a fire during the first minutes cannot become the idle level.
    """

    __slots__ = ("_learning_limit", "_values", "level")

    def __init__(self, level: float | None, learning_limit: float) -> None:
        self.level = level
        self._learning_limit = learning_limit
        self._values: list[float] = []

    @property
    def learned(self) -> bool:
        return self.level is not None

    def take(self, percent: float) -> bool:
        """Learn from one valid value; True when the level has just become known."""
        if self.level is not None or percent >= self._learning_limit:
            return False
        self._values.append(percent)
        if len(self._values) < PACKETS:
            return False
        self.level = float(median(self._values))
        self._values.clear()
        return True

    def limit(self, margin: float) -> float:
        """The limit in percent: idle plus `margin` points, the fixed one while learning."""
        if self.level is None:
            return self._learning_limit
        return min(self.level + margin, _HIGHEST_LIMIT)
