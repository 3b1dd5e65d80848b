"""The log of devices in the telemetry database: commands, answers, events."""

from collections.abc import Sequence
from pathlib import Path

from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.storage.database import Connection, read_all
from embereye.storage.writer import StorageWriter, Write

_PRUNE = 10_000  # lines removed in one transaction: some 10 ms
_COLUMNS = "device, at_utc, direction, text"


class DeviceLogStore:
    """Writes log lines behind everything urgent. Any thread; returns at once."""

    def __init__(self, writer: StorageWriter) -> None:
        """`writer` is that of the telemetry database."""
        self._writer = writer

    def save(self, lines: Sequence[DeviceLogged]) -> None:
        """Keep lines; lost when the disk fails for long (they are no evidence)."""
        rows = [(str(line.device), line.at.utc, line.direction.value, line.text) for line in lines]

        def apply(connection: Connection) -> None:
            connection.executemany(
                "INSERT INTO device_log (device, at_utc, direction, text) VALUES (?, ?, ?, ?)", rows
            )

        self._writer.put_bulk(Write(apply))

    def prune(self, before: float) -> None:
        """Remove lines older than `before` (s UTC), at most 10,000 a call."""

        def apply(connection: Connection) -> None:
            connection.execute(
                "DELETE FROM device_log WHERE id IN "
                "(SELECT id FROM device_log WHERE at_utc < ? LIMIT ?)",
                (before, _PRUNE),
            )

        self._writer.put_bulk(Write(apply))


def device_log(
    path: Path, device: DeviceId | None = None, since: float = 0.0, limit: int = 200
) -> tuple[DeviceLogged, ...]:
    """The newest `limit` lines since `since` (s UTC) of one device or of all, newest first.

    StorageError when the telemetry database at `path` cannot be read. The monotonic stamps of
    stored lines are 0.
    """
    where = "at_utc >= ?" if device is None else "at_utc >= ? AND device = ?"
    bound = (since,) if device is None else (since, str(device))
    rows = read_all(
        path,
        f"SELECT {_COLUMNS} FROM device_log WHERE {where} "  # noqa: S608 - constants of this module
        "ORDER BY at_utc DESC, id DESC LIMIT ?",
        (*bound, limit),
    )
    return tuple(
        DeviceLogged(
            DeviceId(row["device"]),
            Stamp(0.0, row["at_utc"]),
            Direction(row["direction"]),
            row["text"],
        )
        for row in rows
    )
