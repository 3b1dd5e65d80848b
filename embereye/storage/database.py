"""Opening the database files, and errors in words that say what to do.

SQLite up to 3.51.2 can corrupt a WAL file when two connections checkpoint at once
(fixed in 3.51.3); `pysqlite3` brings a newer one. Where it has no wheel, the standard library's
is used with a warning; only the writer ever checkpoints, so the bug needs a second program to
strike.
"""

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this platform
    import sqlite3 as sqlite

from embereye.model.errors import StorageError

_log = logging.getLogger(__name__)

EVIDENCE_FILE = "embereye.db"
TELEMETRY_FILE = "telemetry.db"

Connection = Any  # pysqlite3 carries no types
SqlError = sqlite.Error
connect = sqlite.connect

_SAFE_SQLITE = (3, 51, 3)
_BUSY_READER = 5000  # ms; longer than any transaction of ours, short enough to tell a person
# ms; the writer rather keeps alarms in memory and journal than waits, and must stop within 1 s
_BUSY_WRITER = 500

# Result codes, source: sqlite.org/rescode.html
_PERM, _BUSY, _LOCKED, _NOMEM, _READONLY = 3, 5, 6, 7, 8
_IOERR, _CORRUPT, _FULL, _CANTOPEN, _PROTOCOL, _NOTADB = 10, 11, 13, 14, 15, 26
_WORLD = {
    _PERM, _BUSY, _LOCKED, _NOMEM, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _PROTOCOL, _NOTADB
}  # fmt: skip

_MISSING = ("no such table", "no such column")
_OLDER = (
    "{name} lacks tables of this version. Run 'embereye db migrate' or start the console: either"
    " makes a backup first, then brings it up to date."
)
_NO_ROOM = 64 * 1024  # bytes; SQLite's shared memory of one database takes 32 KiB

_IN_USE = "{name} is locked by another program. Close the program that holds it, then try again."
_TEXTS = {
    _BUSY: _IN_USE,
    _LOCKED: _IN_USE,
    _READONLY: "{name} cannot be written: {path} is read-only. Give this user write permission "
    "for the folder and the file.",
    _PERM: "{name} cannot be opened: no permission for {path}. Give this user permission.",
    _CANTOPEN: "{name} cannot be opened. Check that the folder {folder} exists and that this "
    "user may read and write it.",
    _FULL: "The disk is full: {name} cannot grow. Free space on the disk of {folder}.",
    _IOERR: "The disk reports an error at {path}. Check the disk and its cable or network, and "
    "copy the folder {folder} to a sound disk.",
    _CORRUPT: "{path} is damaged. Stop the program and run 'embereye db restore' with a "
    "backup, or move the file aside; a new one is then made at the next start.",
    _NOTADB: "{path} is not a database. Move it aside and start again, or run "
    "'embereye db restore' with a backup.",
}


def open_writer(path: Path, *, durable: bool, create: bool = True) -> Connection:
    """The one writing connection of `path`, in WAL mode.

    Belongs to the calling thread. Transactions are begun and ended by hand. It never checkpoints
    by itself: `storage.wal` does.

    Args:
        durable: True: each commit survives a power cut (synchronous=FULL, 0.15 ms median).
        create: Whether a missing file is made; if not, it is an error.

    Raises:
        StorageError: With what to do.
    """
    warn_old_sqlite()
    with explained(path):
        connection = sqlite.connect(
            _uri(path, "rwc" if create else "rw"),
            uri=True,
            timeout=_BUSY_WRITER / 1000,
            isolation_level=None,
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA mmap_size=0")
            connection.execute("PRAGMA wal_autocheckpoint=0")
        except SqlError:
            connection.close()
            raise
    return connection


def read_all(path: Path, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
    """All rows of one query, through a read-only connection that is closed before returning.

    Any thread; also while another process writes. Nothing is left open that could hold back a
    checkpoint.

    Raises:
        StorageError: With what to do.
    """
    with reading(path) as connection:
        return rows_of(connection, sql, parameters)


def rows_of(
    connection: Connection, sql: str, parameters: Sequence[object] = ()
) -> list[dict[str, Any]]:
    """All rows of one query by the names of their columns."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite.Row
    return [dict(row) for row in cursor.execute(sql, parameters).fetchall()]


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """A read-only connection for a few queries in a row; closed at the end of the block."""
    with explained(path), _older(path), closing(_open_reader(path)) as connection:
        yield connection


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Begin at once as a writer; commit at the end, roll back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: Connection) -> None:
    """Leave the transaction, if there is one."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into `StorageError`."""
    try:
        yield
    except SqlError as error:
        raise explain(error, path) from error


@contextmanager
def _older(path: Path) -> Iterator[None]:
    """Say so when a reader misses a table: a file is brought up to date when a writer opens it."""
    try:
        yield
    except SqlError as error:
        if str(error).startswith(_MISSING):
            raise StorageError(_OLDER.format(name=path.name)) from error
        raise


def explain(error: Exception, path: Path) -> StorageError:
    """What went wrong with `path` and what to do, for an operator."""
    if isinstance(error, StorageError):
        return error
    code = _code(error)
    if code == _IOERR and _no_room(path.parent):
        code = _FULL  # SQLite calls it an I/O error when its shared memory finds no room
    template = _TEXTS.get(code, "{name} cannot be used: {error}.")
    return StorageError(template.format(name=path.name, path=path, folder=path.parent, error=error))


def is_world(error: Exception) -> bool:
    """Whether the disk or another program is to blame: trying again later can succeed."""
    return isinstance(error, OSError) or _code(error) in _WORLD


def passes(error: Exception) -> bool:
    """Whether the connection stays good: no room, or somebody else's turn.

    Kept open on a full disk, since the room that its WAL file has can be used again.
    """
    return _code(error) in (_FULL, _BUSY, _LOCKED)


def warn_old_sqlite() -> None:
    """Say so when the SQLite in use has the WAL-reset bug."""
    if sqlite.sqlite_version_info < _SAFE_SQLITE:
        _log.warning(
            "SQLite %s can damage a database that two programs write; install pysqlite3",
            sqlite.sqlite_version,
        )


def absent(path: Path) -> StorageError:
    """What to say where this database should be and is not."""
    return StorageError(
        f"There is no {path.name} in {path.parent} yet. Start the console once, or name the "
        "folder with --data-dir."
    )


def _open_reader(path: Path) -> Connection:
    if not path.exists():
        raise absent(path)
    uri = _uri(path, "ro")
    connection = sqlite.connect(uri, uri=True, timeout=_BUSY_READER / 1000, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except SqlError as error:
        connection.close()
        if _code(error) not in (_CANTOPEN, _READONLY, _IOERR) or _wal_size(path):
            raise
        # A WAL file needs a writable folder and room even for reading; without one nobody writes.
        connection = sqlite.connect(uri + "&immutable=1", uri=True, isolation_level=None)
    return connection


def _no_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _NO_ROOM
    except OSError:
        return False


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _wal_size(path: Path) -> int:
    """Bytes of the WAL file; SQLite makes an empty one before it finds no room for more."""
    wal = path.with_name(path.name + "-wal")
    return wal.stat().st_size if wal.exists() else 0


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
