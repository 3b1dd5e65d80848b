"""The table of what is sent to whom."""

# What waited before there were targets is nobody's any more: it must not be sent years later.
DELIVERIES = """
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    outbox INTEGER NOT NULL REFERENCES outbox (id),
    target TEXT NOT NULL,  -- id in the settings
    kind TEXT NOT NULL,  -- model.notice.TargetKind
    alarm INTEGER NOT NULL,
    priority INTEGER NOT NULL,  -- 0 diagnostic … 4 emergency
    event TEXT NOT NULL,  -- model.notice.NoticeEvent
    state TEXT NOT NULL,  -- model.notice.DeliveryState
    tries INTEGER NOT NULL,  -- that failed
    next_utc REAL,  -- s, when it is tried again, NULL: not
    error TEXT NOT NULL,  -- of the last try
    created_utc REAL NOT NULL,  -- s, when it happened
    sent_utc REAL,  -- s, NULL: not sent
    rest TEXT NOT NULL,  -- JSON list of recipients who lack it still, [] for all
    idempotency TEXT NOT NULL,  -- the same at each try, unique
    UNIQUE (outbox, target)
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (target, alarm, id) WHERE state = 'waiting';
CREATE INDEX deliveries_alarm ON deliveries (target, alarm, id);
CREATE INDEX deliveries_sent ON deliveries (target, sent_utc);
ALTER TABLE outbox ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET planned = 1, done_utc = created_utc WHERE done_utc IS NULL;
CREATE INDEX outbox_unplanned ON outbox (id) WHERE planned = 0;
CREATE INDEX outbox_created ON outbox (created_utc)
"""
