"""Makes edits of stored records evident: each row carries an HMAC over itself and its predecessor.

Edits, deletions and swaps break the chain. A cut-off tail does not, so the newest link is also
kept apart, in the heads file. Whoever can read the key file can forge; keep a copy of the heads
elsewhere to detect that too.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from embereye.model.errors import StorageError
from embereye.storage.database import Connection, reading

_log = logging.getLogger(__name__)

_KEY_FILE = "audit.key"
_HEADS_FILE = "audit.heads"
_KEY_BYTES = 32  # as long as the digest; source: RFC 2104, section 3
_START = bytes(32)

# What each chained table's links cover, in this order. A released list never changes.
CHAINED = {
    "alarm_actions": (
        "id", "alarm", "revision", "event", "actor", "at_utc", "before", "after", "reasons"
    ),
    "audit": ("id", "at_utc", "kind", "subject", "actor", "text"),
}  # fmt: skip


class Chain:
    """Links rows. Immutable; any thread."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def link(self, previous: bytes, fields: Sequence[object]) -> bytes:
        """The 32 bytes that bind `fields` to everything before them."""
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        return hmac.digest(self._key, previous + body, hashlib.sha256)

    def append(self, connection: Connection, table: str, fields: Sequence[object]) -> bool:
        """Insert a row of `CHAINED[table]` without its id; False when it is there already."""
        newest = connection.execute(
            f"SELECT id, chain FROM {table} ORDER BY id DESC LIMIT 1"  # noqa: S608 - from CHAINED
        ).fetchone()
        number, previous = newest or (0, _START)
        row = (number + 1, *fields)
        columns = ", ".join(CHAINED[table])
        marks = ", ".join("?" * (len(row) + 1))
        cursor = connection.execute(
            f"INSERT INTO {table} ({columns}, chain) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608 - from CHAINED
            (*row, self.link(previous, row)),
        )
        return bool(cursor.rowcount == 1)

    def verify(self, path: Path, table: str, heads: "Heads") -> list[str]:
        """What is wrong with the chain of `table` in the database `path`; empty when sound."""
        with reading(path) as connection:
            columns = ", ".join(CHAINED[table])
            rows = connection.execute(f"SELECT {columns}, chain FROM {table} ORDER BY id")  # noqa: S608 - from CHAINED
            return self._problems(table, rows, *heads.of(table))

    def _problems(
        self, table: str, rows: Iterable[tuple[object, ...]], head_id: int, head: bytes
    ) -> list[str]:
        previous = _START
        head_seen = head_id == 0
        for number, row in enumerate(rows, start=1):
            if row[0] != number:
                return [f"{table}: row {number} is missing"]
            expected = self.link(previous, row[:-1])
            if row[-1] != expected:
                return [f"{table}: row {number} was changed, or a row before it was removed"]
            head_seen = head_seen or (number == head_id and expected == head)
            previous = expected
        return [] if head_seen else [f"{table}: rows up to {head_id} were removed or replaced"]


class Heads:
    """The newest link of each chain, in a file of its own. Writer's thread, or offline checks."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _HEADS_FILE
        self._saved: dict[str, list[object]] = {}

    def save(self, connection: Connection) -> None:
        """Note the committed heads; nothing is written while none is newer."""
        heads: dict[str, list[object]] = {}
        for table in CHAINED:
            row = connection.execute(
                f"SELECT id, chain FROM {table} ORDER BY id DESC LIMIT 1"  # noqa: S608 - from CHAINED
            ).fetchone()
            if row is not None:
                heads[table] = [row[0], row[1].hex()]
        if heads == self._saved:
            return
        try:
            partial = self._path.with_suffix(".partial")
            partial.write_text(json.dumps(heads), "utf-8")
            os.replace(partial, self._path)
        except OSError as error:
            _log.warning("the heads of the audit chain cannot be written: %s", error)
            return
        self._saved = heads

    def of(self, table: str) -> tuple[int, bytes]:
        """The id and link of the newest row that was noted; (0, b"") when none was."""
        try:
            number, link = json.loads(self._path.read_text("utf-8"))[table]
            return int(number), bytes.fromhex(link)
        except (OSError, KeyError, ValueError, TypeError):
            return 0, b""


def load_key(folder: Path) -> bytes:
    """The key of this data directory, made (mode 0600) where there is none.

    Raises:
        StorageError: It cannot be read or made.
    """
    path = folder / _KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise StorageError(f"The audit key {path} cannot be used: {error}.") from error
    if len(key) != _KEY_BYTES:
        raise StorageError(f"The audit key {path} is damaged. Restore it from a backup.")
    return key


def _make_key(path: Path) -> None:
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
