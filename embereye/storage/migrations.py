"""The tables, as a list of changes that only grows.

A released entry never changes; a new one is appended. Each runs in a transaction of its own.
Times are seconds since 1970 UTC (REAL) unless said otherwise.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from embereye.model.errors import SchemaTooNew, StorageError
from embereye.model.stamp import Stamp
from embereye.storage.alarm_tables import LIFE_CYCLE
from embereye.storage.backup import copy_database
from embereye.storage.daily_test_tables import DAILY_TESTS
from embereye.storage.database import (
    EVIDENCE_FILE,
    TELEMETRY_FILE,
    Connection,
    connect,
    explained,
    open_writer,
    read_all,
)
from embereye.storage.delivery_tables import DELIVERIES
from embereye.storage.incident_tables import INCIDENTS
from embereye.storage.verdict_tables import VERDICTS

_EVIDENCE = Migrations("embereye")
_TELEMETRY = Migrations("telemetry")
MIGRATIONS = {EVIDENCE_FILE: _EVIDENCE, TELEMETRY_FILE: _TELEMETRY}


def migrate(path: Path, at: Stamp) -> tuple[str, ...]:
    """Bring the database at `path` up to date; the names of the changes made.

    A database that exists is copied to `backups/` beside it first. One writer only: call before
    the storage workers start.

    Raises:
        SchemaTooNew: A newer version of the program wrote it. Nothing was changed.
        StorageError: With what to do.
    """
    steps = MIGRATIONS[path.name]
    missing = pending(path)
    if not missing:
        return ()
    if path.exists() and path.stat().st_size > 0:
        copy_database(path, at, f"before-{missing[-1]}")
    connection = open_writer(path, durable=True)
    try:
        with explained(path):
            steps.apply(Database(connection))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return missing


def pending(path: Path, steps: Migrations | None = None) -> tuple[str, ...]:
    """The changes that the database at `path` lacks; all of them where there is no file.

    Args:
        steps: What belongs to it; None: by its name.

    Raises:
        SchemaTooNew: It has changes that this version does not know.
        StorageError: It cannot be read, or is somebody else's database.
    """
    steps = steps or MIGRATIONS[path.name]
    known = _names(steps)
    if not path.exists() or path.stat().st_size == 0:
        return tuple(known)
    applied = _applied(path, steps)
    unknown = [name for name in applied if name not in known]
    if unknown:
        raise SchemaTooNew(
            f"{path} was written by a newer version of the program (it has '{unknown[-1]}'). "
            "Install that version, or restore a backup made by this one; nothing was changed."
        )
    return tuple(name for name in known if name not in applied)


def _names(steps: Migrations) -> list[str]:
    with closing(connect(":memory:")) as empty:
        return [step.name for step in steps.pending(Database(empty))]


def _applied(path: Path, steps: Migrations) -> list[str]:
    tables = {row["name"] for row in read_all(path, "SELECT name FROM sqlite_master")}
    if not tables:
        return []
    if Migrations.migrations_table not in tables:
        raise StorageError(
            f"{path} is a database of another program. Move it aside, or name another folder "
            "with --data-dir."
        )
    sql = f"SELECT name FROM {Migrations.migrations_table} WHERE migration_set = ? ORDER BY id"  # noqa: S608 - a constant
    return [row["name"] for row in read_all(path, sql, (steps.name,))]


def _run(script: str) -> Callable[[Database], None]:
    statements = [part for part in script.split(";\n") if part.strip()]

    def apply(db: Database) -> None:
        connection: Connection = db.conn
        for statement in statements:
            connection.execute(statement)

    return apply


_EVIDENCE(name="0001 alarms, devices, detections, audit")(
    _run("""
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- counts up, never reused
    place TEXT NOT NULL,
    kind TEXT NOT NULL,  -- model.alarm.AlarmKind
    source TEXT NOT NULL,  -- id of the faulty source, empty otherwise
    place_name TEXT NOT NULL,
    priority INTEGER NOT NULL,  -- 0 diagnostic … 4 emergency
    state TEXT NOT NULL,  -- model.alarm.AlarmState
    cause TEXT NOT NULL,  -- model.alarm.Cause
    reasons TEXT NOT NULL,  -- JSON list of texts
    raised_utc REAL NOT NULL,  -- s
    changed_utc REAL NOT NULL,  -- s
    acknowledged_by TEXT NOT NULL,
    reports INTEGER NOT NULL,  -- count
    last_report_utc REAL NOT NULL,  -- s
    cameras TEXT NOT NULL,  -- JSON list of ids
    sources TEXT NOT NULL,  -- JSON list: "camera ID" or "device ID", whose evidence it is
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX alarms_open ON alarms (state) WHERE state <> 'normal';
CREATE INDEX alarms_raised ON alarms (raised_utc);
CREATE TABLE alarm_actions (
    id INTEGER PRIMARY KEY,
    alarm INTEGER NOT NULL REFERENCES alarms (id),
    revision INTEGER NOT NULL,  -- of the alarm after the action
    event TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_utc REAL NOT NULL,  -- s
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reasons TEXT NOT NULL,  -- JSON list of texts
    chain BLOB NOT NULL,  -- 32 bytes, HMAC-SHA256 over the previous row's chain and this row
    UNIQUE (alarm, revision, event, actor, at_utc)
) STRICT;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    alarm INTEGER NOT NULL REFERENCES alarms (id),
    revision INTEGER NOT NULL,
    payload TEXT NOT NULL,  -- JSON: the alarm and the action
    created_utc REAL NOT NULL,  -- s
    done_utc REAL,  -- s; NULL while it must still be sent
    UNIQUE (alarm, revision, created_utc)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (id) WHERE done_utc IS NULL;
CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    profile TEXT NOT NULL DEFAULT 'unknown',
    address TEXT NOT NULL DEFAULT '',  -- of the newest connection
    first_seen_utc REAL,  -- s
    last_seen_utc REAL,  -- s
    idle_smoke REAL,  -- %, median of the first valid packets
    idle_flame REAL,  -- %
    idle_utc REAL,  -- s, when it was learned
    location TEXT NOT NULL DEFAULT '',  -- first #locid
    location_verified INTEGER NOT NULL DEFAULT 0,  -- 0: UNVERIFIED, 1: confirmed by an operator
    location_aside TEXT NOT NULL DEFAULT '',  -- a different one that waits for an operator
    calibration BLOB,  -- 832 big-endian 16-bit words, as received
    calibration_utc REAL,  -- s
    calibration_verified INTEGER NOT NULL DEFAULT 0,
    calibration_aside BLOB  -- a different one that waits for an operator
) STRICT;
CREATE TABLE detections (
    id INTEGER PRIMARY KEY,
    camera TEXT NOT NULL,
    frame_utc REAL NOT NULL,  -- s, when the frame was decoded
    fire REAL NOT NULL,  -- 0–1
    smoke REAL NOT NULL,  -- 0–1
    moving INTEGER NOT NULL,  -- 1: the evidence spans several frames
    detector TEXT NOT NULL,
    boxes TEXT NOT NULL  -- JSON list of [label, confidence, x, y, width, height]; pixels
) STRICT;
CREATE INDEX detections_camera ON detections (camera, frame_utc);
CREATE INDEX detections_time ON detections (frame_utc);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_utc REAL NOT NULL,  -- s
    kind TEXT NOT NULL,  -- "security", "settings", "device", "storage" …
    subject TEXT NOT NULL,
    actor TEXT NOT NULL,
    text TEXT NOT NULL,
    chain BLOB NOT NULL  -- as in alarm_actions, a chain of its own
) STRICT;
CREATE INDEX audit_time ON audit (at_utc)
""")
)

_TELEMETRY(name="0001 readings, thermal, metrics")(
    _run("""
CREATE TABLE readings (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    channel TEXT NOT NULL,  -- storage.readings.CHANNELS gives the unit
    start_utc REAL NOT NULL,  -- s, first sample
    end_utc REAL NOT NULL,  -- s, last sample
    count INTEGER NOT NULL,
    samples BLOB NOT NULL  -- storage.readings.encode
) STRICT;
CREATE INDEX readings_device ON readings (device, channel, start_utc);
CREATE INDEX readings_time ON readings (start_utc);
CREATE TABLE thermal (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    at_utc REAL NOT NULL,  -- s
    max_celsius REAL,  -- °C, NULL without calibration
    picture BLOB NOT NULL  -- zlib of 24×32 little-endian int16, 1/100 °C
) STRICT;
CREATE INDEX thermal_device ON thermal (device, at_utc);
CREATE INDEX thermal_time ON thermal (at_utc);
CREATE TABLE metrics (
    at_utc REAL NOT NULL,  -- s
    name TEXT NOT NULL,
    value REAL NOT NULL,  -- base unit, part of the name (embereye_…_seconds)
    PRIMARY KEY (name, at_utc)
) STRICT, WITHOUT ROWID
""")
)

_EVIDENCE(name="0002 identities, inbox, thermal background, firmware")(
    _run("""
