"""The only place that reads clocks; everybody else is given a `Clock`."""

import time
from typing import Protocol

from embereye.model.stamp import Stamp


class Clock(Protocol):
    """A source of moments; safe to call from any thread."""

    def now(self) -> Stamp:
        """The present moment on both clocks."""

    def mono(self) -> float:
        """Monotonic seconds, the same scale as `Stamp.mono`."""


class SystemClock:
    """The clocks of this machine. CLOCK_MONOTONIC is shared by all processes of one machine."""

    def now(self) -> Stamp:
        return Stamp(time.monotonic(), time.time())

    def mono(self) -> float:
        return time.monotonic()


def thread_seconds() -> float:
    """Processor seconds that the calling thread has used."""
    return time.thread_time()


def process_seconds() -> float:
    """Processor seconds that this process has used, in all threads."""
    return time.process_time()
