"""Keeps workers running: restarts with back-off, says so when one keeps failing."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock

from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import Clock
from embereye.runtime.worker import Hosted, ThreadHost, Worker

_log = logging.getLogger(__name__)

_BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # s before each restart; the last one repeats
_WINDOW, _LIMIT = 60.0, 5  # this many failures in this many seconds mean FAILED
_HEALTHY = 60.0  # s without a failure end the FAILED state


class _Child:
    def __init__(self, name: str, worker: Worker) -> None:
        self.name = name
        self.worker = worker
        self.stop = Event()
        self.hosted: Hosted | None = None
        self.up_since: float | None = None  # monotonic s; None between two runs
        self.failed = False


@dataclass(frozen=True, slots=True)
class _Tell:
    clock: Clock
    publish: Callable[[object], None]

    def __call__(self, name: str, text: str, *, recovered: bool) -> None:
        self.publish(WorkerFailed(name, text, recovered, self.clock.now()))


class Supervisor:
    """Starts workers in hosted threads and restarts those that raise.

    A crash is followed by a pause of 1, 2, 4 … 30 s; five crashes in 60 s publish `WorkerFailed`
    (a fault alarm), after which it is still tried every 30 s: a watch for fire never gives up.
    A failed worker that has run for 60 s is told as recovered by the next `look`.
    `start`, `stop` and `stop_all` are for the composing thread.
    """

    def __init__(self, host: ThreadHost, clock: Clock, publish: Callable[[object], None]) -> None:
        self._host = host
        self._clock = clock
        self._tell = _Tell(clock, publish)
        self._lock = Lock()
        self._children: dict[str, _Child] = {}
        self._leaving: list[_Child] = []

    def start(self, name: str, worker: Worker) -> None:
        """Run `worker` under `name` until `stop(name)`; names are unique."""
        child = _Child(name, worker)
        with self._lock:
            if name in self._children:
                raise ValueError(f"a worker called {name} runs already")
            self._children[name] = child
        child.hosted = self._host.start(name, lambda: self._keep_running(child))

    def stop(self, name: str, deadline: float = 1.0) -> bool:
        """Stop one worker; False when it still ran after `deadline` s (it is left behind)."""
        with self._lock:
            child = self._children.pop(name, None)
        if child is None:
            return True
        child.stop.set()
        return self._join(child, deadline)

    def dismiss(self, name: str) -> None:
        """Tell one worker to stop without waiting; its name is free at once. Any thread."""
        with self._lock:
            child = self._children.pop(name, None)
            if child is not None:
                self._leaving = [c for c in self._leaving if not self._ended(c)] + [child]
        if child is not None:
            child.stop.set()

    def look(self) -> None:
        """Tell of failed workers that work again; call about each second. Any thread."""
        now = self._clock.mono()
        with self._lock:
            failed = [child for child in self._children.values() if child.failed]
        for child in failed:
            if child.up_since is not None and now - child.up_since > _HEALTHY:
                child.failed = False
                self._tell(child.name, f"{child.name} works again", recovered=True)

    def stop_all(self, deadline: float = 5.0) -> list[str]:
        """Stop all of them at once; the names of those that would not end in time.

        All are told before any is waited for: a hundred cameras that end within 0.1 s each would
        not end within the deadline one after the other.
        """
        with self._lock:
            children = self._leaving + list(self._children.values())[::-1]
            self._children.clear()
            self._leaving = []
        for child in children:
            child.stop.set()
        end = self._clock.mono() + deadline
        return [
            child.name
            for child in children
            if not self._join(child, max(0.1, end - self._clock.mono()))
        ]

    @staticmethod
    def _ended(child: _Child) -> bool:
        return child.hosted is None or child.hosted.join(0.0)

    def _join(self, child: _Child, deadline: float) -> bool:
        ended = child.hosted is None or child.hosted.join(deadline)
        if not ended:
            _log.error("%s did not stop within %.1f s", child.name, deadline)
        return ended

    def _keep_running(self, child: _Child) -> None:
        failures: deque[float] = deque(maxlen=_LIMIT)
        in_row = 0
        while not child.stop.is_set():
            started = child.up_since = self._clock.mono()
            try:
                child.worker.run(child.stop)
            except Exception as error:  # noqa: BLE001 - outermost loop of a thread
                _log.exception("%s crashed", child.name)
                child.up_since, now = None, self._clock.mono()
                in_row = 1 if now - started > _HEALTHY else in_row + 1
                self._note_failure(child, failures, now, error)
                child.stop.wait(_BACKOFF[min(in_row, len(_BACKOFF)) - 1])
            else:
                break
        if child.failed:
            self._tell(child.name, f"{child.name} was stopped", recovered=True)

    def _note_failure(
        self, child: _Child, failures: deque[float], now: float, error: Exception
    ) -> None:
        failures.append(now)
        if not child.failed and len(failures) == _LIMIT and now - failures[0] <= _WINDOW:
            child.failed = True
            text = f"{child.name} failed {_LIMIT} times in {_WINDOW:.0f} s: {error}"
            self._tell(child.name, text, recovered=False)
