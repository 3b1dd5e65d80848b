"""Tables and columns of the alarm life cycle."""

# A column that an old row lacks gets the value that it had all along: nothing.
LIFE_CYCLE = """
ALTER TABLE alarms ADD COLUMN assigned_to TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN escalation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarms ADD COLUMN overlay TEXT NOT NULL DEFAULT '';
ALTER TABLE alarms ADD COLUMN latching INTEGER NOT NULL DEFAULT 0;
CREATE TABLE overlays (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- counts up, never reused
    kind TEXT NOT NULL,  -- model.alarm.OverlayKind
    place TEXT NOT NULL,
    alarm_kind TEXT,  -- model.alarm.AlarmKind; NULL: all kinds
    source TEXT,  -- NULL: all sources
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,  -- who began it, "system" for a suppression by design
    since_utc REAL NOT NULL,  -- s
    until_utc REAL,  -- s, as the wall clock stood last; NULL: with its condition
    covers INTEGER NOT NULL,  -- highest priority that it covers
    seconds REAL,  -- s, the full time asked for; NULL: with its condition
    boot TEXT NOT NULL,  -- start of the machine that until_mono belongs to, empty: unknown
    until_mono REAL,  -- s, monotonic clock of that start
    ended TEXT NOT NULL,  -- what ended it, empty while it is in force
    ended_utc REAL,  -- s
    ended_by TEXT NOT NULL
) STRICT;
CREATE INDEX overlays_open ON overlays (id) WHERE ended = '';
CREATE INDEX overlays_since ON overlays (since_utc)
"""
