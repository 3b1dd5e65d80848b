"""Device log lines on the disk."""

import pytest
from storage_parts import AT, opened, running

from embereye.model.device_messages import DeviceLogged, Direction
from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.device_log import DeviceLogStore, device_log

D, E = DeviceId("d1"), DeviceId("d2")


@pytest.fixture
def path(tmp_path):
    storage = opened(tmp_path)
    with running(storage.telemetry):
        store = DeviceLogStore(storage.telemetry)
        store.save([DeviceLogged(D, AT.later(n), Direction.SENT, f"line {n}") for n in range(5)])
        store.save([DeviceLogged(E, AT, Direction.EVENT, "connected; it's ° “quoted”")])
    return tmp_path / TELEMETRY_FILE


def test_lines_come_back_newest_first(path):
    found = device_log(path, D, limit=3)
    assert [line.text for line in found] == ["line 4", "line 3", "line 2"]
    assert found[0].direction is Direction.SENT
    assert found[0].at.utc == AT.utc + 4


def test_lines_of_one_device_or_of_all(path):
    assert len(device_log(path)) == 6
    assert [line.text for line in device_log(path, E)] == ["connected; it's ° “quoted”"]
    assert device_log(path, DeviceId("nobody")) == ()


def test_lines_since_a_moment(path):
    assert [line.text for line in device_log(path, D, since=AT.utc + 3)] == ["line 4", "line 3"]


def test_old_lines_are_removed(path):
    storage = opened(path.parent)
    with running(storage.telemetry):
        DeviceLogStore(storage.telemetry).prune(AT.utc + 3)
    assert [line.text for line in device_log(path)] == ["line 4", "line 3"]


def test_a_missing_database_is_an_error_in_words(tmp_path):
    with pytest.raises(StorageError):
        device_log(tmp_path / TELEMETRY_FILE)
