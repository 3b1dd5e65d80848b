"""Alarms on disk: the present state of each, what happened to it, and what must be sent out."""

import itertools
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from embereye.model.alarm import (
    Alarm,
    AlarmAction,
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.overlay_record import OverlayRecord
from embereye.model.stamp import Stamp
from embereye.storage.chain import Chain
from embereye.storage.database import Connection, read_all, transaction
from embereye.storage.journal import Journal
from embereye.storage.overlays import overlay_document, overlay_of, store_overlay
from embereye.storage.readable import readable
from embereye.storage.texts import compact, storable
from embereye.storage.writer import Done, StorageWriter, Write

_log = logging.getLogger(__name__)
T = TypeVar("T")

_COLUMNS = (
    "id", "place", "kind", "source", "place_name", "priority", "state", "cause", "reasons",
    "raised_utc", "changed_utc", "acknowledged_by", "reports", "last_report_utc", "cameras",
    "sources",
    "revision", "assigned_to", "escalation", "overlay", "latching",
)  # fmt: skip
_LISTS = ("reasons", "cameras", "sources")  # stored as JSON
# A journal may bring back what was overtaken by a later change: the higher revision stays.
_UPSERT = " ".join(
    (
        "INSERT INTO alarms (",
        ", ".join(_COLUMNS),
        ") VALUES (",
        ", ".join("?" * len(_COLUMNS)),
        ") ON CONFLICT (id) DO UPDATE SET",
        ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:]),
        "WHERE excluded.revision > alarms.revision",
    )
)


class AlarmStore:
    """Saves and restores alarms. Engine thread, except where `done` is called."""

    def __init__(self, path: Path, writer: StorageWriter, chain: Chain) -> None:
        self._path = path
        self._writer = writer
        self._chain = chain
        self._ids = itertools.count(1)
        self._overlays = itertools.count(1)
        self._prepared = False
        self._damaged: dict[str, int] = {}  # rows left out, by what they are

    @property
    def damaged(self) -> int:
        """Rows of open alarms and overlays that could not be read; after the two are loaded."""
        return sum(self._damaged.values())

    def save(self, alarm: Alarm, action: AlarmAction, done: Done | None = None) -> None:
        """Store an alarm, what happened to it and its outbox row in one transaction.

        Returns at once. The same action twice is stored once.

        Args:
            done: Called from the writer's thread, with None after the COMMIT; while the disk
                fails it is called later, as soon as the alarm is stored.
        """
        chain = self._chain
        self._writer.put(
            Write(
                apply=lambda connection: store(connection, chain, alarm, action),
                done=done,
                record=lambda: {"alarm": alarm_document(alarm), "action": _action_document(action)},
            )
        )

    def load_open(self) -> tuple[Alarm, ...]:
        """Alarms whose state is not NORMAL, oldest first.

        Of an overlay only its kind is known here: what covered the alarm at its last change.

        Raises:
            StorageError: The database cannot be read.
        """
        sql = "SELECT * FROM alarms WHERE state <> 'normal' ORDER BY id"
        return self._load(sql, _covered, "alarm")

    def next_id(self) -> AlarmId:
        """A number that no alarm of this data directory ever had.

        After `load_open` it touches no disk.
        """
        self._prepare_ids()
        return AlarmId(next(self._ids))

    def save_overlay(self, record: OverlayRecord, done: Done | None = None) -> None:
        """Store one version of an overlay; like `save`, and in one order with it."""
        chain = self._chain
        self._writer.put(
            Write(
                apply=lambda connection: store_overlay(connection, chain, record),
                done=done,
                record=lambda: {"overlay": overlay_document(record)},
            )
        )

    def load_overlays(self) -> tuple[OverlayRecord, ...]:
        """Those in force, oldest first.

        Raises:
            StorageError: The database cannot be read.
        """
        sql = "SELECT * FROM overlays WHERE ended = '' ORDER BY id"
        return self._load(sql, overlay_of, "overlay")

    def next_overlay(self) -> int:
        """A number that no overlay of this data directory ever had.

        After `load_overlays` it touches no disk.
        """
        self._prepare_ids()
        return next(self._overlays)

    def _load(self, sql: str, make: Callable[[dict[str, Any]], T], what: str) -> tuple[T, ...]:
        self._prepare_ids()
        rows = read_all(self._path, sql)
        found = tuple(readable(rows, make, what))
        self._damaged[what] = len(rows) - len(found)
        return found

    def _prepare_ids(self) -> None:
        if not self._prepared:
            rows = read_all(self._path, "SELECT name, seq FROM sqlite_sequence")
            newest = {row["name"]: row["seq"] for row in rows}
            self._ids = itertools.count(newest.get("alarms", 0) + 1)
            self._overlays = itertools.count(newest.get("overlays", 0) + 1)
            self._prepared = True


def store(connection: Connection, chain: Chain, alarm: Alarm, action: AlarmAction) -> None:
    """Write one change of an alarm, inside a transaction; twice is the same as once."""
    connection.execute(_UPSERT, _row(alarm))
    new = chain.append(
        connection,
        "alarm_actions",
        (
            int(action.alarm),
            alarm.revision,
            str(action.event),
            storable(action.actor),
            action.at.utc,
            action.before.value,
            action.after.value,
            compact([storable(reason) for reason in action.reasons]),
        ),
    )
    if new:
        payload = {"alarm": alarm_document(alarm), "action": _action_document(action)}
        connection.execute(
            "INSERT INTO outbox (alarm, revision, payload, created_utc) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (int(action.alarm), alarm.revision, compact(payload), action.at.utc),
        )


