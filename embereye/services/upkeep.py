"""Watches what the program itself needs: the disk and its own clock."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import Clock

_log = logging.getLogger(__name__)

_PERIOD = 5.0  # s between looks; a full disk must be a fault within 5 s of being noticed
_JUMP = 5.0  # s; NTP slews smaller differences, larger ones are steps
_WRONG = 60.0  # s; a larger step makes the times of alarms before and after it contradict
_TOLD = 60.0  # s for which the fault of a step lasts; it waits for acknowledgement after that
# 2023-01-01 UTC; a machine whose battery is empty starts in 1970, 2000 or when it was made.
_EARLIEST = 1_672_531_200.0
_MIB = 2**20


class Upkeep:
    """Looks at disk space and wall clock. Runs in its own thread; `free_mib` from any thread.

    Attributes:
        free_mib: Free space of the data directory at the last look.
        days_left: Days until it is full at the rate of the last hours, None when unknown.
    """

    def __init__(
        self, folder: Path, low_disk: int, clock: Clock, post: Callable[[object], None]
    ) -> None:
        """`low_disk`: MiB of free space below which a fault is raised."""
        self._folder = folder
        self._low = low_disk
        self._clock = clock
        self._post = post
        self._faults: set[str] = set()
        self._first: tuple[float, int] | None = None
        self._offset: float | None = None
        self._stepped = ""  # what the clock did lately, in words
        self._step_until = 0.0
        self.free_mib = 0
        self.days_left: float | None = None

    def apply(self, low_disk: int) -> None:
        """Use another limit from the next look on."""
        self._low = low_disk

    def run(self, stop: Event) -> None:
        """Look every 5 s until stopped."""
        while True:
            self.look()
            if stop.wait(_PERIOD):
                return

    def look(self) -> None:
        """One look at everything."""
        self._look_at_disk()
        self._look_at_clock()

    def _look_at_disk(self) -> None:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            text = f"The data folder {self._folder} cannot be reached ({error.strerror}). Check it."
            self._tell("disk space", text)
            return
        self.free_mib = free // _MIB
        self._estimate(free)
        low = self.free_mib < self._low
        text = f"Only {self.free_mib} MiB are free for recordings. Make space on the disk."
        self._tell("disk space", text if low else "")

    def _estimate(self, free: int) -> None:
        now = self._clock.mono()
        if self._first is None:
            self._first = (now, free)
            return
        since, before = self._first
        used, hours = before - free, (now - since) / 3600
        # Half an hour and 10 MiB: less says nothing about a day.
        enough = hours >= 0.5 and used >= 10 * _MIB
        self.days_left = free / (used / hours) / 24 if enough else None

    def _look_at_clock(self) -> None:
        now = self._clock.now()
        offset, self._offset = self._offset, now.utc - now.mono
        if offset is not None and abs(self._offset - offset) > _JUMP:
            # Logic runs on the monotonic clock; only stored times are affected.
            step = self._offset - offset
            _log.warning("the wall clock was set by %+.0f s", step)
            if abs(step) > _WRONG:
                self._step_until = now.mono + _TOLD
                self._stepped = (
                    f"The clock of this machine was set by {step:+.0f} s, or it slept: the times "
                    "of what was recorded before and after do not fit together. Look at NTP."
                )
        if now.mono >= self._step_until:
            self._stepped = ""
        text = (
            "The clock of this machine is years behind: recorded times are wrong. Set it, or "
            "switch on NTP."
        )
        self._tell("clock", text if now.utc < _EARLIEST else self._stepped)

    def _tell(self, name: str, text: str) -> None:
        if bool(text) == (name in self._faults):
            return
        if text:
            self._faults.add(name)
        else:
            self._faults.discard(name)
        self._post(WorkerFailed(name, text, recovered=not text, at=self._clock.now()))
