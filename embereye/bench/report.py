"""What a benchmark says: values with units, beside their targets."""

import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import psutil

from embereye.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured figure.

    Attributes:
        target: In words with unit ("≥ 50000"), empty for a note without target.
        ok: Whether the target is met; None without one.
    """

    value: float
    unit: str
    target: str = ""
    ok: bool | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run of one profile."""

    profile: str
    metrics: dict[str, Metric]
    notes: list[str] = field(default_factory=list)

    def to_json(self, clock: Clock) -> dict[str, Any]:
        """The document of the command line's contract."""
        return {
            "profile": self.profile,
            "machine": machine(),
            "started": datetime.fromtimestamp(clock.now().utc, UTC).isoformat(),
            "metrics": {name: asdict(metric) for name, metric in self.metrics.items()},
            "notes": self.notes,
        }


def at_least(value: float, target: float, unit: str) -> Metric:
    """A metric that must reach `target`."""
    return Metric(round(value, 3), unit, f"≥ {target:g}", value >= target)


def at_most(value: float, target: float, unit: str) -> Metric:
    """A metric that must not exceed `target`."""
    return Metric(round(value, 3), unit, f"≤ {target:g}", value <= target)


def machine() -> dict[str, Any]:
    """Processor, cores, memory (GiB), operating system and Python of this machine."""
    return {
        "cpu": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": round(psutil.virtual_memory().total / 2**30, 1),
        "os": platform.platform(),
        "python": platform.python_version(),
    }
