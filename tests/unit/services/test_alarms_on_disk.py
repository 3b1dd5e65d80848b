"""Alarms with the real storage writer, stepped by hand."""

import sqlite3

import pytest
from fakes import FakeClock

from embereye.model.alarm import AlarmKey, AlarmKind, AlarmState, Cause, Priority
from embereye.model.alarm_messages import ShelveAsked
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import StorageChanged
from embereye.services.system_faults import SystemFaults
from embereye.storage.opening import open_storage

GAS = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)


class Disk:
    """A data directory with its writer."""

    def __init__(self, folder, desk_of, clock=None):
        self.clock = clock or FakeClock()
        self._told = []
        self.storage = open_storage(folder, self.clock, self._told.append)
        self.desk = desk_of(self.storage.alarms, self.clock)
        SystemFaults(self.desk.engine, self.desk.alarms.report)

    def write(self):
        """One turn of the writer, then one of the engine."""
        self.storage.evidence.step()
        told, self._told[:] = list(self._told), []
        for message in told:
            self.desk.engine.post(message)
        self.desk.step()

    def close(self):
        self.storage.evidence._close()


@pytest.fixture
def disk(tmp_path, make_desk):
    opened = Disk(tmp_path, make_desk)
    yield opened
    opened.close()


def test_it_is_announced_when_the_row_is_in_the_database(disk, tmp_path):
    disk.desk.report()
    assert disk.desk.changes == []
    disk.write()
    assert disk.desk.only.recorded
    with sqlite3.connect(tmp_path / "embereye.db") as reader:
        rows = reader.execute("SELECT id, state FROM alarms").fetchall()
    reader.close()
    assert rows == [(1, "unacknowledged")]


def test_after_a_kill_the_alarm_is_there_unacknowledged(disk, tmp_path, make_desk):
    disk.desk.report()
    disk.write()
    later = Disk(tmp_path, make_desk, FakeClock(mono=1.0, utc=1_700_000_100.0))
    later.desk.alarms.restore()
    later.write()
    assert later.desk.only.state is AlarmState.UNACKNOWLEDGED
    assert later.desk.only.cause is Cause.UNKNOWN
    assert len(later.desk.announced) == 1
    later.close()


def test_a_closed_alarm_that_its_session_brings_back_survives_a_kill(disk, tmp_path, make_desk):
    gas = {"key": AlarmKey(PlaceId("boiler"), AlarmKind.GAS), "priority": Priority.HIGH}
    disk.desk.report(**gas)
    disk.write()
    disk.desk.acknowledge()
    disk.write()
    disk.desk.report(cause=Cause.CLEAR, **gas)
    disk.write()
    assert disk.desk.alarms.current.alarms == ()
    disk.desk.report(**gas)
    disk.write()
    later = Disk(tmp_path, make_desk, FakeClock(mono=1.0, utc=1_700_000_100.0))
    later.desk.alarms.restore()
    assert later.desk.only.id == 1
    assert later.desk.only.state is AlarmState.UNACKNOWLEDGED
    later.close()


def shelved(disk):
    disk.desk.report(key=GAS, priority=Priority.HIGH)
    disk.write()
    disk.desk.ask(ShelveAsked(AlarmId(1), 600.0, "valve in repair", "anna"))
    disk.write()
    assert disk.desk.only.overlay is not None


@pytest.mark.parametrize("jump", [-86_400.0, 0.0, 86_400.0])
def test_a_shelving_survives_a_kill_and_ends_in_time_on_a_set_clock(tmp_path, make_desk, jump):
    clock = FakeClock(boot="one")
    disk = Disk(tmp_path, make_desk, clock)
    shelved(disk)
    clock.advance(100.0)
    disk.close()
    later = FakeClock(mono=clock.mono() + 50.0, utc=clock.now().utc + 50.0 + jump, boot="one")
    again = Disk(tmp_path, make_desk, later)
    again.desk.alarms.restore()
    again.write()
    assert again.desk.announced == []
    again.desk.step(449.0)
    again.write()
    assert again.desk.only.overlay is not None
    again.desk.step(1.0)
    again.write()
    assert again.desk.only.overlay is None
    assert len(again.desk.announced) == 1
    again.close()


def test_a_shelving_that_the_disk_does_not_take_holds_and_is_said_to_be_unrecorded(disk):
    disk.desk.report(key=GAS, priority=Priority.HIGH)
    disk.write()
    disk.desk.ask(StorageChanged(False, "The disk is full.", disk.clock.now()))
    disk.desk.ask(ShelveAsked(AlarmId(1), 600.0, "valve in repair", "anna"))
    disk.desk.step(0.06)
    table = disk.desk.alarms.current
    gas = next(alarm for alarm in table.alarms if alarm.key == GAS)
    assert gas.overlay is not None
    assert not gas.recorded
    assert table.overlays == (gas.overlay,)
    assert table.recording is False


def test_a_failing_writer_hides_no_alarm_and_is_a_fault_itself(disk):
    disk.desk.ask(StorageChanged(False, "The disk is full.", disk.clock.now()))
    disk.desk.report()
    disk.desk.step(0.06)
    table = disk.desk.alarms.current
    assert [alarm.key.kind.value for alarm in table.alarms] == ["fire", "system fault"]
    assert not any(alarm.recorded for alarm in table.alarms)
    assert table.recording is False
    disk.desk.ask(StorageChanged(True, "", disk.clock.now()))
    disk.write()
    disk.write()
    assert all(alarm.recorded for alarm in disk.desk.alarms.current.alarms)
    assert disk.desk.alarms.current.recording is True
