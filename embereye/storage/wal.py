"""Keeps a WAL file small: the one place that checkpoints."""

import logging
from collections.abc import Callable
from pathlib import Path

from embereye.storage.database import Connection, SqlError

_log = logging.getLogger(__name__)

_TIDY = 1 * 2**20  # bytes; worth a checkpoint when nothing else is to do
_DUE = 8 * 2**20  # bytes; checkpoint even under load: 2,000 pages, some ms
_STEP = 2 * 2**20  # bytes; more of it before another attempt while a reader is in the way
# bytes; from here on a reader that never ends must be in the way. 64 MiB is the promise (R6);
# the rest is room for alarms, 20 KiB each, while everything else waits.
_BLOCKED = 32 * 2**20


class WalKeeper:
    """Checkpoints one database. Writer's thread only.

    Attributes:
        blocked: Somebody reads for so long that the WAL cannot shrink; bulk writes must wait.
    """

    def __init__(self, path: Path, tell: Callable[[bool, str], None]) -> None:
        self._database = path
        self._wal = path.with_name(path.name + "-wal")
        self._tell = tell
        self._tried_at = 0  # bytes at the last attempt under load
        self.blocked = False

    def tend(self, connection: Connection, *, idle: bool) -> None:
        """Checkpoint if it is time; call after commits and, with `idle`, when nothing waits."""
        size = self.size()
        if size < (_TIDY if idle else max(_DUE, self._tried_at + _STEP)):
            self._judge(size)
            return
        self._tried_at = size
        try:
            if size < _DUE:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            else:
                self._truncate(connection)
        except SqlError as error:
            _log.debug("checkpoint of %s: %s", self._database.name, error)
        size = self.size()
        self._tried_at = min(self._tried_at, size)
        self._judge(size)

    def size(self) -> int:
        """Bytes of the WAL file; 0 without one."""
        try:
            return self._wal.stat().st_size
        except OSError:
            return 0

    def _truncate(self, connection: Connection) -> None:
        waited = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute("PRAGMA busy_timeout=0")  # alarms must not wait for a reader
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout={waited}")

    def _judge(self, size: int) -> None:
        if size >= _BLOCKED and not self.blocked:
            self.blocked = True
            text = (
                f"Another program has been reading {self._database.name} for too long; only "
                "alarms are stored until it ends. Close that program."
            )
            _log.warning("%s (%s is %d MiB)", text, self._wal.name, size // 2**20)
            self._tell(False, text)
        elif self.blocked and size < _DUE:
            self.blocked = False
            _log.info("%s can be tidied again", self._database.name)
            self._tell(True, f"{self._database.name} is stored completely again.")
