"""How far each device is with which firmware: a roll-out goes on after a restart."""

from dataclasses import dataclass
from pathlib import Path

from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.storage.database import Connection, read_all
from embereye.storage.writer import StorageWriter, Write


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """One device and one version.

    Attributes:
        state: model.firmware.UpdateState, or of the roll-out itself (device ""): "asked", "halted",
            "finished".
        changed_utc: Seconds UTC.
    """

    device: DeviceId
    version: str
    state: str
    changed_utc: float
    detail: str


def load_updates(path: Path) -> tuple[StoredUpdate, ...]:
    """Everything that was ever begun, oldest change first; also while another process owns it.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(path, "SELECT * FROM firmware_updates ORDER BY changed_utc, device")
    return tuple(
        StoredUpdate(
            DeviceId(row["device"]), row["version"], row["state"], row["changed_utc"], row["detail"]
        )
        for row in rows
    )


class FirmwareStore:
    """Any thread; writes return at once."""

    def __init__(self, path: Path, writer: StorageWriter) -> None:
        self._path = path
        self._writer = writer

    def load(self) -> tuple[StoredUpdate, ...]:
        """Everything that was ever begun, oldest change first.

        Raises:
            StorageError: The database cannot be read.
        """
        return load_updates(self._path)

    def save(self, device: DeviceId, version: str, state: str, at: Stamp, detail: str) -> None:
        """Keep the newest state of one device and version."""
        row = (str(device), version, state, at.utc, detail)

        def apply(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO firmware_updates (device, version, state, changed_utc, detail)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (device, version) DO UPDATE SET"
                " state = excluded.state, changed_utc = excluded.changed_utc,"
                " detail = excluded.detail",
                row,
            )

        self._writer.put(Write(apply))

    def forget(self, device: DeviceId, version: str) -> None:
        """Remove a failure that an operator wants tried again."""
        key = (str(device), version)

        def apply(connection: Connection) -> None:
            connection.execute("DELETE FROM firmware_updates WHERE device = ? AND version = ?", key)

        self._writer.put(Write(apply))
