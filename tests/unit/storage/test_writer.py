"""The one writer: groups, order, bad rows, priorities, failing disks."""

import threading

import pytest
from storage_parts import Outcomes, Voice, insert, numbers, running, table_writer

from embereye.model.errors import StorageError
from embereye.storage import writer as writer_module
from embereye.storage.database import open_writer, read_all, sqlite
from embereye.storage.journal import Journal
from embereye.storage.writer import Write


def test_a_write_is_done_only_after_its_commit(tmp_path):
    writer, path = table_writer(tmp_path)
    seen = []
    write = insert(1)
    writer.put(Write(write.apply, lambda error: seen.append((error, numbers(path)))))
    writer.step()
    writer._close()
    assert seen == [(None, [1])]


def test_what_waits_is_committed_as_one_group(tmp_path):
    writer, path = table_writer(tmp_path)
    for number in range(50):
        writer.put(insert(number))
    writer.step()
    writer._close()
    assert numbers(path) == list(range(50))
    assert writer.commit_seconds.count == 1


def test_a_bad_row_takes_none_of_its_group_with_it(tmp_path):
    writer, path = table_writer(tmp_path)
    outcomes = Outcomes()
    for number in (1, 2, 5000, 3, 2, 4):  # 5000 breaks the check, the second 2 is not unique
        writer.put(insert(number, outcomes))
    writer.step()
    writer._close()
    assert numbers(path) == [1, 2, 3, 4]
    assert [(n, type(error)) for n, error in outcomes.all] == [
        (1, type(None)),
        (2, type(None)),
        (5000, StorageError),
        (3, type(None)),
        (2, StorageError),
        (4, type(None)),
    ]
    assert (writer.stored, writer.rejected) == (4, 2)


def test_without_the_retry_row_by_row_a_bad_row_would_lose_the_others(tmp_path, monkeypatch):
    # The negative control of the test above.
    def give_up(self, queue, error):
        queue.clear()
        return True

    monkeypatch.setattr(writer_module.StorageWriter, "_one_by_one", give_up)
    writer, path = table_writer(tmp_path)
    for number in (1, 5000, 2):
        writer.put(insert(number))
    writer.step()
    writer._close()
    assert numbers(path) == []


def test_a_write_with_values_that_cannot_be_bound_is_refused_alone(tmp_path):
    writer, path = table_writer(tmp_path)
    outcomes = Outcomes()
    for value in (object(), 2**80, "\udcff"):
        bad = Write(
            lambda c, v=value: c.execute("INSERT INTO t VALUES (1, ?)", (v,)), outcomes.of(0)
        )
        writer.put(bad)
    writer.put(insert(9, outcomes))
    writer.step()
    writer._close()
    assert numbers(path) == [9]
    assert [error is None for _, error in outcomes.all] == [False, False, False, True]


def test_urgent_writes_never_wait_behind_bulk(tmp_path):
    writer, _ = table_writer(tmp_path)
    outcomes = Outcomes()
    for number in range(100):
        writer.put_bulk(insert(number, outcomes))
    writer.put(insert(500, outcomes))
    writer.step()
    writer._close()
    assert outcomes.all[0] == (500, None)
    assert len(outcomes.all) == 101


def test_bulk_is_bounded_and_counted_but_urgent_is_not(tmp_path):
    writer, _ = table_writer(tmp_path)
    for number in range(5000):
        writer.put_bulk(insert(number))
        writer.put(insert(number))
    assert writer.dropped == 1000
    assert writer.waiting == 5000


def test_a_stop_stores_what_still_waits(tmp_path):
    writer, path = table_writer(tmp_path)
    stop = threading.Event()
    stop.set()
    writer.put(insert(1))
    writer.put_bulk(insert(2))
    writer.run(stop)
    assert numbers(path) == [1, 2]


def test_a_writer_that_runs_stores_what_comes(tmp_path):
    writer, path = table_writer(tmp_path)
    outcomes = Outcomes()
    with running(writer):
        for number in range(200):
            (writer.put if number % 2 else writer.put_bulk)(insert(number, outcomes))
        outcomes.wait(200)
    assert numbers(path) == list(range(200))


