"""The self-test of a machine on which the console may be running."""

import socket
from threading import Event, Thread

import pytest
from fakes import FakeClock
from storage_parts import opened, running

from embereye.model.daily_test import Chain, ChainResult, SelfTestRun, Stage, StageResult
from embereye.model.daily_test import Outcome as Stood
from embereye.runtime.instance import Ownership
from embereye.services.self_test import Item, Outcome, daily_test_check, machine_checks, perform
from embereye.storage.daily_tests import DailyTestStore


def _port_item(folder, host, port) -> Item:
    items = perform(machine_checks(folder, host, port, FakeClock()), strict=False)
    return next(item for item in items if item.name == "sensor port")


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_another_program_holds_is_a_failure(tmp_path, taken):
    assert _port_item(tmp_path, "127.0.0.1", taken).outcome is Outcome.FAILURE


def test_the_port_of_the_running_console_is_no_failure(tmp_path, taken):
    raised, stop = Event(), Event()
    owner = Ownership(tmp_path, raised.set)
    worker = Thread(target=owner.run, args=(stop,))
    worker.start()
    item = _port_item(tmp_path, "127.0.0.1", taken)
    stop.set()
    worker.join()
    owner.release()
    assert (item.outcome, raised.is_set()) == (Outcome.OK, False)
    assert "running EmberEye" in item.text


def test_a_host_that_is_no_address_is_named_and_not_the_other_program(tmp_path):
    item = _port_item(tmp_path, "not a host", 9001)
    assert item.outcome is Outcome.FAILURE
    assert "sensors.host" in item.text


def test_a_data_folder_that_is_a_file_is_named_in_words(tmp_path):
    place = tmp_path / "file"
    place.touch()
    items = perform(machine_checks(place, "127.0.0.1", 0, FakeClock()), strict=False)
    disk = next(item for item in items if item.name == "disk")
    assert (disk.outcome, disk.text) == (
        Outcome.FAILURE,
        f"{place} cannot be used: File exists",
    )


def _daily(folder) -> Item:
    clock = FakeClock(utc=1_700_000_000.0 + 7200.0)
    (item,) = perform([daily_test_check(folder, clock)], strict=False)
    return item


def test_the_last_daily_self_test_is_told(tmp_path):
    assert (_daily(tmp_path).outcome, _daily(tmp_path).text) == (
        Outcome.OK,
        "the console has not run here yet",
    )
    storage = opened(tmp_path)
    assert _daily(tmp_path).text == "none was completed yet"
    store = DailyTestStore(tmp_path, storage.evidence)
    for came in (Stood.OK, Stood.MISSED):
        stage = StageResult(Stage.PAINTED, came)
        chain = ChainResult(Chain.SENSOR, (stage,))
        with running(storage.evidence):
            store.save(SelfTestRun(1.0, 1_700_000_000.0, "system", (chain,)))
        item = _daily(tmp_path)
        if came is Stood.OK:
            assert (item.outcome, item.text) == (Outcome.OK, "passed 2 h ago")
    assert (item.outcome, item.text) == (
        Outcome.WARNING,
        "2 h ago it missed sensor: popup painted",
    )
