"""The tables of incidents, as released; a later change is a migration of its own."""

INCIDENTS = """
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again
    place TEXT NOT NULL,
    place_name TEXT NOT NULL,  -- as people knew it then
    state TEXT NOT NULL,  -- model.incident.IncidentState
    first_utc REAL NOT NULL,  -- s, first event
    last_utc REAL NOT NULL,  -- s, last event
    assigned_to TEXT NOT NULL,  -- who takes care of it, or empty
    closed_by TEXT NOT NULL,  -- "system" for nobody; empty: not closed
    priority INTEGER,  -- highest of its alarms (model.alarm.Priority); NULL: no alarm
    score INTEGER NOT NULL,  -- rule score, 0–100
    level TEXT NOT NULL,  -- of the rule score, by the limits of that time
    detections TEXT NOT NULL,  -- JSON: camera, label, pictures, best 0–1, first and last s UTC
    spells TEXT NOT NULL,  -- JSON: camera, [[label, best]], pictures, first and last s UTC
    summary_state TEXT NOT NULL,  -- model.incident.SummaryState
    summary TEXT NOT NULL,  -- plain text of the language model
    reasoning TEXT NOT NULL,  -- plain text of the language model
    risk INTEGER,  -- the language model's, 0–100; NULL: none
    summary_utc REAL NOT NULL,  -- s; 0: never
    summary_problem TEXT NOT NULL,  -- why there is none
    summary_about TEXT NOT NULL,  -- fingerprint of what was asked about
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX incidents_last ON incidents (last_utc);
CREATE INDEX incidents_open ON incidents (state) WHERE state <> 'closed';
CREATE TABLE incident_alarms (
    alarm INTEGER PRIMARY KEY,  -- alarms.id: an alarm belongs to exactly one incident
    incident INTEGER NOT NULL,  -- incidents.id
    priority INTEGER NOT NULL  -- the highest it ever had
) STRICT;
CREATE INDEX incident_alarms_incident ON incident_alarms (incident);
CREATE TABLE incident_notes (
    incident INTEGER NOT NULL,  -- incidents.id
    number INTEGER NOT NULL,  -- version, from 1 on
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    at_utc REAL NOT NULL,  -- s
    base INTEGER NOT NULL,  -- the version that its author had before the eyes; 0: none
    conflict INTEGER NOT NULL,  -- 1: two versions of the same lines stand in it
    PRIMARY KEY (incident, number)
) STRICT, WITHOUT ROWID
"""
