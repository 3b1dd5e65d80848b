"""Workers are plain objects with `run(stop)`; a host gives one a thread."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Protocol


class Worker(Protocol):
    """Something that runs in a thread of its own."""

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; return within 1 s of that. Raise to be restarted."""


class Hosted(Protocol):
    """A running thread."""

    def join(self, timeout: float) -> bool:
        """Wait for the end; False when it still runs after `timeout` s."""


class ThreadHost(Protocol):
    """Starts threads: plain ones here, QThreads on the console (`ui.thread_host`)."""

    def start(self, name: str, body: Callable[[], None]) -> Hosted:
        """Run `body` in a new thread called `name`."""


class PlainThreads:
    """Hosts workers in `threading.Thread`s."""

    def start(self, name: str, body: Callable[[], None]) -> Hosted:
        thread = Thread(target=body, name=name, daemon=True)
        thread.start()
        return _PlainThread(thread)


class _PlainThread:
    def __init__(self, thread: Thread) -> None:
        self._thread = thread

    def join(self, timeout: float) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()
