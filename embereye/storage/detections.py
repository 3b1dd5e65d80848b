"""Detections worth keeping."""

import json
from collections.abc import Sequence

from embereye.model.detection import DetectionResult
from embereye.storage.database import Connection
from embereye.storage.writer import StorageWriter, Write

_PRUNE = 500  # rows of one transaction: some ms, since alarms wait behind it


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


def _row(result: DetectionResult) -> tuple[object, ...]:
    boxes = [
        [d.label, round(d.confidence, 4), d.x, d.y, d.width, d.height] for d in result.detections
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
