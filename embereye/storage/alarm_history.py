"""Alarms that are over, page by page, and what happened to one alarm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embereye.model.alarm import AlarmAction, AlarmState
from embereye.model.alarm_past import (
    STORY_MOST,
    HistoryAsked,
    HistoryFilter,
    HistoryRead,
    StoryAsked,
    StoryRead,
)
from embereye.model.ids import AlarmId
from embereye.model.stamp import Stamp
from embereye.storage.alarms import alarm_of
from embereye.storage.database import SqlError, reading, rows_of

_LOOK = 20_000  # steps of SQLite's machine, some 0.1 ms, between two looks at `cancelled`

# The index on raised_utc gives the order, so a page reads little more than its own rows.
_PAGE = """
SELECT * FROM alarms WHERE state = 'normal' {conditions}
ORDER BY raised_utc DESC, id DESC LIMIT ?
"""
# casefold() is Python's: LIKE of SQLite knows the letters of English only.
_HAS_WORD = """
(instr(casefold(place_name || ' ' || source || ' ' || acknowledged_by), ?)
 OR EXISTS (SELECT 1 FROM json_each(alarms.reasons) WHERE instr(casefold(value), ?))
 OR EXISTS (SELECT 1 FROM alarm_actions, json_each(alarm_actions.reasons)
            WHERE alarm_actions.alarm = alarms.id AND event = 'comment'
            AND instr(casefold(value), ?)))
"""
_STORY = """
SELECT *, COUNT(*) OVER () AS total FROM alarm_actions WHERE alarm = ?
ORDER BY id DESC LIMIT ?
"""


def closed_alarms(
    path: Path, asked: HistoryAsked, cancelled: Callable[[], bool] = lambda: False
) -> HistoryRead:
    """One page; takes milliseconds, a search for words up to seconds. Any thread but the GUI's.

    Args:
        path: The database of evidence.
        cancelled: Asked now and then; True ends the reading with an empty answer.

    Raises:
        StorageError: The database cannot be read.
    """
    conditions, parameters = _conditions(asked)
    sql = _PAGE.format(conditions=conditions)
    with reading(path) as connection:
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        connection.set_progress_handler(lambda: 1 if cancelled() else 0, _LOOK)
        try:
            rows = rows_of(connection, sql, (*parameters, asked.most + 1))
        except SqlError:
            if cancelled():
                return HistoryRead(asked, ())
            raise
    alarms = tuple(alarm_of(row) for row in rows[: asked.most])
    return HistoryRead(asked, alarms, more=len(rows) > asked.most)


def story(path: Path, asked: StoryAsked) -> StoryRead:
    """What happened to an alarm, open or closed; takes milliseconds.

    Raises:
        StorageError: The database cannot be read.
    """
    with reading(path) as connection:
        rows = rows_of(connection, _STORY, (int(asked.alarm), STORY_MOST))
    earlier = rows[0]["total"] - len(rows) if rows else 0
    return StoryRead(asked, tuple(_action(row) for row in reversed(rows)), earlier)


def _conditions(asked: HistoryAsked) -> tuple[str, list[object]]:
    """What follows `state = 'normal'`, and its parameters."""
    wanted, parts = asked.wanted, list[str]()
    parameters: list[object] = []

    def demand(sql: str, *values: object) -> None:
        parts.append(f"AND {sql}")
        parameters.extend(values)

    if wanted.since is not None:
        demand("raised_utc >= ?", wanted.since)
    if wanted.until is not None:
        demand("raised_utc < ?", wanted.until)
    if asked.before is not None:
        demand("(raised_utc, id) < (?, ?)", asked.before[0], int(asked.before[1]))
    for column, values in _choices(wanted):
        if values:
            demand(f"{column} IN ({', '.join('?' * len(values))})", *values)
    for word in wanted.text.casefold().split():
        demand(_HAS_WORD, word, word, word)
    return " ".join(parts), parameters


def _choices(wanted: HistoryFilter) -> tuple[tuple[str, list[object]], ...]:
    return (
        ("kind", [kind.value for kind in wanted.kinds]),
        ("priority", [int(priority) for priority in wanted.priorities]),
        ("place", list(wanted.places)),
    )


def _action(row: dict[str, Any]) -> AlarmAction:
    return AlarmAction(
        alarm=AlarmId(row["alarm"]),
        event=row["event"],
        actor=row["actor"],
        at=Stamp(row["at_utc"], row["at_utc"]),
        before=AlarmState(row["before"]),
        after=AlarmState(row["after"]),
        reasons=tuple(json.loads(row["reasons"])),
    )
