"""What the processes of a program use: processor time of each part, memory of all together."""

import multiprocessing
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

_CONSOLE = "console"
_NUMBER = re.compile(r"[ -]*[0-9]+\Z")
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of the program's processes together, GB.

    Attributes:
        resident: Sum of their resident sets: shared memory and libraries count several times.
        proportional: What is shared is divided by those who share it; None where the system does
            not say (only Linux does).
        parts: The truer of the two, by part of the program.
    """

    resident: float
    proportional: float | None
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def best(self) -> float:
        """The truer of the two."""
        return self.resident if self.proportional is None else self.proportional


def processor_seconds() -> dict[str, float]:
    """Processor seconds so far by part: "console", "capture", "detector", "load server" …"""
    used: defaultdict[str, float] = defaultdict(float)
    for part, process in _processes():
        try:
            times = process.cpu_times()
        except psutil.Error:  # it ended meanwhile
            continue
        used[part] += times.user + times.system
    return dict(used)


def memory(load: tuple[str, ...]) -> Memory:
    """Of all processes but those of these parts, which only make the load."""
    resident: defaultdict[str, float] = defaultdict(float)
    shares: defaultdict[str, float] = defaultdict(float)
    known = True
    for part, process in _processes():
        if part in load:
            continue
        try:
            full = process.memory_full_info()
        except psutil.Error:
            continue
        share = getattr(full, "pss", None)
        known = known and share is not None
        resident[part] += full.rss / _GB
        shares[part] += (share or 0) / _GB
    proportional = sum(shares.values()) if known else None
    return Memory(sum(resident.values()), proportional, dict(shares if known else resident))


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Processor seconds by part between two looks; a part that ended meanwhile is left out."""
    return {part: after[part] - before.get(part, 0.0) for part in after}


def _processes() -> list[tuple[str, psutil.Process]]:
    names = {child.pid: child.name for child in multiprocessing.active_children()}
    own = psutil.Process()
    found = [(_CONSOLE, own)]
    for child in own.children(recursive=True):
        name = names.get(child.pid, "other")
        found.append((_NUMBER.sub("", name), child))
    return found
