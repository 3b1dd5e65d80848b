"""Notes in the audit which pictures left the program as files."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from embereye.model.camera_messages import SnapshotSaved
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine

KIND = "snapshot"  # of the audit rows


class SnapshotLog:
    """Hears of saved snapshots. Engine thread; `answer` any."""

    def __init__(self, engine: Engine, record: Callable[[str, str, str, str, Stamp], None]) -> None:
        """`record` writes an audit row: kind, subject, actor, text, when (`AuditStore.record`)."""
        self._engine = engine
        self._record = record
        engine.on(SnapshotSaved, self._saved)

    def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Note what a command saved: "camera", "utc", "file", "actor"."""
        saved = saved_of(asked)
        if saved is None:
            return {"ok": False, "problem": "This program does not know that request."}
        self._engine.post(saved)
        return {"ok": True}

    def _saved(self, saved: SnapshotSaved) -> None:
        self._record(KIND, saved.camera, saved.actor, told(saved), self._engine.clock.now())


def told(saved: SnapshotSaved) -> str:
    """What the audit says of it."""
    moment = datetime.fromtimestamp(saved.utc, UTC).isoformat(timespec="milliseconds")
    return f"picture of {moment} saved as {saved.file}"


def saved_of(asked: Mapping[str, Any]) -> SnapshotSaved | None:
    """The message in a request of a command; None when it is none."""
    camera, utc, file = asked.get("camera"), asked.get("utc"), asked.get("file")
    actor = str(asked.get("actor", ""))[:64]
    if not (isinstance(camera, str) and isinstance(file, str) and isinstance(utc, float)):
        return None
    if not 0 <= utc < 1e11:  # s; beyond it there is no date
        return None
    return SnapshotSaved(CameraId(camera[:64]), utc, file[:4096], actor)