CREATE TABLE inbox (
    device TEXT NOT NULL,
    boot INTEGER NOT NULL,  -- as the device counts its starts
    seq INTEGER NOT NULL,  -- as the device counts its packets
    at_utc REAL NOT NULL,  -- s, arrival
    device_ms INTEGER NOT NULL,  -- ms since 1970 by the device's clock
    body BLOB NOT NULL,  -- the legacy packet inside, without # and !
    made_utc REAL,  -- s, when it was measured as the history has it; NULL: at its arrival
    PRIMARY KEY (device, boot, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox_progress (
    device TEXT NOT NULL,
    boot INTEGER NOT NULL,
    seq INTEGER NOT NULL,  -- everything up to here was stored once
    at_utc REAL NOT NULL,  -- s
    PRIMARY KEY (device, boot)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_keys (
    device TEXT NOT NULL,
    kid TEXT NOT NULL,
    sealed BLOB NOT NULL,  -- the key, encrypted; empty once it is revoked
    created_utc REAL NOT NULL,  -- s
    expires_utc REAL,  -- s, NULL: never
    revoked_utc REAL,  -- s, NULL: not revoked
    PRIMARY KEY (device, kid)
) STRICT, WITHOUT ROWID;
CREATE TABLE thermal_background (
    device TEXT NOT NULL,
    hour INTEGER NOT NULL,  -- 0–23, local time
    weight REAL NOT NULL,  -- days that it was learned over
    learned_utc REAL NOT NULL,  -- s, last change
    picture BLOB NOT NULL,  -- zlib of 24×32 mean and 24×32 deviation, little-endian float32, °C
    PRIMARY KEY (device, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE firmware_updates (
    device TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL,  -- "offered", "running", "done", "failed", "halted"
    changed_utc REAL NOT NULL,  -- s
    detail TEXT NOT NULL,
    PRIMARY KEY (device, version)
) STRICT, WITHOUT ROWID;
ALTER TABLE devices ADD COLUMN firmware TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN period_s REAL
""")
)

_TELEMETRY(name="0002 device log, thermal chunks")(
    _run("""
CREATE TABLE device_log (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    at_utc REAL NOT NULL,  -- s
    direction TEXT NOT NULL,  -- model.device_messages.Direction
    text TEXT NOT NULL
) STRICT;
CREATE INDEX device_log_device ON device_log (device, at_utc);
CREATE INDEX device_log_time ON device_log (at_utc);
CREATE TABLE thermal_chunks (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    start_utc REAL NOT NULL,  -- s, first frame
    end_utc REAL NOT NULL,  -- s, last frame
    frames INTEGER NOT NULL,
    max_celsius REAL,  -- °C, hottest cell of all, NULL without calibration
    body BLOB NOT NULL  -- storage.thermal_codec
) STRICT;
CREATE INDEX thermal_chunks_device ON thermal_chunks (device, start_utc);
CREATE INDEX thermal_chunks_time ON thermal_chunks (start_utc)
""")
)

_EVIDENCE(name="0003 zone events")(
    _run("""
CREATE TABLE zone_events (
    id INTEGER PRIMARY KEY,
    at_utc REAL NOT NULL,  -- s, when the picture was decoded
    camera TEXT NOT NULL,
    kind TEXT NOT NULL,  -- model.sighting.ZoneEventKind
    zone TEXT NOT NULL,  -- id of the area or line at its camera
    name TEXT NOT NULL,  -- as people knew it then
    label TEXT NOT NULL,
    track INTEGER NOT NULL,  -- number of the object at its camera since the program started
    confidence REAL NOT NULL,  -- 0–1
    seconds REAL NOT NULL  -- s inside, of "left"; else 0
) STRICT;
CREATE INDEX zone_events_camera ON zone_events (camera, at_utc);
CREATE INDEX zone_events_time ON zone_events (at_utc)
""")
)

_TELEMETRY(name="0003 verdicts")(_run(VERDICTS))

_EVIDENCE(name="0004 alarm life cycle")(_run(LIFE_CYCLE))

_EVIDENCE(name="0006 deliveries")(_run(DELIVERIES))

_EVIDENCE(name="0005 incidents")(_run(INCIDENTS))

_EVIDENCE(name="0008 daily tests")(_run(DAILY_TESTS))
