"""Schema changes: forward only, with a backup, never into a newer schema."""

import pytest
from sqlite_utils import Migrations
from storage_parts import AT

from embereye.model.errors import SchemaTooNew, StorageError
from embereye.storage import migrations
from embereye.storage.database import EVIDENCE_FILE, TELEMETRY_FILE, open_writer, read_all
from embereye.storage.migrations import migrate, pending


@pytest.mark.parametrize("name", [EVIDENCE_FILE, TELEMETRY_FILE])
def test_a_new_database_gets_every_table_and_a_second_run_does_nothing(tmp_path, name):
    path = tmp_path / name
    assert migrate(path, AT) == pending(tmp_path / "elsewhere" / name)
    assert migrate(path, AT) == ()
    assert pending(path) == ()
    assert not (tmp_path / "backups").exists()


def test_released_changes_are_never_altered():
    # A change of a released entry would leave old databases different from new ones.
    names = {file: pending_names(file) for file in migrations.MIGRATIONS}
    assert names[EVIDENCE_FILE][:1] == ["0001 alarms, devices, detections, audit"]
    assert names[TELEMETRY_FILE][:1] == ["0001 readings, thermal, metrics"]


def test_each_column_states_its_unit_or_meaning(tmp_path):
    migrate(tmp_path / EVIDENCE_FILE, AT)
    rows = read_all(tmp_path / EVIDENCE_FILE, "SELECT sql FROM sqlite_master WHERE type = 'table'")
    utc = [line for row in rows for line in (row["sql"] or "").splitlines() if "_utc" in line]
    assert utc
    assert all("-- s" in line for line in utc if "UNIQUE" not in line)


def test_an_existing_database_is_copied_before_it_is_changed(tmp_path, monkeypatch):
    path = tmp_path / EVIDENCE_FILE
    migrate(path, AT)
    connection = open_writer(path, durable=True)
    connection.execute("INSERT INTO devices (id) VALUES ('d1')")
    connection.close()
    add_step(monkeypatch, "0002 more", "CREATE TABLE more (n INTEGER)")
    assert migrate(path, AT) == ("0002 more",)
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name == "embereye-20231114T221320Z-before-0002-more.db"
    assert read_all(copy, "SELECT id FROM devices") == [{"id": "d1"}]
    assert read_all(copy, "SELECT name FROM sqlite_master WHERE name = 'more'") == []
    assert read_all(path, "SELECT id FROM devices") == [{"id": "d1"}]


def test_a_change_that_fails_leaves_the_database_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / EVIDENCE_FILE
    migrate(path, AT)
    add_step(
        monkeypatch, "0002 bad", "CREATE TABLE half (n INTEGER)", "CREATE TABLE half (n INTEGER)"
    )
    with pytest.raises(StorageError):
        migrate(path, AT)
    assert read_all(path, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
    assert pending(path) == ("0002 bad",)


def test_a_newer_schema_is_refused_and_left_alone(tmp_path):
    path = tmp_path / EVIDENCE_FILE
    migrate(path, AT)
    connection = open_writer(path, durable=True)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('embereye', '0099 future', 'later')"
    )
    connection.close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match=r"newer version.*0099 future.*nothing was changed"):
        migrate(path, AT)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused(tmp_path):
    path = tmp_path / EVIDENCE_FILE
    connection = open_writer(path, durable=True)
    connection.execute("CREATE TABLE alarms (n INTEGER)")
    connection.close()
    with pytest.raises(StorageError, match="another program"):
        migrate(path, AT)


def pending_names(file):
    return [step.name for step in migrations.MIGRATIONS[file]._migrations]


def add_step(monkeypatch, name, *statements):
    grown = Migrations("embereye")
    for step in migrations.MIGRATIONS[EVIDENCE_FILE]._migrations:
        grown(name=step.name)(step.fn)

    @grown(name=name)
    def apply(db):
        for statement in statements:
            db.conn.execute(statement)

    monkeypatch.setitem(migrations.MIGRATIONS, EVIDENCE_FILE, grown)