class Disk:
    """Opens a connection whose database cannot grow until there is `room`."""

    def __init__(self, path):
        self.path = path

    def __call__(self):
        self.connection = open_writer(self.path, durable=True)
        pages = self.connection.execute("PRAGMA page_count").fetchone()[0]
        self.connection.execute(f"PRAGMA max_page_count={pages}")
        return self.connection

    def room(self):
        self.connection.execute("PRAGMA max_page_count=1000000")


@pytest.fixture
def failing(tmp_path):
    disk = Disk(tmp_path / "t.db")
    voice, journal = Voice(), Journal(tmp_path, ballast=4096)
    writer, path = table_writer(tmp_path, connect=disk, usable=voice, journal=journal)
    yield writer, path, disk, voice, journal
    writer._close()


def after_back_off(writer):
    writer._next_try = 0.0
    writer.step()


def test_a_full_disk_is_said_once_and_the_recovery_once(failing):
    writer, path, disk, voice, _ = failing
    for number in range(3):
        writer.put(insert(number, pad=20_000))
        after_back_off(writer)
    assert [usable for usable, _ in voice.said] == [False]
    assert "disk is full" in voice.said[0][1]
    assert "Free space" in voice.said[0][1]
    disk.room()
    after_back_off(writer)
    writer.step()
    assert [usable for usable, _ in voice.said] == [False, True]
    assert numbers(path) == [0, 1, 2]


def test_while_the_disk_fails_urgent_writes_lie_in_the_journal_in_order(failing):
    writer, _, disk, _, journal = failing
    for number in range(4):
        writer.put(insert(number, pad=20_000))
        writer.step()  # also inside the back-off
    assert journal.replay() == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}]
    disk.room()
    after_back_off(writer)
    assert journal.replay() == []


def test_done_waits_for_the_disk_and_comes_once(failing):
    writer, _, disk, _, _ = failing
    outcomes = Outcomes()
    writer.put(insert(1, outcomes, pad=20_000))
    after_back_off(writer)
    after_back_off(writer)
    assert outcomes.all == []
    disk.room()
    after_back_off(writer)
    assert outcomes.all == [(1, None)]


def test_at_a_stop_with_a_failing_disk_nothing_is_left_unsaid(failing):
    writer, _, _, _, journal = failing
    outcomes = Outcomes()
    stop = threading.Event()
    stop.set()
    writer.put(insert(1, outcomes, pad=20_000))
    writer.run(stop)
    ((_, error),) = outcomes.all
    assert isinstance(error, StorageError)
    assert journal.replay() == [{"n": 1}]


def test_bulk_that_fails_is_no_recovery_of_its_own(failing):
    writer, _, _, voice, _ = failing
    writer.put_bulk(insert(1, pad=20_000))
    for _ in range(4):
        after_back_off(writer)
    assert [usable for usable, _ in voice.said] == [False]


def test_readings_leave_a_reserve_on_the_disk(tmp_path):
    voice = Voice()
    writer, path = table_writer(tmp_path, reserve=2**60, usable=voice)
    writer.put_bulk(insert(1))
    writer.put(insert(2))
    writer.step()
    writer._close()
    assert numbers(path) == [2]
    assert "readings are not stored" in voice.said[0][1]


def test_a_locked_database_is_waited_for_outside_of_the_writer(tmp_path):
    voice = Voice()
    writer, path = table_writer(tmp_path, usable=voice)
    other = sqlite.connect(str(path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.put(insert(1))
    writer.step()
    assert "locked by another program" in voice.said[0][1]
    other.execute("ROLLBACK")
    other.close()
    after_back_off(writer)
    writer._close()
    assert numbers(path) == [1]
    assert voice.said[-1][0]


def test_an_idle_writer_tidies_its_wal(tmp_path):
    calls = []
    writer, path = table_writer(tmp_path, tidy=lambda connection: calls.append(connection))
    for number in range(100):
        writer.put(insert(number, pad=30_000))
    writer.step()
    writer._next_tidy = 0.0
    writer.step()
    frames = read_all(path, "SELECT count(*) AS n FROM t")
    main_file = path.stat().st_size
    writer._close()
    assert frames == [{"n": 100}]
    assert main_file > 100 * 30_000
    assert calls
