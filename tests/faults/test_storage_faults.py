"""R1, R4, R5, R6, R7: what happens to alarms when the disk or the process fails."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from storage_parts import (
    AT,
    Outcomes,
    Voice,
    action,
    alarm,
    insert,
    numbers,
    opened,
    overlay_record,
    running,
    table_writer,
)

from embereye.model.errors import SchemaTooNew, StorageError
from embereye.model.messages import StorageChanged
from embereye.runtime.clock import SystemClock
from embereye.storage import wal
from embereye.storage.backup import check_database, copy_database, restore_database
from embereye.storage.chain import Chain, Heads, load_key
from embereye.storage.database import EVIDENCE_FILE, connect, open_writer, read_all
from embereye.storage.opening import open_storage

_CHILD = Path(__file__).resolve().parents[1] / "servers" / "alarm_writer.py"


# --- R1: kill -9 ---------------------------------------------------------------------------------


def kill_once(folder: Path, seconds: float, *variant: str) -> list[int]:
    """Run the child, kill it `seconds` after its first alarm; the numbers that it announced."""
    child = subprocess.Popen(
        [sys.executable, str(_CHILD), str(folder), *variant],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    announced = [child.stdout.readline()]
    time.sleep(seconds)
    child.kill()
    announced += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    return [int(line.split()[0]) for line in announced if line.endswith("\n")]


def open_numbers(folder: Path) -> set[int]:
    return {one.id for one in opened(folder).alarms.load_open()}


@pytest.mark.parametrize("kills", [6, pytest.param(40, marks=pytest.mark.slow)])
def test_a_kill_loses_no_committed_alarm(tmp_path, kills):
    chance = random.Random(1)
    announced: set[int] = set()
    for _ in range(kills):
        announced.update(kill_once(tmp_path, chance.uniform(0.0, 0.3)))
        assert announced <= open_numbers(tmp_path)
    path = tmp_path / EVIDENCE_FILE
    assert len(announced) >= kills
    assert check_database(path) == []
    chain = Chain(load_key(tmp_path))
    assert chain.verify(path, "alarm_actions", Heads(tmp_path)) == []
    (row,) = read_all(
        path,
        "SELECT (SELECT count(*) FROM alarms) AS a, (SELECT count(*) FROM alarm_actions) AS b, "
        "(SELECT count(*) FROM outbox) AS c",
    )
    assert row["a"] == row["b"] == row["c"]


def test_announcing_before_the_commit_is_caught(tmp_path):
    # The negative control: this variant must lose announced alarms.
    for _ in range(10):
        announced = kill_once(tmp_path, 0.05, "early")
        if not set(announced) <= open_numbers(tmp_path):
            return
    pytest.fail("ten kills found nothing missing: the kill test proves nothing")


# --- R4: disk full -------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler


def test_a_full_disk_keeps_alarms_and_recovers_when_there_is_room(small_disk):
    published: list[object] = []
    heard = threading.Event()

    def publish(message: object) -> None:
        published.append(message)
        heard.set()

    storage = open_storage(small_disk, SystemClock(), publish, reserve=0, ballast=256 * 1024)
    outcomes = Outcomes()
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)), outcomes.of(1))
        outcomes.wait(1)
        filler = fill(small_disk)
        for number in range(2, 200):
            storage.alarms.save(alarm(number), action(alarm(number)), outcomes.of(number))
        assert heard.wait(5.0)
        first = published[0]
        assert isinstance(first, StorageChanged)
        assert not first.usable
        assert "disk is full" in first.text
        wait_until(lambda: len(journal_numbers(small_disk)) + len(outcomes.all) >= 199)
        filler.unlink()
        outcomes.wait(199, timeout=10.0)
        wait_until(lambda: isinstance(published[-1], StorageChanged) and published[-1].usable)
    assert [number for number, _ in outcomes.all] == list(range(1, 200))
    assert all(error is None for _, error in outcomes.all)
    assert journal_numbers(small_disk) == []
    assert open_numbers(small_disk) == set(range(1, 200))


def test_alarms_of_a_full_disk_survive_a_kill_through_the_journal(small_disk):
    # No clean stop: what the journal holds at that moment is all that is left.
    storage = open_storage(small_disk, SystemClock(), nobody, reserve=0, ballast=256 * 1024)
    fill(small_disk)
    outcomes = Outcomes()
    for number in range(1, 30):
        storage.alarms.save(alarm(number), action(alarm(number)), outcomes.of(number))
        storage.evidence.step()
    committed = {number for number, error in outcomes.all if error is None}
    assert len(committed) < 29
    storage.evidence._close()
    (small_disk / "filler").unlink()
    assert open_numbers(small_disk) == set(range(1, 30))


def test_a_shelving_on_a_full_disk_survives_a_kill_through_the_journal(small_disk):
    storage = open_storage(small_disk, SystemClock(), nobody, reserve=0, ballast=256 * 1024)
    fill(small_disk)
    outcomes = Outcomes()
    records = [overlay_record(number, "valve in repair" * 20) for number in range(1, 30)]
    for record in records:
        storage.alarms.save_overlay(record, outcomes.of(record.number))
        storage.evidence.step()
    over = replace(records[0], end="unshelve", ended_utc=AT.utc + 60.0, ended_by="anna")
    storage.alarms.save_overlay(over, outcomes.of(0))
    storage.evidence.step()
    assert len(outcomes.all) < 29
    storage.evidence._close()
    (small_disk / "filler").unlink()
    assert opened(small_disk).alarms.load_overlays() == tuple(records[1:])


def test_a_full_disk_can_be_opened_after_a_kill(small_disk):
    # Without room for SQLite's shared memory nothing opens: the ballast has to go first.
    folder = small_disk / "data"
    storage = open_storage(folder, SystemClock(), nobody, reserve=0, ballast=256 * 1024)
    outcomes = Outcomes()
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)), outcomes.of(1))
        outcomes.wait(1)
    fill(small_disk)
    assert open_numbers(folder) == {1}


def test_a_disk_without_any_room_is_called_full_and_can_be_read(small_disk):
    folder = small_disk / "data"
    storage = open_storage(folder, SystemClock(), nobody, reserve=0, ballast=0)
    outcomes = Outcomes()
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)), outcomes.of(1))
        outcomes.wait(1)
    fill(small_disk)
    with pytest.raises(StorageError, match="disk is full"):
        open_storage(folder, SystemClock(), nobody, reserve=0, ballast=0)
    assert read_all(folder / EVIDENCE_FILE, "SELECT id FROM alarms") == [{"id": 1}]


def nobody(message: object) -> None:
    """Nobody listens."""


def journal_numbers(folder: Path) -> list[int]:
    path = folder / "alarms.journal"
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [json.loads(line.partition(b" ")[2])["alarm"]["id"] for line in lines]


def wait_until(condition, timeout: float = 10.0) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# --- R5: a slow disk -----------------------------------------------------------------------------


class SlowConnection:
    """A connection whose COMMIT takes 300 ms."""

    def __init__(self, connection):
        self._connection = connection

    def execute(self, sql, *parameters):
        if sql == "COMMIT":
            time.sleep(0.3)
        return self._connection.execute(sql, *parameters)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def test_a_slow_disk_blocks_nobody_and_loses_nothing(tmp_path):
    path = tmp_path / "t.db"
    writer, _ = table_writer(
        tmp_path, connect=lambda: SlowConnection(open_writer(path, durable=True))
    )
    outcomes = Outcomes()
    with running(writer):
        longest = 0.0
        for number in range(300):
            started = time.monotonic()
            writer.put(insert(number, outcomes))
            longest = max(longest, time.monotonic() - started)
        outcomes.wait(300)
    assert longest < 0.1
    assert numbers(path) == list(range(300))
    assert writer.commit_seconds.count <= 4  # what waited went together


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_errors_of_the_disk_lose_no_alarm_and_stop_nothing(tmp_path, error):
    opened(tmp_path / "data")
    # The writer's fifth to ninth flush fail; then the disk works again.
    calls = "fsync,fdatasync"
    trace = ["strace", "-f", "--seccomp-bpf", "-o", str(tmp_path / "trace"), "-e", f"trace={calls}"]
    inject = ["-e", f"inject={calls}:error={error}:when=5..9"]
    child = subprocess.Popen(
        [*trace, *inject, sys.executable, str(_CHILD), str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    announced = [int(line.split()[0]) for _, line in zip(range(300), child.stdout, strict=False)]
    os.killpg(child.pid, signal.SIGKILL)
    child.stdout.close()
    child.wait()
    if not announced:
        pytest.skip("this machine does not allow tracing")
    assert len(announced) == 300
    assert "(INJECTED)" in (tmp_path / "trace").read_text()
    assert set(announced) <= open_numbers(tmp_path / "data")
    assert check_database(tmp_path / "data" / EVIDENCE_FILE) == []


# --- R6: a reader that never ends ----------------------------------------------------------------


def test_the_wal_stays_bounded_with_a_stuck_reader_and_alarms_still_go(tmp_path):
    voice = Voice()
    writer, path = table_writer(tmp_path, wal=voice)
    writer.put(insert(0))
    writer.step()
    reader = connect(str(path), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    for number in range(1, 120):  # 119 MB
        writer.put_bulk(insert(number, pad=1_000_000))
        writer.step()
        writer._next_tidy = 0.0
    writer.put(insert(500))
    writer.step()
    size = path.with_name("t.db-wal").stat().st_size
    assert size <= 64 * 2**20
    assert 500 in numbers(path)
    assert [usable for usable, _ in voice.said] == [False]
    assert "Close that program" in voice.said[0][1]
    reader.close()
    for _ in range(3):
        writer._next_tidy = 0.0
        writer.step()
    writer._close()
    assert [usable for usable, _ in voice.said] == [False, True]
    assert writer.dropped == 0
    assert numbers(path) == [*range(120), 500]


def test_without_the_bound_a_stuck_reader_would_fill_the_disk(tmp_path, monkeypatch):
    # The negative control of the test above.
    monkeypatch.setattr(wal, "_BLOCKED", 2**40)
    writer, path = table_writer(tmp_path)
    writer.put(insert(0))
    writer.step()
    reader = connect(str(path), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    for number in range(1, 70):
        writer.put_bulk(insert(number, pad=1_000_000))
        writer.step()
    size = path.with_name("t.db-wal").stat().st_size
    reader.close()
    writer._close()
    assert size > 64 * 2**20


# --- databases that cannot be used ---------------------------------------------------------------


def test_a_damaged_database_stops_the_start_with_what_to_do(tmp_path):
    opened(tmp_path)
    (tmp_path / EVIDENCE_FILE).write_bytes(b"SQLite format 3\0" + bytes([0x5A]) * 9000)
    with pytest.raises(StorageError, match=r"embereye\.db.*(Move it aside|move the file aside)"):
        opened(tmp_path)


def test_a_database_that_is_too_new_stops_the_start(tmp_path):
    opened(tmp_path)
    connection = open_writer(tmp_path / EVIDENCE_FILE, durable=True)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
        "VALUES ('embereye', '0099 future', 'later')"
    )
    connection.close()
    with pytest.raises(SchemaTooNew, match="Install that version"):
        opened(tmp_path)


def test_a_data_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError, match="--data-dir"):
        opened(tmp_path / "data")


def test_a_database_locked_by_another_program_delays_alarms_but_keeps_them(tmp_path):
    published: list[object] = []
    storage = opened(tmp_path, published)
    other = connect(str(tmp_path / EVIDENCE_FILE), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    outcomes = Outcomes()
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)), outcomes.of(1))
        wait_until(lambda: journal_numbers(tmp_path) == [1], 5.0)
        other.execute("ROLLBACK")
        outcomes.wait(1)
        wait_until(lambda: journal_numbers(tmp_path) == [])
    other.close()
    assert outcomes.all == [(1, None)]
    assert [m.usable for m in published if isinstance(m, StorageChanged)] == [False, True]


# --- R7: backups ---------------------------------------------------------------------------------


def test_a_backup_made_while_writing_is_sound_and_complete(tmp_path):
    storage = opened(tmp_path)
    outcomes = Outcomes()
    with running(storage.evidence):
        for number in range(1, 101):
            storage.alarms.save(alarm(number), action(alarm(number)), outcomes.of(number))
        outcomes.wait(100)
        for number in range(101, 301):
            storage.alarms.save(alarm(number), action(alarm(number)), outcomes.of(number))
        copy = copy_database(tmp_path / EVIDENCE_FILE, AT, "test")
        outcomes.wait(300)
    assert check_database(copy) == []
    kept = {row["id"] for row in read_all(copy, "SELECT id FROM alarms")}
    assert set(range(1, 101)) <= kept
    assert kept == {row["alarm"] for row in read_all(copy, "SELECT alarm FROM outbox")}


def test_a_restored_backup_is_what_was_saved_and_the_former_file_is_kept(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)))
    path = tmp_path / EVIDENCE_FILE
    copy = copy_database(path, AT, "test")
    with running(storage.evidence):
        storage.alarms.save(alarm(2), action(alarm(2)))
    aside = restore_database(copy, path, AT)
    assert open_numbers(tmp_path) == {1}
    assert aside is not None
    assert {row["id"] for row in read_all(aside, "SELECT id FROM alarms")} == {1, 2}


@pytest.mark.parametrize("content", [b"rubbish" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_backup_is_refused_and_changes_nothing(tmp_path, content):
    opened(tmp_path)
    before = (tmp_path / EVIDENCE_FILE).read_bytes()
    (tmp_path / "bad.db").write_bytes(content)
    with pytest.raises(StorageError):
        restore_database(tmp_path / "bad.db", tmp_path / EVIDENCE_FILE, AT)
    assert (tmp_path / EVIDENCE_FILE).read_bytes() == before
