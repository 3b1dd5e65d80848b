"""Incidents on disk: each as it stands, which alarms are in it, and all versions of its note."""

import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from embereye.model.alarm import Alarm, AlarmKind, Priority
from embereye.model.ids import AlarmId, CameraId, IncidentId, PlaceId
from embereye.model.incident import (
    Incident,
    IncidentState,
    Level,
    Member,
    NoteVersion,
    Spell,
    Summary,
    SummaryState,
    Tally,
)
from embereye.storage.alarms import alarm_of
from embereye.storage.database import EVIDENCE_FILE, Connection, read_all
from embereye.storage.readable import readable
from embereye.storage.texts import compact, storable
from embereye.storage.writer import StorageWriter, Write

_COLUMNS = (
    "id", "place", "place_name", "state", "first_utc", "last_utc", "assigned_to", "closed_by",
    "priority", "score", "level", "detections", "spells", "summary_state", "summary", "reasoning",
    "risk", "summary_utc", "summary_problem", "summary_about", "revision",
)  # fmt: skip
_UPSERT = " ".join(
    (
        "INSERT INTO incidents (",
        ", ".join(_COLUMNS),
        ") VALUES (",
        ", ".join("?" * len(_COLUMNS)),
        ") ON CONFLICT (id) DO UPDATE SET",
        ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:]),
        "WHERE excluded.revision > incidents.revision",
    )
)
# An alarm that is in an incident stays there, whatever comes later.
_JOIN = (
    "INSERT INTO incident_alarms (alarm, incident, priority) VALUES (?, ?, ?) "
    "ON CONFLICT (alarm) DO UPDATE SET priority = max(priority, excluded.priority)"
)
_NOTE = (
    "INSERT INTO incident_notes (incident, number, text, author, at_utc, base, conflict) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_WANTED = (
    "SELECT id FROM incidents WHERE state <> 'closed' UNION SELECT id FROM "
    "(SELECT id FROM incidents WHERE state = 'closed' ORDER BY last_utc DESC LIMIT ?)"
)
_LISTED = " ".join(("SELECT * FROM incidents WHERE id IN (", _WANTED, ") ORDER BY id"))
_NOTES = " ".join(
    ("SELECT * FROM incident_notes WHERE incident IN (", _WANTED, ") ORDER BY number")
)
_MEMBERS = " ".join(
    (
        "SELECT incident, a.id, a.kind, a.source, incident_alarms.priority, a.raised_utc,",
        "a.reasons, a.state FROM incident_alarms JOIN alarms a ON a.id = alarm",
        "WHERE incident IN (", _WANTED, ") ORDER BY a.id",
    )
)  # fmt: skip
# At one start, with a database of an older version: 1 s. The rest follows at the next ones.
_MOST_UNLINKED = 20_000
_ADOPTED = 200  # incidents of one transaction: some ms, since alarms wait behind it


Rows = Sequence[tuple[object, ...]]


class IncidentStore:
    """Saves and restores incidents. Engine thread; writes return at once."""

    def __init__(self, path: Path, writer: StorageWriter) -> None:
        self._path, self._writer = path, writer
        self._ids: itertools.count[int] | None = None

    def next_id(self) -> IncidentId:
        """A number that no incident of this data directory ever had.

        After `load` it touches no disk.
        """
        return IncidentId(next(self._numbers()))

    def load(self, closed: int) -> tuple[Incident, ...]:
        """All that are not closed and the newest `closed` ones that are; oldest first.

        Their level is that of the time they were saved.

        Raises:
            StorageError: The database cannot be read.
        """
        self._numbers()
        rows = read_all(
            self._path,
            _LISTED,
            (closed,),
        )
        members, notes = self._members(closed), self._notes(closed)

        def made(row: dict[str, Any]) -> Incident:
            return _incident(row, members.get(row["id"], []), notes.get(row["id"], []))

        return tuple(readable(rows, made, "incident"))

    def unlinked(self) -> tuple[Alarm, ...]:
        """Alarms without an incident, oldest first, the newest 20,000: of an older version of the
        program, or raised in the last moment before it was killed.

        Raises:
            StorageError: The database cannot be read.
        """
        rows = read_all(
            self._path,
            "SELECT * FROM (SELECT * FROM alarms WHERE id NOT IN (SELECT alarm FROM "
            "incident_alarms) ORDER BY id DESC LIMIT ?) ORDER BY id",
            (_MOST_UNLINKED,),
        )
        return tuple(readable(rows, alarm_of, "alarm"))

    def save(self, incident: Incident, joined: Iterable[Member] = ()) -> None:
        """Store it as it stands, with members that are new or more urgent, and its newest note."""
        row, links = _row(incident), [_link(incident, member) for member in joined]
        note = None if incident.note is None else _note_row(incident.id, incident.note)

        def apply(connection: Connection) -> None:
            connection.execute(_UPSERT, row)
            connection.executemany(_JOIN, links)
            if note is not None:
                connection.execute(_NOTE, note)

        self._writer.put(Write(apply))

    def adopt(self, incidents: Sequence[Incident]) -> None:
        """Store many that were made of old alarms, behind everything urgent.

        What is not stored before a kill is made again at the next start.
        """
        for start in range(0, len(incidents), _ADOPTED):
            part = incidents[start : start + _ADOPTED]
            rows = [_row(incident) for incident in part]
            links = [_link(incident, m) for incident in part for m in incident.members]

            def apply(connection: Connection, rows: Rows = rows, links: Rows = links) -> None:
                connection.executemany(_UPSERT, rows)
                connection.executemany(_JOIN, links)

            self._writer.put_bulk(Write(apply))

    def save_seen(self, incidents: Iterable[Incident]) -> None:
        """Store what cameras saw meanwhile; dropped where more important things wait."""
        rows = [_row(incident) for incident in incidents]
        self._writer.put_bulk(Write(lambda connection: connection.executemany(_UPSERT, rows)))

    def _numbers(self) -> "itertools.count[int]":
        if self._ids is None:
            rows = read_all(self._path, "SELECT seq FROM sqlite_sequence WHERE name = 'incidents'")
            self._ids = itertools.count((rows[0]["seq"] if rows else 0) + 1)
        return self._ids

    def _members(self, closed: int) -> dict[int, list[Member]]:
        rows = read_all(
            self._path,
            _MEMBERS,
            (closed,),
        )
        found: dict[int, list[Member]] = {}
        for incident, member in readable(rows, lambda r: (r["incident"], _member(r)), "alarm"):
            found.setdefault(incident, []).append(member)
        return found

    def _notes(self, closed: int) -> dict[int, list[NoteVersion]]:
        rows = read_all(
            self._path,
            _NOTES,
            (closed,),
        )
        found: dict[int, list[NoteVersion]] = {}
        for row in rows:
            found.setdefault(row.pop("incident"), []).append(
                NoteVersion(**{**row, "conflict": bool(row["conflict"])})
            )
        return found


