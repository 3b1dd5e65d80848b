"""Wall time and processor time of something that is done again and again."""

from collections.abc import Callable
from dataclasses import dataclass, field

from embereye.runtime.clock import Clock, thread_seconds
from embereye.runtime.metrics import percentile


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of each time; processor time is that of the calling thread alone."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, times: tuple[float, float]) -> None:
        """One more, as `timed` gives it."""
        self.wall.append(times[0])
        self.cpu.append(times[1])

    def wall_ms(self, percent: float) -> float:
        """A percentile; 0 without any."""
        return round(1000 * (percentile(self.wall, percent) or 0.0), 3)

    def cpu_ms(self, percent: float) -> float:
        """A percentile; 0 without any."""
        return round(1000 * (percentile(self.cpu, percent) or 0.0), 3)


def timed(clock: Clock, action: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    began, spent = clock.mono(), thread_seconds()
    action()
    return clock.mono() - began, thread_seconds() - spent
