"""Keys of authenticated devices: sealed, never in the open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embereye.model.credential import KeyState
from embereye.model.ids import DeviceId
from embereye.storage.database import Connection, read_all
from embereye.storage.writer import Done, StorageWriter, Write

_SAVE = """
INSERT INTO device_keys (device, kid, sealed, created_utc, expires_utc, revoked_utc)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (device, kid) DO UPDATE SET
    sealed = excluded.sealed, expires_utc = excluded.expires_utc, revoked_utc = excluded.revoked_utc
"""


_REMOVE = "DELETE FROM device_keys WHERE device = ? AND kid = ?"

KeyName = tuple[DeviceId, str]  # device and kid


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One row; it stays when the key is revoked, since its device stays known as enrolled.

    Attributes:
        sealed: The key, encrypted (`config.sealing`); empty once it is revoked or over.
        created_utc, expires_utc, revoked_utc: Seconds UTC; None: never.
    """

    device: DeviceId
    kid: str
    sealed: bytes = field(repr=False)
    created_utc: float
    expires_utc: float | None = None
    revoked_utc: float | None = None

    def state(self, utc: float) -> KeyState:
        """What it is good for at `utc`."""
        over = self.expires_utc is not None and utc >= self.expires_utc
        if self.revoked_utc is not None or over:
            return KeyState.REVOKED
        return KeyState.ACTIVE if self.expires_utc is None else KeyState.RETIRING


class DeviceKeyStore:
    """Saves and restores sealed keys. Any thread; writes return at once and survive a power cut."""

    def __init__(self, path: Path, writer: StorageWriter) -> None:
        """`writer` must be the durable one of `path`."""
        self._path = path
        self._writer = writer

    def load(self) -> tuple[StoredKey, ...]:
        """Every key ever made, oldest first; StorageError when it cannot be read."""
        return load_keys(self._path)

    def save(self, keys: Sequence[StoredKey], void: Sequence[KeyName], done: Done) -> None:
        """Add or replace rows, and remove those of keys that nobody ever saw; all or none.

        `done` is called in the writer's thread.
        """
        rows = [
            (k.device, k.kid, k.sealed, k.created_utc, k.expires_utc, k.revoked_utc) for k in keys
        ]

        def apply(connection: Connection) -> None:
            connection.executemany(_REMOVE, void)
            connection.executemany(_SAVE, rows)

        self._writer.put(Write(apply, done))


def load_keys(path: Path) -> tuple[StoredKey, ...]:
    """Every key in the database `path`, oldest first; also while another process owns it.

    Raises:
        StorageError: It cannot be read.
    """
    rows = read_all(path, "SELECT * FROM device_keys ORDER BY created_utc, device, kid")
    return tuple(
        StoredKey(
            DeviceId(row["device"]),
            row["kid"],
            bytes(row["sealed"]),
            row["created_utc"],
            row["expires_utc"],
            row["revoked_utc"],
        )
        for row in rows
    )
