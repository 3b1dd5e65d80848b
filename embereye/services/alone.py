"""One service on a data folder that nobody owns at the moment, for commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TypeVar

from embereye.model.errors import AlreadyRunning
from embereye.model.messages import SecurityEvent
from embereye.runtime.clock import Clock
from embereye.runtime.instance import FolderLock
from embereye.runtime.worker import PlainThreads, Worker
from embereye.storage.opening import Storage, open_storage

_STOP = 2.0  # s for each of the two threads

W = TypeVar("W", bound=Worker)
Note = Callable[[object], None]


@contextmanager
def alone(folder: Path, clock: Clock, build: Callable[[Storage, Note], W]) -> Iterator[W]:
    """The service that `build` makes, running with its storage until the block is left.

    `build` is given where security events go. Everything is stored at the end.

    Raises:
        AlreadyRunning: Another command or a program holds the folder.
        StorageError: The folder cannot be used.
    """
    try:
        lock = FolderLock(folder)
    except AlreadyRunning:
        raise AlreadyRunning(f"Another command works on {folder}: try again in a moment.") from None
    try:
        storage = open_storage(folder, clock, _nothing)

        def note(event: object) -> None:
            if isinstance(event, SecurityEvent):
                storage.audit.security(event)

        service = build(storage, note)
        threads, stops = PlainThreads(), (Event(), Event())
        writer = threads.start("alarm storage", lambda: storage.evidence.run(stops[0]))
        worker = threads.start("service", lambda: service.run(stops[1]))
        try:
            yield service
        finally:
            stops[1].set()
            worker.join(_STOP)
            stops[0].set()
            writer.join(_STOP)
    finally:
        lock.release()


def _nothing(_: object) -> None:
    """Nobody listens."""
