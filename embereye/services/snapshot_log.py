"""Notes in the audit which pictures left the program as files."""

from collections.abc import Callable
from datetime import UTC, datetime

from embereye.model.camera_messages import SnapshotSaved
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine


class SnapshotLog:
    """Hears of saved snapshots. Engine thread."""

    def __init__(self, engine: Engine, record: Callable[[str, str, str, str, Stamp], None]) -> None:
        """`record` writes an audit row: kind, subject, actor, text, when (`AuditStore.record`)."""
        self._engine = engine
        self._record = record
        engine.on(SnapshotSaved, self._saved)

    def _saved(self, saved: SnapshotSaved) -> None:
        moment = datetime.fromtimestamp(saved.utc, UTC).isoformat(timespec="milliseconds")
        text = f"picture of {moment} saved as {saved.file}"
        self._record("snapshot", saved.camera, saved.actor, text, self._engine.clock.now())
