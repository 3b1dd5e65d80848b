"""Detections worth keeping."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embereye.model.detection import DetectionResult
from embereye.storage.database import EVIDENCE_FILE, Connection, read_all
from embereye.storage.writer import StorageWriter, Write

_PRUNE = 500  # rows of one transaction: some ms, since alarms wait behind it


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted: the newest `limit` between two moments (s UTC, inclusive).

    Attributes:
        camera: Of this camera only; empty: of all.
        label: Only where this was seen ("person"); empty: anything.
    """

    since: float = 0.0
    until: float = 1e12
    camera: str = ""
    label: str = ""
    limit: int = 100


class DetectionStore:
    """Keeps verdicts of the detectors. Any thread; writes return at once."""

    def __init__(self, writer: StorageWriter) -> None:
        self._writer = writer

    def save(self, results: Sequence[DetectionResult]) -> None:
        """Store several verdicts in one transaction."""
        kept = tuple(results)

        def apply(connection: Connection) -> None:
            connection.executemany(
                "INSERT INTO detections (camera, frame_utc, fire, smoke, moving, detector, boxes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_row(result) for result in kept],
            )

        self._writer.put_bulk(Write(apply))

    def prune(self, before: float) -> None:
        """Remove up to 500 detections that are older than `before` (s UTC)."""
        sql = (
            "DELETE FROM detections WHERE id IN "
            "(SELECT id FROM detections WHERE frame_utc < ? LIMIT ?)"
        )
        self._writer.put_bulk(Write(lambda connection: connection.execute(sql, (before, _PRUNE))))


def detections(folder: Path, wanted: Wanted) -> list[dict[str, Any]]:
    """Stored verdicts, newest first; also while another process owns the data directory.

    "boxes": lists of label, confidence, x, y, width, height in pixels of the source, and the
    number of the object (0: not followed).

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(
        folder / EVIDENCE_FILE,
        "SELECT camera, frame_utc, fire, smoke, moving, detector, boxes FROM detections "
        "WHERE frame_utc >= ? AND frame_utc <= ? AND (? = '' OR camera = ?) AND (? = '' OR EXISTS "
        "(SELECT 1 FROM json_each(boxes) WHERE json_extract(value, '$[0]') = ?)) "
        "ORDER BY frame_utc DESC, id DESC LIMIT ?",
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
    return [{**row, "boxes": [_box(box) for box in json.loads(row["boxes"])]} for row in rows]


def _box(stored: list[Any]) -> list[Any]:
    """With the object's number, which the rows of older versions lack."""
    return stored if len(stored) > 6 else [*stored, 0]


def _row(result: DetectionResult) -> tuple[object, ...]:
    boxes = [
        [d.label, round(d.confidence, 4), d.x, d.y, d.width, d.height, d.track]
        for d in result.detections
    ]
    return (
        str(result.camera),
        result.frame_at.utc,
        result.fire,
        result.smoke,
        int(result.moving),
        result.detector,
        json.dumps(boxes),
    )
