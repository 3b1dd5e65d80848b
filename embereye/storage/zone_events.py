"""Who entered and left the areas drawn on pictures, and who crossed which line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embereye.model.sighting import ZoneEvent
from embereye.storage.database import EVIDENCE_FILE, Connection, read_all
from embereye.storage.detections import Wanted
from embereye.storage.writer import StorageWriter, Write

_PRUNE = 500  # rows of one transaction: some ms, since alarms wait behind it


class ZoneEventStore:
    """Keeps events of areas and lines. Any thread; writes return at once."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    def save(self, events: Sequence[ZoneEvent]) -> None:
        """Store several events in one transaction."""
        rows = [_row(event) for event in events]

        def apply(connection: Connection) -> None:
            connection.executemany(
                "INSERT INTO zone_events (at_utc, camera, kind, zone, name, label, track, "
                "confidence, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

        self._writer.put_bulk(Write(apply))

    def prune(self, before: float) -> None:
        """Remove up to 500 events that are older than `before` (s UTC)."""
        sql = (
            "DELETE FROM zone_events WHERE id IN "
            "(SELECT id FROM zone_events WHERE at_utc < ? LIMIT ?)"
        )
        self._writer.put_bulk(Write(lambda connection: connection.execute(sql, (before, _PRUNE))))


def zone_events(folder: Path, wanted: Wanted) -> list[dict[str, Any]]:
    """Stored events, newest first; also while another process owns the data directory.

    Raises:
        StorageError: The database cannot be read.
    """
    return read_all(
        folder / EVIDENCE_FILE,
        "SELECT at_utc, camera, kind, zone, name, label, track, confidence, seconds "
        "FROM zone_events WHERE at_utc >= ? AND at_utc <= ? AND (? = '' OR camera = ?) "
        "AND (? = '' OR label = ?) ORDER BY at_utc DESC, id DESC LIMIT ?",
        (
            wanted.since,
            wanted.until,
            wanted.camera,
            wanted.camera,
            wanted.label,
            wanted.label,
            wanted.limit,
        ),
    )


def _row(event: ZoneEvent) -> tuple[object, ...]:
    return (
        event.at.utc,
        str(event.camera),
        event.kind.value,
        event.zone,
        event.name,
        event.label,
        event.track,
        round(event.confidence, 4),
        round(event.seconds, 3),
    )
