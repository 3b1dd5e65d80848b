"""Bulk writes of one database that must not be on the disk before writes of another one are."""

from threading import Lock

from embereye.model.errors import StorageError
from embereye.storage.writer import StorageWriter, Write


class Follower:
    """Passes bulk writes on once everything urgent that `first` was given before is committed.

    So that the history never has a value whose packet the inbox lacks: after a kill the device
    would say it again, and it would be kept twice. While `first` fails nothing waits for it. Any
    thread.
    """

    def __init__(self, first: StorageWriter, then: StorageWriter) -> None:
        self._first = first
        self._then = then
        self._lock = Lock()
        self._waiting = 0

    def put_bulk(self, write: Write) -> None:
        """As `StorageWriter.put_bulk` of the second writer, in order."""
        with self._lock:
            if not self._waiting and (not self._first.waiting or not self._first.usable):
                self._then.put_bulk(write)
                return
            self._waiting += 1

        def passed(_: StorageError | None) -> None:
            with self._lock:
                self._waiting -= 1
                self._then.put_bulk(write)

        self._first.put(Write(lambda _: None, passed))
