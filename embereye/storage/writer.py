"""The one thread that writes to a database."""

import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from embereye.model.errors import StorageError
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.metrics import Samples
from embereye.storage.database import (
    Connection,
    SqlError,
    explain,
    is_world,
    open_writer,
    passes,
    roll_back,
    transaction,
)
from embereye.storage.journal import Journal
from embereye.storage.wal import WalKeeper

_log = logging.getLogger(__name__)

_GROUP = 0.020  # s; a group commit waits no longer for more of the same
_MOST = 256  # writes of one transaction: some ms
_URGENT = 10_000  # writes; above this `over` counts, nothing is dropped
_BULK = 4_000  # writes; 100 devices with 7 channels for a minute
_IDLE = 0.25  # s; longest sleep, so that a stop is seen soon
_TIDY_PERIOD = 1.0  # s between looks at WAL, disk and audit heads
_BACKOFF = (0.1, 0.2, 0.4, 0.8, 1.6, 2.0)  # s between tries; recovery is noticed within 2 s
_STOP_BUDGET = 0.6  # s for what still waits at a stop
_BAD_WRITE = (SqlError, OSError, ValueError, TypeError, OverflowError, KeyError)  # else a bug

Done = Callable[[StorageError | None], None]


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """Something that is stored wholly or not at all.

    Attributes:
        apply: Executes statements, inside a transaction; may be called again after a roll-back.
        done: Called once, in the writer's thread: None after the COMMIT, else why it will not be
            stored by this process.
        record: Makes what brings this write back at the next start, for the journal.
    """

    apply: Callable[[Connection], None]
    done: Done | None = None
    record: Callable[[], dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """What a writer is wired to.

    Attributes:
        usable: Told once with False and a text when writing fails, once with True at recovery.
        wal: Told the same about a WAL file that cannot shrink.
        journal: Takes alarms that cannot be committed; None: they are only kept in memory.
        tidy: Called about each second and at the end with the connection, outside transactions.
        reserve: Bytes that must stay free on the disk for bulk writes to be made.
        connect: Opens the writing connection; None: `open_writer`.
        after: Hands writes on to this writer, also at its end, see `storage.follower`.
    """

    usable: Callable[[bool, str], None]
    wal: Callable[[bool, str], None]
    journal: Journal | None = None
    tidy: Callable[[Connection], None] | None = None
    reserve: int = 0
    connect: Callable[[], Connection] | None = None
    after: "StorageWriter | None" = None


class StorageWriter:
    """Commits writes in groups; a worker.

    `put` and `put_bulk` may be called from any thread and never block. Urgent writes are
    never dropped and never wait behind bulk writes. While the disk fails, urgent writes stay in
    memory and in the journal, in order, and are tried again until they are stored.

    Attributes:
        commit_seconds: From taking the oldest write of a group to the end of its commit.
        stored, rejected: Writes committed; writes that can never be stored (logged).
        usable: False while the disk fails.
    """

    def __init__(self, path: Path, clock: Clock, port: Port, *, durable: bool) -> None:
        self._ended = Event()
        self._ended.set()
        self._path = path
        self._clock = clock
        self._port = port
        self._durable = durable
        self._urgent: Mailbox[Write] = Mailbox(_URGENT, Full.GROW)
        self._bulk: Mailbox[Write] = Mailbox(_BULK, Full.DROP_OLDEST)
        self._held: deque[Write] = deque()
        self._held_bulk: deque[Write] = deque()
        self._journaled: set[Write] = set()
        self._connection: Connection | None = None
        self._wal = WalKeeper(path, port.wal)
        self._tries = 0
        self._next_try = 0.0
        self._next_tidy = 0.0
        self.usable = True
        self.stored = 0
        self.rejected = 0
        self.commit_seconds = Samples()

    @property
    def dropped(self) -> int:
        """Bulk writes lost because too many waited."""
        return self._bulk.dropped

    @property
    def waiting(self) -> int:
        """Urgent writes not committed yet."""
        return len(self._urgent) + len(self._held)

    @property
    def bulk_waiting(self) -> int:
        """Bulk writes not committed yet."""
        return len(self._bulk) + len(self._held_bulk)

    def put(self, write: Write) -> None:
        """Store as soon as possible; never dropped."""
        self._urgent.put(write)

    def put_bulk(self, write: Write) -> None:
        """Store when nothing urgent waits; the oldest is dropped when too many wait."""
        self._bulk.put(write)
        self._urgent.wake()

    def run(self, stop: Event) -> None:
        """Store until `stop` is set, then what still waits."""
        self._ended.clear()
        try:
            while not stop.is_set():
                self.step(self._pause())
            self._finish()
        finally:
            self._close()
            self._ended.set()

    def step(self, timeout: float = 0.0) -> None:
        """Store what waits now, or arrives within `timeout` s. Writer's thread."""
        arrived = [] if self._bulk_ready() else self._urgent.take_all(timeout, _MOST)
        arrived = arrived or self._urgent.take_all(0.0, _MOST)
        self._held.extend(arrived)
        if not self.usable and self._clock.mono() < self._next_try:
            self._keep_safe()
            return
        self._store(self._held, join=self._urgent)
        if not self._held and not (self.usable and self._wal.blocked):
            self._held_bulk.extend(self._bulk.take_all(0.0, _MOST - len(self._held_bulk)))
            self._store(self._held_bulk)
        self._tidy()

    def _pause(self) -> float:
        if self.usable:
            return _IDLE
        return min(_IDLE, max(0.0, self._next_try - self._clock.mono()))

    def _bulk_ready(self) -> bool:
        return self.usable and not self._wal.blocked and bool(len(self._bulk) or self._held_bulk)

    # --- storing -----------------------------------------------------------------------------

    def _store(self, queue: deque[Write], join: Mailbox[Write] | None = None) -> None:
        """Commit the queue from its front; what the disk refuses stays in it."""
        before = self.stored
        while queue:
            started = self._clock.mono()
            try:
                self._check_room(bulk=join is None)
                count = self._commit_group(self._open(), queue, join, started)
            except _BAD_WRITE as error:
                if not self._one_by_one(queue, error):
                    return
            except StorageError as error:
                self._failed(error)
                return
            else:
                self._committed(queue, count, started)
        if not self.usable and self.stored > before and not self._held and not self._held_bulk:
            self._recovered()

    def _commit_group(
        self,
        connection: Connection,
        queue: deque[Write],
        join: Mailbox[Write] | None,
        started: float,
    ) -> int:
        """Apply and commit as many as wait; the number of writes in the transaction."""
        count = 0
        with transaction(connection):
            while count < min(len(queue), _MOST):
                queue[count].apply(connection)
                count += 1
                more = join is not None and count == len(queue) < _MOST
                if join is not None and more and self._clock.mono() - started < _GROUP:
                    queue.extend(join.take_all(0.0, _MOST - count))
        return count

    def _one_by_one(self, queue: deque[Write], first_error: Exception) -> bool:
        """Each write in a transaction of its own; False when the disk is to blame."""
        _log.debug("a group was rolled back: %s", first_error)
        for _ in range(min(len(queue), _MOST)):
            started = self._clock.mono()
            try:
                connection = self._open()
                with transaction(connection):
                    queue[0].apply(connection)
            except StorageError as error:
                self._failed(error)
                return False
            except _BAD_WRITE as error:
                if is_world(error):
                    self._failed(error)
                    return False
                self._reject(queue.popleft(), error)
            else:
                self._committed(queue, 1, started)
        return True

    def _committed(self, queue: deque[Write], count: int, started: float) -> None:
        finished = [queue.popleft() for _ in range(count)]
        self.stored += count
        self.commit_seconds.add(self._clock.mono() - started)
        for write in finished:
            if write.done is not None:
                write.done(None)

    def _reject(self, write: Write, error: Exception) -> None:
        self.rejected += 1
        _log.error("one record cannot be stored in %s: %r", self._path.name, error)
        if write.done is not None:
            write.done(StorageError(f"A record cannot be stored in {self._path.name}: {error}."))

    def _check_room(self, *, bulk: bool) -> None:
        if not bulk or self._port.reserve == 0:
            return
        if shutil.disk_usage(self._path.parent).free < self._port.reserve:
            raise StorageError(
                f"The disk of {self._path.parent} is nearly full: readings are not stored, so "
                "that alarms still can be. Free space on it."
            )

    # --- when the disk fails -----------------------------------------------------------------

    def _failed(self, error: Exception) -> None:
        self._next_try = self._clock.mono() + _BACKOFF[min(self._tries, len(_BACKOFF) - 1)]
        self._tries += 1
        if not passes(error):
            self._close()
        self._keep_safe()
        if self.usable:
            self.usable = False
            problem = explain(error, self._path)
            _log.error("%s", problem)
            self._port.usable(False, str(problem))

    def _keep_safe(self) -> None:
        """Put what waits into the journal, so that a kill cannot lose it."""
        if self._port.journal is None:
            return
        for write in self._held:
            if write.record is None or write in self._journaled:
                continue
            try:
                self._port.journal.append(write.record())
            except StorageError as error:
                _log.debug("%s", error)  # the operator is told already: not being recorded
                return
            self._journaled.add(write)

    def _recovered(self) -> None:
        self.usable = True
        self._tries = 0
        self._journaled.clear()
        if self._port.journal is not None:
            self._port.journal.clear()
            self._port.journal.ensure_ballast()
        text = f"{self._path.name} is being written again."
        _log.info("%s", text)
        self._port.usable(True, text)

    # --- the connection ----------------------------------------------------------------------

    def _open(self) -> Connection:
        if self._connection is None:
            connect = self._port.connect or self._connect
            self._connection = connect()
        return self._connection

    def _connect(self) -> Connection:
        # A file that vanished is not made anew: it would have no tables and refuse all alarms.
        return open_writer(self._path, durable=self._durable, create=False)

    def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                roll_back(connection)
                connection.close()
            except SqlError as error:
                _log.debug("closing %s: %s", self._path.name, error)

    def _tidy(self) -> None:
        if self._connection is None:
            return
        now = self._clock.mono()
        if now < self._next_tidy:
            self._wal.tend(self._connection, idle=False)
            return
        self._wal.tend(self._connection, idle=self.waiting == 0)
        self._next_tidy = now + _TIDY_PERIOD
        if self._port.tidy is not None:
            try:
                self._port.tidy(self._connection)
            except SqlError as error:
                _log.warning("tidying %s: %s", self._path.name, error)

    def _finish(self) -> None:
        if self._port.after is not None:
            self._port.after._ended.wait(2 * _STOP_BUDGET)
        end = self._clock.mono() + _STOP_BUDGET
        self._next_try = self._next_tidy = 0.0
        while (len(self._urgent) or len(self._bulk)) and self._clock.mono() < end and self.usable:
            self.step()
        self.step()
        self._held.extend(self._urgent.take_all(0.0))
        self._keep_safe()
        reason = StorageError(f"{self._path.name} cannot be written and the program ends.")
        while self._held:
            write = self._held.popleft()
            if write.done is not None:
                write.done(reason)
        self._next_tidy = 0.0
        self._tidy()
