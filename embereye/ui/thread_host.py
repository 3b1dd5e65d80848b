"""Gives workers QThreads."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QThread


class QtThreads:
    """A `runtime.worker.ThreadHost` whose threads are QThreads.

    `start` may be called from any thread; threads are kept until they have ended, since Qt
    aborts the program when the object of a running thread is destroyed.
    """

    def __init__(self) -> None:
        self._running: set[_Host] = set()

    def start(self, name: str, body: Callable[[], None]) -> "_Hosted":
        """Run `body` in a new QThread called `name`."""
        for ended in [host for host in tuple(self._running) if host.isFinished()]:
            self._running.discard(ended)  # set operations are atomic: no lock is needed
        host = _Host(name, body)
        self._running.add(host)
        host.start()
        return _Hosted(host)


class _Host(QThread):
    def __init__(self, name: str, body: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._body = body

    def run(self) -> None:
        threading.current_thread().name = self.objectName()  # what the log shows
        self._body()


class _Hosted:
    def __init__(self, host: _Host) -> None:
        self._host = host

    def join(self, timeout: float) -> bool:
        """Wait for the end; False when it still runs after `timeout` s."""
        return self._host.wait(max(0, round(timeout * 1000)))