def recover(connection: Connection, chain: Chain, journal: Journal) -> int:
    """Bring what the journal kept into the database, then empty it; how many records.

    Before the writer starts. A record that cannot be used is logged and left out, since the
    others are alarms too.
    """
    records = journal.replay()
    for record in records:
        try:
            bring_back = _kept(record)
        except (KeyError, TypeError, ValueError) as error:
            _log.error("a record of the alarm journal cannot be used: %r", error)
            continue
        with transaction(connection):
            bring_back(connection, chain)
    if records:
        _log.warning("%d alarm records were brought in from the journal", len(records))
        journal.clear()
    return len(records)


def _kept(record: dict[str, Any]) -> Callable[[Connection, Chain], None]:
    """What writes a record of the journal into the database."""
    if "overlay" in record:
        overlay = overlay_of(record["overlay"])
        return lambda connection, chain: store_overlay(connection, chain, overlay)
    alarm, action = _alarm_of_document(record["alarm"]), _action_of(record["action"])
    return lambda connection, chain: store(connection, chain, alarm, action)


def alarm_of(row: dict[str, Any]) -> Alarm:
    """The alarm in a row of the table `alarms`."""
    texts = {name: tuple(json.loads(row[name])) for name in _LISTS}
    return _alarm_of_document({**row, **texts})


def outbox_entry(payload: str) -> tuple[Alarm, AlarmAction]:
    """What a row of the outbox tells; KeyError, TypeError or ValueError when it is damaged.

    Of what lay over the alarm only the kind is known.
    """
    document = json.loads(payload)
    alarm = _alarm_of_document(document["alarm"])
    if kind := document["alarm"].get("overlay", ""):
        scope = Scope(alarm.key.place)
        overlay = Overlay(OverlayKind(kind), scope, "", "", 0.0, None, alarm.priority)
        alarm = replace(alarm, overlay=overlay)
    return alarm, _action_of(document["action"])


def _covered(row: dict[str, Any]) -> Alarm:
    return replace(alarm_of(row), overlay=_last_cover(row))


def _last_cover(row: dict[str, Any]) -> Overlay | None:
    if not row["overlay"]:
        return None
    scope = Scope(PlaceId(row["place"]), AlarmKind(row["kind"]), row["source"])
    covers = Priority(row["priority"])
    return Overlay(OverlayKind(row["overlay"]), scope, "", "", row["changed_utc"], None, covers)


def alarm_document(alarm: Alarm) -> dict[str, Any]:
    """An alarm as plain values, the columns of the table `alarms`."""
    return {
        "id": int(alarm.id),
        "place": storable(alarm.key.place),
        "kind": alarm.key.kind.value,
        "source": storable(alarm.key.source),
        "place_name": storable(alarm.place_name),
        "priority": int(alarm.priority),
        "state": alarm.state.value,
        "cause": alarm.cause.value,
        "reasons": [storable(reason) for reason in alarm.reasons],
        "raised_utc": alarm.raised_utc,
        "changed_utc": alarm.changed_utc,
        "acknowledged_by": storable(alarm.acknowledged_by),
        "reports": alarm.reports,
        "last_report_utc": alarm.last_report_utc,
        "cameras": [storable(camera) for camera in alarm.cameras],
        "sources": [storable(source) for source in alarm.sources],
        "revision": alarm.revision,
        "assigned_to": storable(alarm.assigned_to),
        "escalation": alarm.escalation,
        "overlay": "" if alarm.overlay is None else alarm.overlay.kind.value,
        "latching": int(alarm.latching),
    }


def _row(alarm: Alarm) -> tuple[object, ...]:
    document = alarm_document(alarm)
    for name in _LISTS:
        document[name] = compact(document[name])
    return tuple(document[name] for name in _COLUMNS)


def _alarm_of_document(document: dict[str, Any]) -> Alarm:
    return Alarm(
        id=AlarmId(document["id"]),
        key=AlarmKey(
            PlaceId(document["place"]), AlarmKind(document["kind"]), str(document["source"])
        ),
        place_name=document["place_name"],
        priority=Priority(document["priority"]),
        state=AlarmState(document["state"]),
        cause=Cause(document["cause"]),
        reasons=tuple(document["reasons"]),
        raised_utc=document["raised_utc"],
        changed_utc=document["changed_utc"],
        acknowledged_by=document["acknowledged_by"],
        reports=document["reports"],
        last_report_utc=document["last_report_utc"],
        cameras=tuple(document["cameras"]),
        sources=tuple(document["sources"]),
        revision=document["revision"],
        # A journal of an earlier version has none of them. What lies over it is kept apart.
        assigned_to=document.get("assigned_to", ""),
        escalation=document.get("escalation", 0),
        latching=bool(document.get("latching", 0)),
    )


def _action_document(action: AlarmAction) -> dict[str, Any]:
    return {
        "alarm": int(action.alarm),
        "event": str(action.event),
        "actor": storable(action.actor),
        "reasons": [storable(reason) for reason in action.reasons],
        "before": action.before.value,
        "after": action.after.value,
        "at": [action.at.mono, action.at.utc],
    }


def _action_of(document: dict[str, Any]) -> AlarmAction:
    return AlarmAction(
        alarm=AlarmId(document["alarm"]),
        event=document["event"],
        actor=document["actor"],
        at=Stamp(*document["at"]),
        before=AlarmState(document["before"]),
        after=AlarmState(document["after"]),
        reasons=tuple(document["reasons"]),
    )
