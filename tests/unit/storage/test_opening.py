"""Opening a data directory, and who is told what when a part of it fails."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from storage_parts import action, alarm, opened, running

from embereye.model.errors import StorageError
from embereye.model.messages import StorageChanged, WorkerFailed
from embereye.runtime.clock import SystemClock
from embereye.storage.journal import Journal
from embereye.storage.opening import make_folder, open_storage


def test_a_folder_that_cannot_be_written_is_named():
    if os.name != "posix":
        pytest.skip("needs POSIX permissions")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    child = os.geteuid() == 0
    if child:
        os.seteuid(65534)  # root may write everywhere
    try:
        with pytest.raises(StorageError, match=r"cannot be (written|made).*--data-dir"):
            make_folder(folder / "data")
    finally:
        if child:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_the_folder_is_for_its_owner_only(tmp_path):
    opened(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_opening_twice_changes_nothing(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)))
    before = opened(tmp_path).alarms.load_open()
    assert opened(tmp_path).alarms.load_open() == before
    assert not (tmp_path / "backups").exists()


def test_the_workers_stop_within_a_second(tmp_path):
    clock = SystemClock()
    storage = opened(tmp_path)
    with running(*(worker for _, worker in storage.workers())):
        storage.alarms.save(alarm(1), action(alarm(1)))
        begun = clock.mono()
    assert clock.mono() - begun < 1.0


def test_readings_that_cannot_be_stored_do_not_say_that_alarms_are_not(tmp_path):
    published: list[object] = []
    storage = open_storage(tmp_path, SystemClock(), published.append, reserve=2**60)
    storage.readings.save_metrics(1.0, [("x_seconds", 1.0)])
    storage.telemetry.step()
    storage.telemetry._close()
    (fault,) = published
    assert isinstance(fault, WorkerFailed)
    assert (fault.name, fault.recovered) == ("history storage", False)


def test_alarms_that_cannot_be_stored_are_told_as_such(tmp_path):
    published: list[object] = []
    storage = opened(tmp_path, published)
    for file in tmp_path.glob("embereye.db*"):
        file.unlink()
    storage.alarms.save(alarm(1), action(alarm(1)))
    storage.evidence.step()
    (message,) = published
    assert isinstance(message, StorageChanged)
    assert not message.usable
    assert len(Journal(tmp_path).replay()) == 1
    assert not (tmp_path / "embereye.db").exists()
