"""Which alarms a device took part in, for time lines."""

import json
from pathlib import Path

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.ids import AlarmId, DeviceId
from embereye.model.past import AlarmMark
from embereye.storage.database import read_all

_MOST = 500  # marks; more cannot be told apart on a screen


def alarm_marks(path: Path, device: DeviceId, since: float, until: float) -> tuple[AlarmMark, ...]:
    """Alarms of a device raised between two moments (s UTC), oldest first; the newest 500.

    Args:
        path: The database of evidence.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(
        path,
        "SELECT id, raised_utc, kind, priority, reasons FROM alarms WHERE raised_utc >= ? "
        "AND raised_utc <= ? AND EXISTS (SELECT 1 FROM json_each(alarms.sources) "
        "WHERE value = ?) ORDER BY raised_utc DESC LIMIT ?",
        (since, until, f"device {device}", _MOST),
    )
    return tuple(
        AlarmMark(
            AlarmId(row["id"]),
            row["raised_utc"],
            AlarmKind(row["kind"]),
            Priority(row["priority"]),
            ", ".join(json.loads(row["reasons"])),
        )
        for row in reversed(rows)
    )
