"""Packets of authenticated devices on the disk."""

import threading

import pytest
from storage_parts import Voice, opened, running

from embereye.model.raw_packet import Progress, RawPacket
from embereye.runtime.clock import SystemClock
from embereye.storage.database import EVIDENCE_FILE, open_writer, read_all
from embereye.storage.inbox import InboxStore
from embereye.storage.writer import Port, StorageWriter

BODY = b"Sensor17:ADC1=5,ADC2=6"


def packet(seq, *, device="d1", boot=3, at_utc=1000.0, body=BODY):
    return RawPacket(device, boot, seq, at_utc, 5_000, body)


def packets(*numbers, **fields):
    return [packet(number, **fields) for number in numbers]


class Site:
    """An inbox whose writer moves only when it is told to."""

    def __init__(self, folder):
        self.storage = opened(folder)
        self.folder = folder
        self.inbox = self.storage.inbox
        self.told = []

    def put(self, numbers, complete_to, **fields):
        self.inbox.put(packets(*numbers, **fields), complete_to, self.told.append)

    def stored(self):
        rows = read_all(self.folder / EVIDENCE_FILE, "SELECT seq FROM inbox ORDER BY boot, seq")
        return [row["seq"] for row in rows]

    def write(self):
        self.storage.evidence.step()

    def close(self):
        stopped = threading.Event()
        stopped.set()
        self.storage.evidence.run(stopped)  # in this thread, which opened its connection


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.close()


def test_a_packet_is_told_as_stored_only_after_the_commit(site):
    site.put([1], 1)
    assert (site.told, site.stored()) == ([], [])
    site.write()
    assert (site.told, site.stored()) == ([True], [1])


def test_progress_moves_with_the_commit_only(site):
    site.put([1, 2], 2)
    assert site.inbox.progress("d1") == Progress()
    site.write()
    assert site.inbox.progress("d1") == Progress(3, 2)


def test_a_packet_that_comes_again_is_stored_once_as_it_was(site):
    site.put([1, 2], 2)
    site.put([2, 3], 3, body=b"Sensor17:ADC1=9")
    site.write()
    rows = site.inbox.packets("d1")
    assert [(row.seq, row.body) for row in rows][:2] == [(1, BODY), (2, BODY)]
    assert (site.stored(), site.told) == ([1, 2, 3], [True, True])


def test_progress_stays_below_a_gap_until_it_is_filled(site):
    site.put([1], 1)
    site.put([3], 1)
    site.write()
    assert site.inbox.progress("d1") == Progress(3, 1)
    site.put([2], 3)
    site.write()
    assert (site.inbox.progress("d1"), site.stored()) == (Progress(3, 3), [1, 2, 3])


def test_progress_never_goes_back(site):
    site.put([1, 2, 3], 3)
    site.put([2], 2)
    site.write()
    reopened = InboxStore(site.folder / EVIDENCE_FILE, site.storage.evidence)
    assert site.inbox.progress("d1") == reopened.progress("d1") == Progress(3, 3)


def test_progress_is_that_of_the_newest_boot(site):
    site.put([7], 7, boot=4)
    site.put([99], 99, boot=3)
    site.write()
    assert site.inbox.progress("d1") == Progress(4, 7)
    assert site.stored() == [99, 7]


def test_devices_do_not_mix(site):
    site.put([1, 2], 2)
    site.put([1], 1, device="d2")
    site.write()
    assert (site.inbox.progress("d1").seq, site.inbox.progress("d2").seq) == (2, 1)
    assert len(site.inbox.packets("d2")) == 1


def test_a_put_of_two_devices_is_refused(site):
    with pytest.raises(ValueError, match="one device"):
        site.inbox.put([packet(1), packet(2, device="d2")], 2, site.told.append)


def test_progress_and_packets_survive_a_restart(tmp_path):
    first = Site(tmp_path)
    first.put([1, 2, 3], 3)
    first.close()
    again = Site(tmp_path)
    assert again.inbox.progress("d1") == Progress(3, 3)
    assert again.inbox.packets("d1") == packets(1, 2, 3)
    assert again.inbox.devices() == ("d1",)
    again.close()


