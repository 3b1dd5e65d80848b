"""Read-only questions of the command line; each opens, reads all, closes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE, read_all
from embereye.storage.incidents import listed_incidents
from embereye.storage.readings import CHANNELS, decode

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows are wanted: the newest `limit` since `since` (s UTC)."""

    since: float = 0.0
    limit: int = 100


def alarms(folder: Path, part: Slice) -> list[Row]:
    """Alarms raised since then, and all open ones; newest first."""
    rows = read_all(
        folder / EVIDENCE_FILE,
        "SELECT * FROM alarms WHERE raised_utc >= ? OR state <> 'normal' "
        "ORDER BY raised_utc DESC, id DESC LIMIT ?",
        (part.since, part.limit),
    )
    return [
        {**row, **{name: json.loads(row[name]) for name in ("reasons", "cameras", "sources")}}
        for row in rows
    ]


def alarm_key(folder: Path, alarm: int) -> Row | None:
    """Place, kind and source of an alarm, open or closed."""
    sql = "SELECT place, kind, source FROM alarms WHERE id = ?"
    rows = read_all(folder / EVIDENCE_FILE, sql, (alarm,)) if folder.exists() else []
    return rows[0] if rows else None


def overlays(folder: Path) -> list[Row]:
    """What lies over alarms now: shelvings, suppressions, out of service, walk tests."""
    return read_all(
        folder / EVIDENCE_FILE,
        "SELECT id, kind, place, alarm_kind, source, reason, actor, since_utc, until_utc, covers "
        "FROM overlays WHERE ended = '' ORDER BY id",
    )


def actions(folder: Path, alarm: int) -> list[Row]:
    """What happened to one alarm, oldest first, without the chain."""
    rows = read_all(
        folder / EVIDENCE_FILE,
        "SELECT id, alarm, revision, event, actor, at_utc, before, after, reasons "
        "FROM alarm_actions WHERE alarm = ? ORDER BY id",
        (alarm,),
    )
    return [{**row, "reasons": json.loads(row["reasons"])} for row in rows]


def audit(folder: Path, part: Slice) -> list[Row]:
    """Audit rows and actions on alarms, newest first."""
    return read_all(
        folder / EVIDENCE_FILE,
        "SELECT at_utc, kind, subject, actor, text FROM audit WHERE at_utc >= ? "
        "UNION ALL SELECT at_utc, 'alarm', CAST(alarm AS TEXT), actor, "
        "event || ': ' || before || ' → ' || after FROM alarm_actions WHERE at_utc >= ? "
        "ORDER BY at_utc DESC LIMIT ?",
        (part.since, part.since, part.limit),
    )


def devices(folder: Path, part: Slice) -> list[Row]:
    """Devices seen since then, newest first; blobs as yes or no."""
    return read_all(
        folder / EVIDENCE_FILE,
        "SELECT id, profile, address, first_seen_utc, last_seen_utc, idle_smoke, idle_flame, "
        "location, location_verified, calibration IS NOT NULL AS calibrated, "
        "calibration_verified FROM devices WHERE coalesce(last_seen_utc, 0) >= ? "
        "ORDER BY last_seen_utc DESC LIMIT ?",
        (part.since, part.limit),
    )


def camera_activity(folder: Path, part: Slice) -> dict[str, Row]:
    """By camera id: number of stored detections since then, the newest, the highest scores."""
    rows = read_all(
        folder / EVIDENCE_FILE,
        "SELECT camera, count(*) AS detections, max(frame_utc) AS last_utc, max(fire) AS fire, "
        "max(smoke) AS smoke FROM detections WHERE frame_utc >= ? GROUP BY camera",
        (part.since,),
    )
    return {row["camera"]: row for row in rows}


def readings(folder: Path, part: Slice) -> list[Row]:
    """The newest chunks with their range of values in the channel's unit, newest first."""
    rows = read_all(
        folder / TELEMETRY_FILE,
        "SELECT device, channel, start_utc, end_utc, count, samples FROM readings "
        "WHERE start_utc >= ? ORDER BY start_utc DESC LIMIT ?",
        (part.since, part.limit),
    )
    return [_range(row) for row in rows]


def incidents(folder: Path, part: Slice) -> list[Row]:
    """Incidents with an event since then, and all that are not closed; newest first."""
    return listed_incidents(folder, part.since, part.limit)


def counts(folder: Path) -> dict[str, int]:
    """Rows of each table, for summaries."""
    result = {}
    for file, tables in (
        (EVIDENCE_FILE, ("alarms", "alarm_actions", "outbox", "devices", "detections", "audit")),
        (TELEMETRY_FILE, ("readings", "thermal", "metrics")),
    ):
        for table in tables:
            rows = read_all(folder / file, f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - named above
            result[table] = rows[0]["n"]
    return result


def stored_samples(folder: Path, channel: str) -> int:
    """Samples of one channel, of all devices."""
    rows = read_all(
        folder / TELEMETRY_FILE,
        "SELECT coalesce(sum(count), 0) AS n FROM readings WHERE channel = ?",
        (channel,),
    )
    return int(rows[0]["n"])


def _range(row: Row) -> Row:
    form = CHANNELS[row["channel"]]
    _, values = decode(row["channel"], row["start_utc"], row.pop("samples"))
    known = values[values == values] * form.scale  # without NaN
    return {
        **row,
        "min": round(float(known.min()), 3) if len(known) else None,
        "max": round(float(known.max()), 3) if len(known) else None,
        "unit": form.unit,
    }
