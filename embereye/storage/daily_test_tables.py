"""The table of self-tests."""

DAILY_TESTS = """
CREATE TABLE daily_tests (
    id INTEGER PRIMARY KEY,
    began_utc REAL NOT NULL,  -- s
    ended_utc REAL NOT NULL,  -- s
    actor TEXT NOT NULL,  -- who asked for it, "system": nobody
    missed INTEGER NOT NULL,  -- 1: a chain is broken
    chains TEXT NOT NULL  -- JSON: [{"chain", "stages": [{"stage", "outcome", "seconds", "text"}]}]
) STRICT
"""
