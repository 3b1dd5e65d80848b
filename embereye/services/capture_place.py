"""Where one stream of a camera is read at present, and where it is going to be."""

import logging
from typing import Protocol

from embereye.ingest.capture import CaptureWorker
from embereye.ingest.capture_host import CaptureHost
from embereye.ingest.capture_remote import RemoteCapture
from embereye.ingest.capture_words import Key
from embereye.model.camera import CaptureCounters

_log = logging.getLogger(__name__)

_STAYS = 3600.0  # s; a camera that allows no second connection will not soon do so
_HANDOVER = 8.0  # s for the first picture in the new process; else the old one goes on


class Running(Protocol):
    """A stream that is read; any thread."""

    @property
    def counters(self) -> CaptureCounters:
        """What was done so far."""

    def retry(self) -> None:
        """Try again at once."""


class Place:
    """A stream that is read, in a thread or in a process. Engine thread; `Running` for any.

    Attributes:
        host: The process; None: a thread of the console.
        cost: Cores that it uses.
    """

    def __init__(self, running: CaptureWorker | RemoteCapture, host: CaptureHost | None) -> None:
        self.host = host
        self.cost = 0.0
        self._running = running
        self._next: tuple[CaptureHost, RemoteCapture, float] | None = None
        self._cpu: float | None = None
        self._stays_until = float("-inf")

    @property
    def counters(self) -> CaptureCounters:
        return self._running.counters

    def retry(self) -> None:
        self._running.retry()

    def leave(self) -> None:
        """Deliver and report nothing from now on."""
        self._running.leave()
        if self.host is not None and isinstance(self._running, RemoteCapture):
            self.host.end(self._running)
        if self._next is not None:
            self._next[0].end(self._next[1])
            self._next = None

    def weigh(self, seconds: float) -> None:
        """Note the cost of the last `seconds`."""
        cpu = self.counters.cpu
        if self._cpu is not None and cpu >= self._cpu:
            self.cost = (cpu - self._cpu) / seconds
        self._cpu = cpu

    def may_move(self, now: float) -> bool:
        """Whether another process could read it."""
        remote = isinstance(self._running, RemoteCapture)
        return remote and self._next is None and now >= self._stays_until

    def begin_move(self, host: CaptureHost, key: Key, now: float) -> None:
        """Let `host` read it as well; it takes over with its first picture."""
        old = self._running
        assert isinstance(old, RemoteCapture)
        successor = RemoteCapture(key, old.camera, old.view, old.counters, successor=True)
        self._next = (host, successor, now)
        old.successor = successor
        host.begin(successor)

    def finish_move(self, now: float) -> None:
        """Take over where the successor delivers, give it up where it does not in time."""
        if self._next is None or self.host is None:
            return
        host, successor, since = self._next
        old = self._running
        assert isinstance(old, RemoteCapture)
        if successor.placed:
            _log.info("camera %s moved to %s", old.key.camera, host.name)
            successor.take_over(old)
            self.host.end(old)
            self._running, self.host, self._next, self._cpu = successor, host, None, None
        elif now - since > _HANDOVER and successor.give_up():
            _log.info("camera %s stays in %s", old.key.camera, self.host.name)
            host.end(successor)
            old.successor = None
            self._next = None
            self._stays_until = now + _STAYS
