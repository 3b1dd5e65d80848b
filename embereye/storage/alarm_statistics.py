"""The log of announcements and acknowledgements that key figures are made of."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from embereye.model.alarm import AlarmEvent, AlarmKey, AlarmKind, AlarmState, Priority
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.kpi import AlarmLog, LogEvent, LogLine, Standing
from embereye.model.overlay_record import OverlayRecord
from embereye.rules.kpi import LEAD, STALE
from embereye.rules.overlays import ENDED, EXPIRED
from embereye.storage.database import SqlError, reading, rows_of
from embereye.storage.overlays import overlay_of

_MOST = 500_000  # rows; 30 days at 11 a minute, and some 2 s of reading
_LOOK = 20_000  # steps of SQLite's machine, some 0.1 ms, between two looks at `cancelled`
_OVER = sorted({*ENDED.values(), *EXPIRED.values()})
_S = AlarmState

# An announcement is a change of state into unacknowledged, a higher priority, or the end of what
# covered the alarm; a further reason is none (rules.alarm_cycle).
_LINES = f"""
SELECT alarm_actions.alarm, event, at_utc, before, after, place, kind, source, place_name, priority
FROM alarm_actions JOIN alarms ON alarms.id = alarm_actions.alarm
WHERE at_utc >= ? AND at_utc < ? AND (
    event = '{AlarmEvent.ACKNOWLEDGE.value}'
    OR (event = '{AlarmEvent.CAUSE.value}' AND after = '{_S.UNACKNOWLEDGED.value}'
        AND before <> after)
    OR (event = '{AlarmEvent.HIGHER_PRIORITY.value}' AND after = '{_S.UNACKNOWLEDGED.value}')
    OR (event IN ({", ".join("?" * len(_OVER))})
        AND after IN ('{_S.UNACKNOWLEDGED.value}', '{_S.RETURNED.value}')))
ORDER BY at_utc, alarm_actions.id LIMIT ?
"""  # noqa: S608 - constants
_OVERLAYS = "SELECT * FROM overlays WHERE since_utc < ? AND (ended = '' OR ended_utc > ?)"
_OPEN = """
SELECT id, place, kind, source, place_name, priority, raised_utc FROM alarms
WHERE raised_utc <= ? AND (state <> 'normal' OR changed_utc > ?) ORDER BY raised_utc, id
"""


def alarm_log(
    path: Path, since: float, until: float, cancelled: Callable[[], bool] = lambda: False
) -> AlarmLog:
    """The log of a span, s UTC, with a day before it. Any thread but the GUI's.

    What an overlay covered was not announced and is left out.

    Args:
        path: The database of evidence.
        cancelled: Asked now and then; True ends the reading with an empty log.

    Raises:
        StorageError: The database cannot be read.
    """
    with reading(path) as connection:
        connection.set_progress_handler(lambda: 1 if cancelled() else 0, _LOOK)
        try:
            rows = rows_of(connection, _LINES, (since - LEAD, until, *_OVER, _MOST + 1))
            over = rows_of(connection, _OVERLAYS, (until, since - LEAD))
            standing = rows_of(connection, _OPEN, (until - STALE, until))
        except SqlError:
            if cancelled():
                return AlarmLog(since, until, (), complete=False)
            raise
    covers: dict[PlaceId, list[OverlayRecord]] = {}
    for record in map(overlay_of, over):
        covers.setdefault(record.overlay.scope.place, []).append(record)
    lines = [_line(row) for row in rows[:_MOST]]
    return AlarmLog(
        since,
        until,
        tuple(line for line in lines if not _covered(line, covers.get(line.key.place, ()))),
        tuple(_standing(row) for row in standing),
        complete=len(rows) <= _MOST,
    )


def _covered(line: LogLine, overlays: Sequence[OverlayRecord]) -> bool:
    if line.event is LogEvent.ACKNOWLEDGED:
        return False
    return any(
        record.overlay.scope.covers(line.key)
        and record.overlay.covers >= line.priority
        and record.overlay.since_utc < line.at_utc
        and (not record.end or line.at_utc < (record.ended_utc or 0.0))
        for record in overlays
    )


def _line(row: dict[str, Any]) -> LogLine:
    acknowledged = row["event"] == AlarmEvent.ACKNOWLEDGE.value
    return LogLine(
        row["at_utc"],
        LogEvent.ACKNOWLEDGED if acknowledged else LogEvent.ANNOUNCED,
        AlarmId(row["alarm"]),
        _key(row),
        row["place_name"],
        Priority(row["priority"]),
    )


def _standing(row: dict[str, Any]) -> Standing:
    number, priority = AlarmId(row["id"]), Priority(row["priority"])
    return Standing(number, _key(row), row["place_name"], priority, row["raised_utc"])


def _key(row: dict[str, Any]) -> AlarmKey:
    return AlarmKey(PlaceId(row["place"]), AlarmKind(row["kind"]), row["source"])
