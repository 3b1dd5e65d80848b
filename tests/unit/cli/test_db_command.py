"""`embereye db`: check, backup, restore, migrate."""

import argparse
import json
from pathlib import Path

import pytest
from storage_parts import action, alarm, opened, running

from embereye.cli import db
from embereye.cli.output import Exit
from embereye.model.errors import AlreadyRunning, SchemaTooNew, StorageError
from embereye.runtime.instance import Ownership
from embereye.storage import queries
from embereye.storage.database import EVIDENCE_FILE, open_writer


@pytest.fixture
def filled(tmp_path):
    folder = tmp_path / "data"
    save(folder, 1)
    return folder


def save(folder, number):
    storage = opened(folder)
    with running(storage.evidence):
        storage.alarms.save(alarm(number), action(alarm(number)))


def run(folder, *words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", default=folder)
    parser.add_argument("--config", default=None)
    db.register(parser.add_subparsers())
    args = parser.parse_args(["db", *map(str, words)])
    return args.run(args)


def change(folder, statement):
    connection = open_writer(folder / EVIDENCE_FILE, durable=True)
    connection.execute(statement)
    connection.close()


def test_sound_databases_pass(filled, capsys):
    assert run(filled, "check", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_a_changed_action_is_found(filled, capsys):
    change(filled, "UPDATE alarm_actions SET actor = 'nobody'")
    assert run(filled, "check") == Exit.DATABASE
    assert "row 1 was changed" in capsys.readouterr().out


def test_a_file_that_is_no_database_is_reported_and_the_other_still_checked(filled, capsys):
    (filled / EVIDENCE_FILE).write_bytes(b"rubbish" * 1000)
    assert run(filled, "check") == Exit.DATABASE
    out = capsys.readouterr().out
    assert "embereye.db: NOT SOUND" in out
    assert "telemetry.db: sound" in out


def backups(capsys):
    return [Path(line) for line in capsys.readouterr().out.splitlines()]


def test_a_backup_can_be_restored_and_the_restore_is_audited(filled, tmp_path, capsys):
    assert run(filled, "backup", "--out", tmp_path / "usb") == Exit.OK
    copy = backups(capsys)[0]
    save(filled, 2)
    assert run(filled, "restore", copy) == Exit.OK
    assert "The former file is kept" in capsys.readouterr().out
    everything = queries.Slice()
    assert [row["id"] for row in queries.alarms(filled, everything)] == [1]
    assert any("restored from" in row["text"] for row in queries.audit(filled, everything))
    assert run(filled, "check") == Exit.OK


def test_a_restore_beside_a_running_console_is_refused(filled, tmp_path, capsys):
    run(filled, "backup", "--out", tmp_path / "usb")
    copy = backups(capsys)[0]
    owner = Ownership(filled, lambda: None)
    try:
        with pytest.raises(AlreadyRunning, match="close it first"):
            run(filled, "restore", copy)
    finally:
        owner.release()


def test_a_file_with_another_name_is_no_backup(filled, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"jpeg")
    with pytest.raises(StorageError, match="not named like a backup"):
        run(filled, "restore", tmp_path / "holiday.jpg")


def test_a_backup_that_does_not_exist_is_named(filled, tmp_path):
    with pytest.raises(StorageError, match=r"There is no file .*embereye-x\.db"):
        run(filled, "restore", tmp_path / "embereye-x.db")


def test_a_backup_of_a_newer_version_is_refused(filled, tmp_path, capsys):
    change(
        filled,
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('embereye', '0099 future', 'later')",
    )
    run(filled, "backup", "--out", tmp_path / "usb")
    copy = backups(capsys)[0]
    with pytest.raises(SchemaTooNew):
        run(filled, "restore", copy)


def test_migrating_twice_changes_nothing(filled, capsys):
    assert run(filled, "migrate") == Exit.OK
    assert capsys.readouterr().out.count("up to date") == 2
