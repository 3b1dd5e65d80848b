"""The only place that reads clocks; everybody else is given a `Clock`."""

import time
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from embereye.model.stamp import Stamp


class Clock(Protocol):
    """A source of moments; safe to call from any thread."""

    def now(self) -> Stamp:
        """The present moment on both clocks."""

    def mono(self) -> float:
        """Monotonic seconds, the same scale as `Stamp.mono`."""

    def boot(self) -> str:
        """Which start of the machine the monotonic seconds belong to; "" where nobody knows."""


class SystemClock:
    """The clocks of this machine. CLOCK_MONOTONIC is shared by all processes of one machine."""

    def now(self) -> Stamp:
        return Stamp(time.monotonic(), time.time())

    def mono(self) -> float:
        return time.monotonic()

    def boot(self) -> str:
        return _boot()


@lru_cache(maxsize=1)
def _boot() -> str:
    # Linux counts CLOCK_MONOTONIC from the start of the machine, for all processes (proc(5),
    # random/boot_id). Elsewhere the wall clock has to do.
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def thread_seconds() -> float:
    """Processor seconds that the calling thread has used."""
    return time.thread_time()


def process_seconds() -> float:
    """Processor seconds that this process has used, in all threads."""
    return time.process_time()
