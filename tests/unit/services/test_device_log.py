"""The device log: newest lines in memory, all of them to the store, requests to the device."""

import pytest
from fakes import FakeClock

from embereye.model.device_messages import CommandAsked, DeviceLogged, Direction
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.runtime.engine import Engine
from embereye.services.device_log import DeviceLog

D = DeviceId("d1")


class Store:
    """The port of `storage.device_log`, in memory."""

    def __init__(self):
        self.saved = []
        self.pruned = []

    def save(self, lines):
        self.saved.append(list(lines))

    def prune(self, before):
        self.pruned.append(before)


class Desk:
    """An engine and what the log did."""

    def __init__(self, clock):
        self.clock = clock
        self.engine = Engine(clock)
        self.store = Store()
        self.asked = []
        self.told = []

    def log(self, **options):
        return DeviceLog(self.engine, self.store, publish=self.told.append, **options)

    def post(self, *messages):
        self.engine.post_many(messages)
        self.engine.step()

    def line(self, number, device=D):
        return DeviceLogged(device, self.clock.now(), Direction.SENT, f"line {number}")


@pytest.fixture
def desk(clock: FakeClock):
    return Desk(clock)


def test_the_newest_200_lines_of_a_device_are_kept(desk):
    log = desk.log()
    desk.post(*[desk.line(n) for n in range(500)])
    kept = log.lines(D)
    assert [kept[0].text, kept[-1].text, len(kept)] == ["line 300", "line 499", 200]


def test_a_snapshot_does_not_change(desk):
    log = desk.log()
    desk.post(desk.line(1))
    before = log.lines(D)
    desk.post(desk.line(2))
    assert len(before) == 1
    assert isinstance(before, tuple)


def test_the_devices_in_memory_are_bounded_and_the_idlest_is_forgotten(desk):
    log = desk.log()
    desk.post(*[desk.line(0, DeviceId(f"d{n}")) for n in range(400)])
    desk.post(desk.line(1, DeviceId("d0")), desk.line(1, DeviceId("new")))
    assert log.lines(DeviceId("d0"))
    assert log.lines(DeviceId("d1")) == ()
    assert log.lines(DeviceId("new"))


def test_lines_are_stored_in_batches(desk, clock):
    desk.log()
    desk.post(*[desk.line(n) for n in range(3)])
    assert desk.store.saved == []
    clock.advance(2.1)
    desk.engine.step()
    assert [[line.text for line in batch] for batch in desk.store.saved] == [
        ["line 0", "line 1", "line 2"]
    ]


def test_a_flood_of_lines_is_bounded_and_counted(desk):
    log = desk.log()
    for n in range(5010):
        log.add(desk.line(n))
    log.flush()
    assert log.dropped == 10
    assert len(desk.store.saved[0]) == 5000


def test_old_lines_are_removed(desk, clock):
    desk.log(retention_days=7)
    clock.advance(601.0)
    desk.engine.step()
    assert desk.store.pruned == [clock.now().utc - 7 * 86_400.0]


def test_a_long_line_is_cut(desk):
    log = desk.log()
    log.add(DeviceLogged(D, desk.engine.clock.now(), Direction.EVENT, "x" * 10_000))
    assert len(log.lines(D)[0].text) == 200


def test_a_request_is_logged_and_passed_on(desk):
    log = desk.log(ask=lambda device, command: desk.asked.append((device, command)) or True)
    desk.post(CommandAsked(D, "REQUEST1", "anna"))
    assert desk.asked == [(D, "REQUEST1")]
    assert log.lines(D)[0].text == "anna asks for REQUEST1"
    assert desk.told == []


def test_a_request_that_cannot_be_sent_is_refused_in_words(desk):
    desk.log(ask=lambda device, command: False)
    desk.post(CommandAsked(D, "REQUEST1", "anna"))
    (refused,) = desk.told
    assert isinstance(refused, RequestRefused)
    assert "listener is off" in refused.text


def test_a_key_does_not_get_into_the_log(desk):
    log = desk.log(ask=lambda device, command: False)
    desk.post(CommandAsked(D, "KEY:0123456789abcdef", "anna"))
    assert "0123" not in str(log.lines(D)) + str(desk.told)