def test_after_a_restart_it_is_known_what_is_stored_beyond_a_gap(tmp_path):
    first = Site(tmp_path)
    first.put([1, 2, 4, 6], 2)
    first.close()
    again = Site(tmp_path)
    assert again.inbox.progress("d1") == Progress(3, 2, beyond=(4, 6))
    again.put([3], 4)
    again.write()
    assert again.inbox.progress("d1") == Progress(3, 4, beyond=(6,))
    again.close()


def test_what_the_database_refuses_is_told_and_holds_the_progress_below_it(site):
    site.put([1], 1)
    site.put([2], 2, at_utc=float("nan"))  # NaN is NULL to SQLite, which the column refuses
    site.put([3], 3)
    site.write()
    assert site.told == [True, False, False]
    assert (site.inbox.progress("d1"), site.stored()) == (Progress(3, 1), [1, 3])


def test_progress_goes_on_when_the_refused_packet_came_again(site):
    site.put([2], 2, at_utc=float("nan"))
    site.put([3], 3)
    site.write()
    site.put([2, 3], 3)
    site.write()
    assert (site.told[-1], site.inbox.progress("d1")) == (True, Progress(3, 3))


def test_removed_packets_are_not_stored_again(site):
    site.put([1, 2, 3], 3)
    site.write()
    site.inbox.prune({"d1": 2000.0}, 3000.0)
    site.write()
    assert site.stored() == []
    site.put([2, 3, 4], 4)
    site.write()
    assert (site.stored(), site.inbox.progress("d1")) == ([4], Progress(3, 4))


def test_only_older_packets_are_removed(site):
    site.put([1], 1, at_utc=1000.0)
    site.put([2], 2, at_utc=2000.0)
    site.put([1], 1, device="d2", at_utc=1000.0)
    site.write()
    site.inbox.prune({"d1": 1500.0}, 3000.0)
    site.write()
    assert [len(site.inbox.packets(device)) for device in ("d1", "d2")] == [1, 1]


def test_packets_from_before_the_clock_was_set_back_are_removed(site):
    site.put([1], 1, at_utc=90_000.0)
    site.put([2], 2, at_utc=1000.0)
    site.write()
    site.inbox.prune({"d1": 1500.0}, 2000.0)
    site.write()
    assert site.stored() == []


def test_much_is_removed_in_short_transactions(site):
    site.put(range(1, 5_001), 5_000)
    site.write()
    site.inbox.prune({"d0": 2000.0, "d1": 2000.0}, 3000.0)
    site.write()
    assert 5_000 - len(site.stored()) <= 750
    for _ in range(11):
        site.write()
    assert site.stored() == []


def test_nothing_is_told_while_the_disk_fails_and_all_of_it_afterwards(tmp_path):
    opened(tmp_path)
    path = tmp_path / EVIDENCE_FILE
    healthy = threading.Event()

    def connect():
        if not healthy.is_set():
            raise OSError("disk I/O error")
        return open_writer(path, durable=True)

    port = Port(Voice(), Voice(), connect=connect)
    writer = StorageWriter(path, SystemClock(), port, durable=True)
    inbox, told, ready = InboxStore(path, writer), [], threading.Event()
    inbox.put(packets(1, 2), 2, told.append)
    inbox.put(packets(3), 3, lambda stored: (told.append(stored), ready.set()))
    writer.step()
    assert told == []
    healthy.set()
    with running(writer):
        assert ready.wait(10.0)
    assert told == [True, True]
    assert inbox.progress("d1") == Progress(3, 3)


def test_what_cannot_be_stored_before_the_end_of_the_process_is_told(tmp_path):
    opened(tmp_path)
    path = tmp_path / EVIDENCE_FILE

    def connect():
        raise OSError("disk I/O error")

    writer = StorageWriter(
        path, SystemClock(), Port(Voice(), Voice(), connect=connect), durable=True
    )
    inbox, told = InboxStore(path, writer), []
    inbox.put(packets(1), 1, told.append)
    with running(writer):
        pass
    assert (told, inbox.progress("d1")) == ([False], Progress())