def listed_incidents(folder: Path, since: float, limit: int) -> list[dict[str, Any]]:
    """Those with an event since then (s UTC) and all that are not closed, newest first.

    Raises:
        StorageError: The database cannot be read.
    """
    rows = read_all(
        folder / EVIDENCE_FILE,
        "SELECT id, place, place_name, first_utc AS start_utc, last_utc AS end_utc, priority, "
        "state, score, level, assigned_to, closed_by, detections, summary_state, summary, risk, "
        "(SELECT json_group_array(DISTINCT kind) FROM (SELECT kind FROM alarms JOIN "
        "incident_alarms ON alarm = alarms.id WHERE incident = incidents.id ORDER BY kind)) "
        "AS kinds, (SELECT json_group_array(alarm) FROM (SELECT alarm FROM incident_alarms "
        "WHERE incident = incidents.id ORDER BY alarm)) AS alarms, EXISTS (SELECT 1 FROM alarms "
        "JOIN incident_alarms ON alarm = alarms.id WHERE incident = incidents.id AND "
        "alarms.state <> 'normal') AS open FROM incidents WHERE last_utc >= ? OR "
        "state <> 'closed' ORDER BY first_utc DESC, id DESC LIMIT ?",
        (since, limit),
    )
    lists = ("kinds", "alarms", "detections")
    return [
        {**row, **{name: json.loads(row[name]) for name in lists}, "open": bool(row["open"])}
        for row in rows
    ]


def _row(incident: Incident) -> tuple[object, ...]:
    summary = incident.summary
    return (
        int(incident.id),
        storable(incident.place),
        storable(incident.place_name),
        incident.state.value,
        incident.first_utc,
        incident.last_utc,
        storable(incident.assigned_to),
        storable(incident.closed_by),
        None if incident.priority is None else int(incident.priority),
        incident.score,
        incident.level.value,
        compact([[t.camera, t.label, t.pictures, round(t.best, 4), t.first_utc, t.last_utc]
               for t in incident.detections]),
        compact([[s.camera, s.labels, s.pictures, s.first_utc, s.last_utc]
               for s in incident.spells]),
        summary.state.value,
        storable(summary.text),
        storable(summary.reasoning),
        summary.risk,
        summary.at_utc,
        storable(summary.problem),
        summary.about,
        incident.revision,
    )  # fmt: skip


def _link(incident: Incident, member: Member) -> tuple[int, int, int]:
    return int(member.alarm), int(incident.id), int(member.priority)


def _note_row(incident: IncidentId, note: NoteVersion) -> tuple[object, ...]:
    text, author = storable(note.text), storable(note.author)
    return (
        int(incident), note.number, text, author, note.at_utc, note.base, int(note.conflict)
    )  # fmt: skip


def _incident(row: dict[str, Any], members: list[Member], notes: list[NoteVersion]) -> Incident:
    return Incident(
        id=IncidentId(row["id"]),
        place=PlaceId(row["place"]),
        place_name=row["place_name"],
        state=IncidentState(row["state"]),
        gathering=False,
        first_utc=row["first_utc"],
        last_utc=row["last_utc"],
        assigned_to=row["assigned_to"],
        closed_by=row["closed_by"],
        priority=None if row["priority"] is None else Priority(row["priority"]),
        score=row["score"],
        level=Level(row["level"]),
        members=tuple(members),
        detections=tuple(_tally(values) for values in json.loads(row["detections"])),
        spells=tuple(_spell(values) for values in json.loads(row["spells"])),
        summary=_summary(row),
        notes=tuple(notes),
        revision=row["revision"],
    )


def _member(row: dict[str, Any]) -> Member:
    return Member(
        alarm=AlarmId(row["id"]),
        kind=AlarmKind(row["kind"]),
        source=row["source"],
        priority=Priority(row["priority"]),
        raised_utc=row["raised_utc"],
        reasons=tuple(json.loads(row["reasons"])),
        open=row["state"] != "normal",
    )


def _tally(values: list[Any]) -> Tally:
    return Tally(CameraId(values[0]), *values[1:])


def _spell(values: list[Any]) -> Spell:
    camera, labels, *rest = values
    return Spell(
        CameraId(camera), tuple((str(label), float(best)) for label, best in labels), *rest
    )


def _summary(row: dict[str, Any]) -> Summary:
    return Summary(
        state=SummaryState(row["summary_state"]),
        text=row["summary"],
        reasoning=row["reasoning"],
        risk=row["risk"],
        at_utc=row["summary_utc"],
        problem=row["summary_problem"],
        about=row["summary_about"],
    )
