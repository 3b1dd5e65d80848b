"""The tables of what a replay needs beside readings and thermal frames."""

VERDICTS = """
CREATE TABLE verdict_chunks (
    id INTEGER PRIMARY KEY,
    camera TEXT NOT NULL,
    start_utc REAL NOT NULL,  -- s, arrival of the first verdict
    end_utc REAL NOT NULL,  -- s, of the last one
    count INTEGER NOT NULL,
    body BLOB NOT NULL  -- storage.verdict_codec
) STRICT;
CREATE INDEX verdict_chunks_time ON verdict_chunks (start_utc);
CREATE TABLE recorded_inputs (
    id INTEGER PRIMARY KEY,
    at_utc REAL NOT NULL,  -- s, when the engine took it
    kind TEXT NOT NULL,  -- services.input_codec
    body BLOB NOT NULL  -- zlib of JSON
) STRICT;
CREATE INDEX recorded_inputs_time ON recorded_inputs (at_utc);
CREATE INDEX recorded_inputs_kind ON recorded_inputs (kind, at_utc)
"""
