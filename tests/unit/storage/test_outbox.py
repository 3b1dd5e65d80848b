"""The outbox and its deliveries on disk."""

from sqlite_utils import Database
from storage_parts import AT, action, alarm, opened, running

from embereye.storage import migrations
from embereye.storage.alarms import alarm_document
from embereye.storage.database import EVIDENCE_FILE, open_writer, read_all
from embereye.storage.migrations import migrate

_COLUMNS = (
    "id", "place", "kind", "source", "place_name", "priority", "state", "cause", "raised_utc",
    "changed_utc", "acknowledged_by", "reports", "last_report_utc", "revision",
)  # fmt: skip


def test_what_waited_before_there_were_targets_is_never_sent(tmp_path):
    path = tmp_path / EVIDENCE_FILE
    connection = open_writer(path, durable=True)
    steps = migrations.MIGRATIONS[EVIDENCE_FILE]
    steps.apply(Database(connection), stop_before="0006 deliveries")
    row = {name: alarm_document(alarm(1))[name] for name in _COLUMNS}
    row |= {"reasons": "[]", "cameras": "[]", "sources": "[]"}
    Database(connection)["alarms"].insert(row)
    connection.execute(
        "INSERT INTO outbox (alarm, revision, payload, created_utc) VALUES (1, 1, '{}', 5.0)"
    )
    connection.close()
    assert "0006 deliveries" in migrate(path, AT)
    assert opened(tmp_path).outbox.unplanned(10) == ()
    assert read_all(path, "SELECT done_utc FROM outbox") == [{"done_utc": 5.0}]


def test_what_an_outbox_row_tells_is_what_was_stored(tmp_path):
    storage = opened(tmp_path)
    one = alarm(1)
    with running(storage.evidence):
        storage.alarms.save(one, action(one))
    (row,) = storage.outbox.unplanned(10)
    assert row.alarm == one
    assert row.action == action(one)
