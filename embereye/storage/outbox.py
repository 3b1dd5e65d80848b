"""What must be sent out: planned per target, sent at least once, then kept for a while."""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embereye.model.alarm import Alarm, AlarmAction
from embereye.model.notice import (
    Delivery,
    DeliveryState,
    Notice,
    NoticeEvent,
    TargetFigures,
    TargetKind,
)
from embereye.storage.alarms import outbox_entry
from embereye.storage.database import Connection, read_all, reading
from embereye.storage.writer import Done, StorageWriter, Write

_log = logging.getLogger(__name__)

_PRUNE = 5_000  # rows removed in one transaction: some 10 ms
_WAITING = DeliveryState.WAITING.value

# The oldest of each alarm and target: the next one is sent when it is settled.
_HEADS = """
SELECT d.*, o.payload FROM deliveries AS d JOIN outbox AS o ON o.id = d.outbox
WHERE d.state = 'waiting' AND d.kind = ? AND d.target NOT IN (SELECT value FROM json_each(?))
AND d.id NOT IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
    SELECT 1 FROM deliveries AS e WHERE e.state = 'waiting' AND e.target = d.target
    AND e.alarm = d.alarm AND e.id < d.id)
ORDER BY d.priority DESC, d.id LIMIT ?
"""
_PENDING = """
SELECT target, COUNT(*), MIN(created_utc) FROM deliveries WHERE state = 'waiting' GROUP BY target
"""
# That of a walk test keeps back no real one. A damaged row counts: it was an announcement.
_LAST_SENT = """
SELECT d.sent_utc, d.priority FROM deliveries AS d JOIN alarms AS a ON a.id = d.alarm
JOIN outbox AS o ON o.id = d.outbox
WHERE d.target = ? AND d.state = 'sent' AND d.event IN ('announced', 'escalated')
AND a.place = ? AND a.kind = ? AND a.source = ? AND CASE WHEN json_valid(o.payload)
    THEN json_extract(o.payload, '$.alarm.overlay') ELSE '' END IS NOT 'walk test'
ORDER BY d.sent_utc DESC LIMIT 1
"""
_INSERT = """
INSERT INTO deliveries (outbox, target, kind, alarm, priority, event, state, tries, next_utc,
error, created_utc, sent_utc, rest, idempotency) VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL, ?, ?,
NULL, '[]', ?) ON CONFLICT DO NOTHING
"""
_DONE = """
UPDATE outbox SET done_utc = ? WHERE id = ? AND done_utc IS NULL AND NOT EXISTS (
    SELECT 1 FROM deliveries WHERE outbox = outbox.id AND state = 'waiting')
"""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A change of an alarm that nobody has looked at yet; `alarm` is None where it is damaged."""

    number: int
    alarm: Alarm | None
    action: AlarmAction | None
    payload: str


class OutboxStore:
    """Reads and writes notices. Any thread; reading blocks for some ms, writing does not."""

    def __init__(self, path: Path, writer: StorageWriter) -> None:
        """`path` and `writer` are those of the evidence database."""
        self._path = path
        self._writer = writer

    def unplanned(self, most: int) -> tuple[OutboxRow, ...]:
        """The oldest rows that were not planned yet; StorageError when they cannot be read."""
        rows = read_all(
            self._path,
            "SELECT id, payload FROM outbox WHERE planned = 0 ORDER BY id LIMIT ?",
            (most,),
        )
        return tuple(_row(row["id"], row["payload"]) for row in rows)

    def plan(
        self, numbers: Sequence[int], deliveries: Sequence[Delivery], at_utc: float, done: Done
    ) -> None:
        """Note who gets what of these rows; twice is the same as once."""

        def apply(connection: Connection) -> None:
            connection.executemany(_INSERT, [_values(delivery) for delivery in deliveries])
            for number in numbers:
                connection.execute("UPDATE outbox SET planned = 1 WHERE id = ?", (number,))
                connection.execute(_DONE, (at_utc, number))

        self._writer.put(Write(apply, done))

    def heads(
        self, kind: TargetKind, most: int, but_targets: Iterable[str] = (), but: Iterable[int] = ()
    ) -> tuple[Delivery, ...]:
        """What can be sent now: the oldest of each target and alarm, urgent ones first.

        Args:
            but_targets: Targets that rest now.
            but: Ids of deliveries that rest now; what follows them of the same alarm waits too.
        """
        bound = (kind.value, json.dumps(list(but_targets)), json.dumps(list(but)), most)
        found = (_readable(row) for row in read_all(self._path, _HEADS, bound))
        return tuple(delivery for delivery in found if delivery is not None)

    def settle(
        self, delivery: Delivery, state: DeliveryState, error: str, at_utc: float, done: Done
    ) -> None:
        """Note that a delivery is over: sent, failed for good, or skipped."""
        sent = at_utc if state is DeliveryState.SENT else None

        def apply(connection: Connection) -> None:
            connection.execute(
                "UPDATE deliveries SET state = ?, error = ?, next_utc = NULL, sent_utc = ?, "
                "rest = '[]' WHERE id = ?",
                (state.value, error, sent, delivery.id),
            )
            connection.execute(_DONE, (at_utc, delivery.notice.number))

        self._writer.put(Write(apply, done))

    def failed(
        self, delivery: Delivery, error: str, next_utc: float, rest: Sequence[str] = ()
    ) -> None:
        """Note that a try failed; `rest` lack it still where others have it."""

        def apply(connection: Connection) -> None:
            connection.execute(
                "UPDATE deliveries SET tries = tries + 1, error = ?, next_utc = ?, rest = ? "
                "WHERE id = ? AND state = 'waiting'",
                (error, next_utc, json.dumps(list(rest)), delivery.id),
            )

        self._writer.put(Write(apply))

    def last_announcement(self, delivery: Delivery) -> tuple[DeliveryState, float | None] | None:
        """The newest announcement of the same alarm to the same target before this one.

        Its state, and when it was sent (s UTC) and at which priority; None without one.
        """
        rows = read_all(
            self._path,
            "SELECT state, sent_utc FROM deliveries WHERE target = ? AND alarm = ? AND id < ? "
            "AND event IN ('announced', 'escalated') ORDER BY id DESC LIMIT 1",
            (delivery.target, int(delivery.notice.alarm.id), delivery.id),
        )
        return (DeliveryState(rows[0]["state"]), rows[0]["sent_utc"]) if rows else None

    def last_sent(self, target: str, place: str, kind: str, source: str) -> tuple[float, int]:
        """When an announcement of this alarm key was last sent (s UTC), and at which priority.

        (0, -1) when none was; those of walk tests do not count.
        """
        rows = read_all(self._path, _LAST_SENT, (target, place, kind, source))
        return (rows[0]["sent_utc"], rows[0]["priority"]) if rows else (0.0, -1)

    def figures(self, targets: Iterable[str]) -> dict[str, TargetFigures]:
        """What waits for these and all other targets, and when these last got something."""
        with reading(self._path) as connection:
            waiting = {name: (n, at) for name, n, at in connection.execute(_PENDING).fetchall()}
            sql = "SELECT MAX(sent_utc) FROM deliveries WHERE target = ?"
            sent = {name: connection.execute(sql, (name,)).fetchone()[0] for name in targets}
        return {
            name: TargetFigures(*waiting.get(name, (0, None)), sent.get(name))
            for name in {*waiting, *sent}
        }

    def prune(self, before: float) -> None:
        """Remove what was done before `before` (s UTC), at most 5,000 rows a call."""

        def apply(connection: Connection) -> None:
            chosen = connection.execute(
                "SELECT id FROM outbox WHERE created_utc < ? AND done_utc < ? LIMIT ?",
                (before, before, _PRUNE),
            ).fetchall()
            connection.executemany("DELETE FROM deliveries WHERE outbox = ?", chosen)
            connection.executemany("DELETE FROM outbox WHERE id = ?", chosen)

        self._writer.put_bulk(Write(apply))


def _row(number: int, payload: str) -> OutboxRow:
    try:
        alarm, action = outbox_entry(payload)
    except (KeyError, TypeError, ValueError) as error:
        _log.error("row %d of the outbox cannot be used: %r", number, error)
        return OutboxRow(number, None, None, payload)
    return OutboxRow(number, alarm, action, payload)


def _values(delivery: Delivery) -> tuple[object, ...]:
    notice = delivery.notice
    return (
        notice.number,
        delivery.target,
        delivery.kind.value,
        int(notice.alarm.id),
        int(notice.alarm.priority),
        delivery.event.value,
        delivery.state.value,
        delivery.error,
        notice.at_utc,
        delivery.key,
    )


def _readable(row: dict[str, Any]) -> Delivery | None:
    """A delivery; None where the disk damaged it, which must not hold up the others."""
    try:
        return _delivery(row)
    except (KeyError, TypeError, ValueError) as error:
        _log.error("delivery %d cannot be used: %r", row["id"], error)
        return None


def _delivery(row: dict[str, Any]) -> Delivery:
    alarm, action = outbox_entry(row["payload"])
    event = NoticeEvent(row["event"])
    notice = Notice(alarm, frozenset({event}), action.actor, row["created_utc"], row["outbox"])
    return Delivery(
        notice=notice,
        target=row["target"],
        kind=TargetKind(row["kind"]),
        event=event,
        key=row["idempotency"],
        id=row["id"],
        state=DeliveryState(row["state"]),
        tries=row["tries"],
        rest=tuple(json.loads(row["rest"])),
        error=row["error"],
    )
