"""The shift log on disk: rows of the audit, and comments on alarms."""

from pathlib import Path
from typing import Any

from embereye.model.shift import ShiftEvent, ShiftLine
from embereye.model.stamp import Stamp
from embereye.storage.audit import AuditStore
from embereye.storage.database import EVIDENCE_FILE, read_all

_KIND = "shift"  # of rows of the audit
_MOST = 2000  # lines; more nobody reads
_LINES = """
SELECT * FROM (
    SELECT at_utc, subject, actor, text FROM audit
    WHERE kind = ? AND at_utc >= ? AND at_utc < ?
    UNION ALL
    SELECT at_utc, 'comment' || place_name, actor, json_extract(alarm_actions.reasons, '$[0]')
    FROM alarm_actions JOIN alarms ON alarms.id = alarm_actions.alarm
    WHERE event = 'comment' AND at_utc >= ? AND at_utc < ?
) ORDER BY at_utc DESC LIMIT ?
"""
_HAND_OVER = "hand over to "


class ShiftLogStore:
    """Keeps notes and hand-overs as rows of the audit. Any thread.

    Args:
        folder: The data directory.
    """

    def __init__(self, folder: Path, audit: AuditStore) -> None:
        self._path = folder / EVIDENCE_FILE
        self._audit = audit

    def keep(self, line: ShiftLine, at: Stamp) -> None:
        """Keep one line; returns at once."""
        handed_over = line.event is ShiftEvent.HAND_OVER
        subject = f"{_HAND_OVER}{line.about}" if handed_over else line.event.value
        self._audit.record(_KIND, subject, line.actor, line.text, at)


def shift_lines(path: Path, since: float, until: float) -> tuple[ShiftLine, ...]:
    """The newest 2,000 lines between two moments (s UTC), oldest first.

    Args:
        path: The database of evidence.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(path, _LINES, (_KIND, since, until, since, until, _MOST))
    return tuple(_line(row) for row in reversed(rows))


def _line(row: dict[str, Any]) -> ShiftLine:
    subject = str(row["subject"])
    for event, begin in (
        (ShiftEvent.HAND_OVER, _HAND_OVER),
        (ShiftEvent.COMMENT, ShiftEvent.COMMENT.value),
    ):
        if subject.startswith(begin):
            about = subject.removeprefix(begin)
            return ShiftLine(row["at_utc"], event, row["actor"], about, row["text"])
    return ShiftLine(row["at_utc"], ShiftEvent.NOTE, row["actor"], "", row["text"])
