"""A roll-out goes in stages, waits for healthy devices and halts at the first failure."""

import pytest
from consoles import alarm, device
from fakes import FakeClock

from embereye.ingest.simulate_firmware import FirmwareReceiver
from embereye.model.alarm import AlarmKind, AlarmTable
from embereye.model.firmware import (
    FirmwareSaid,
    HaltRolloutAsked,
    ImageRead,
    UpdateState,
)
from embereye.model.ids import DeviceId
from embereye.model.reading import DeviceState, DeviceStatus, DeviceTable
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.firmware import FirmwareRollout
from embereye.services.firmware_transfer import Transfer

_IMAGE = bytes(range(256)) * 20  # 4 pieces


class _Memory:
    def __init__(self) -> None:
        self.rows: dict[tuple[DeviceId, str], tuple[str, str]] = {}

    def save(self, device: DeviceId, version: str, state: str, at: Stamp, detail: str) -> None:
        self.rows[device, version] = (state, detail)

    def forget(self, device: DeviceId, version: str) -> None:
        self.rows.pop((device, version), None)

    def stored(self) -> list[tuple[DeviceId, str, str, str]]:
        return [(device, version, *row) for (device, version), row in self.rows.items()]


class _Plant:
    """Simulated devices that answer at once and come back with what they were given."""

    def __init__(self, count: int, memory: _Memory | None = None) -> None:
        self.clock = FakeClock()
        self.engine = Engine(self.clock)
        self.memory = memory or _Memory()
        self.receivers = {DeviceId(f"d{n:02d}"): FirmwareReceiver("1.0.0") for n in range(count)}
        self.mute: set[DeviceId] = set()
        self.silent: set[DeviceId] = set()
        self.alarms = AlarmTable()
        self.offers: list[DeviceId] = []
        self.enrolled = True
        self.rollout = FirmwareRollout(
            self.engine,
            lambda _: None,
            self.command,
            lambda: DeviceTable(1, tuple(self.status(d) for d in self.receivers)),
            lambda: self.alarms,
            self.memory,
        )

    def status(self, name: DeviceId) -> DeviceStatus:
        state = DeviceState.SILENT if name in self.silent else DeviceState.LIVE
        known = {
            "enrolled": self.enrolled,
            "verified": True,
            "firmware": self.receivers[name].version,
        }
        return device(str(name), self.clock, state=state, **known)

    def command(self, name: DeviceId, body: str) -> None:
        if body.startswith("FW:OFFER"):
            self.offers.append(name)
        if name in self.mute:
            return
        answer = self.receivers[name].command(body.encode())
        assert answer is not None
        text = answer.decode().removeprefix("FW:")
        self.engine.post(FirmwareSaid(name, text, self.clock.now()))

    def begin(self, version: str = "1.4.0", actor: str = "ada") -> None:
        self.engine.post(ImageRead(version, _IMAGE, actor))
        self.engine.step()

    def live(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.clock.advance(1.0)
            self.engine.step()
            while len(self.engine.mailbox):
                self.engine.step()

    def updated(self) -> int:
        return sum(r.version == "1.4.0" for r in self.receivers.values())


def test_one_device_is_updated_first_then_a_tenth_then_all() -> None:
    plant = _Plant(40)
    plant.begin()
    plant.live(30)
    assert plant.updated() == 1
    plant.live(60)  # the first was watched for a minute
    assert plant.updated() == 4
    plant.live(900)
    assert plant.updated() == 40
    assert {u.state for u in plant.rollout.current.updates} == {UpdateState.DONE}
    assert plant.rollout.current.halted == ""


def test_the_image_arrives_whole() -> None:
    plant = _Plant(1)
    plant.begin()
    plant.live(5)
    assert plant.receivers[DeviceId("d00")].restarts == 1


@pytest.mark.parametrize("wrong", ["mute", "silent after", "refuses"])
def test_the_first_failure_halts_the_roll_out(wrong: str) -> None:
    plant = _Plant(40)
    first = DeviceId("d00")
    if wrong == "mute":
        plant.mute.add(first)
    if wrong == "refuses":
        plant.receivers[first].command = lambda body: b"FW:FAIL:battery low"  # type: ignore[method-assign]
    plant.begin()
    plant.live(5)
    if wrong == "silent after":
        plant.silent.add(first)
    plant.live(900)
    current = plant.rollout.current
    assert current.halted.startswith("device d00: ")
    assert set(plant.offers) == {first}
    assert [u.state for u in current.updates] == [UpdateState.FAILED]


def test_without_the_halt_all_devices_would_have_been_spoiled() -> None:
    """Negative control: the same plant with a rule that looks away."""
    plant = _Plant(40)
    for receiver in plant.receivers.values():
        receiver.command = lambda body: b"FW:FAIL:battery low"  # type: ignore[method-assign]
    plant.begin()
    plant.live(900)
    offers_with_halt = len(plant.offers)
    for _ in range(3):  # somebody who asks again and again gets one device each time
        plant.begin()
        plant.live(60)
    assert (offers_with_halt, len(plant.offers)) == (1, 4)


def test_a_device_at_a_burning_place_is_left_alone() -> None:
    plant = _Plant(2)
    plant.alarms = AlarmTable(1, (alarm(1, plant.clock, kind=AlarmKind.FIRE, place="d00"),))
    plant.begin()
    plant.live(300)
    assert plant.receivers[DeviceId("d00")].version == "1.0.0"
    assert plant.receivers[DeviceId("d01")].version == "1.4.0"


def test_no_device_is_ever_rolled_back() -> None:
    plant = _Plant(1)
    plant.begin("0.9.0")
    plant.live(60)
    assert plant.offers == []


def test_a_person_can_halt_it() -> None:
    plant = _Plant(40)
    plant.begin()
    plant.live(2)
    plant.engine.post(HaltRolloutAsked("ada"))
    plant.live(600)
    assert plant.updated() == 1
    assert plant.rollout.current.halted == "halted by ada"


def test_a_roll_out_goes_on_after_a_restart() -> None:
    before = _Plant(10)
    before.begin()
    before.live(70)
    after = _Plant(10, before.memory)
    after.receivers = before.receivers
    after.rollout.restore(before.memory.stored())
    after.begin(actor="")
    after.live(400)
    assert after.updated() == 10


def test_a_halted_roll_out_stays_halted_after_a_restart() -> None:
    before = _Plant(10)
    before.mute.add(DeviceId("d00"))
    before.begin()
    before.live(600)
    after = _Plant(10, before.memory)
    after.rollout.restore(before.memory.stored())
    after.begin(actor="")
    after.live(600)
    assert after.offers == []
    assert "gave no answer" in after.rollout.current.halted


def test_asking_again_tries_the_failed_device_once_more() -> None:
    plant = _Plant(3)
    plant.mute.add(DeviceId("d00"))
    plant.begin()
    plant.live(600)
    plant.mute.clear()
    plant.begin()
    plant.live(900)
    assert plant.updated() == 3


def test_a_device_that_says_nonsense_fails_and_harms_nobody() -> None:
    plant = _Plant(2)
    plant.begin()
    plant.engine.post(FirmwareSaid(DeviceId("d01"), "NEXT:99999999", plant.clock.now()))
    plant.engine.post(FirmwareSaid(DeviceId("stranger"), "DONE", plant.clock.now()))
    plant.live(5)
    assert plant.receivers[DeviceId("d00")].version == "1.4.0"


def test_the_offer_of_a_larger_image_than_the_flash_is_refused_by_the_device() -> None:
    receiver = FirmwareReceiver("1.0.0")
    answer = receiver.command(b"FW:OFFER:2.0.0:999999999:" + b"a" * 64)
    assert answer == b"FW:FAIL:larger than its flash"


def test_a_device_refuses_an_image_whose_bytes_changed() -> None:
    receiver = FirmwareReceiver("1.0.0")
    receiver.command(b"FW:OFFER:2.0.0:2:" + b"a" * 64)
    assert receiver.command(b"FW:DATA:0:ffff") == b"FW:FAIL:wrong SHA-256"
    assert receiver.version == "1.0.0"


def test_a_device_that_asks_twice_gets_the_piece_once() -> None:
    transfer = Transfer("1.4.0", _IMAGE, 0.0)
    transfer.begin(0.0)
    assert transfer.heard("NEXT:0", 1.0).command.startswith("FW:DATA:0:")
    assert transfer.heard("NEXT:0", 2.0).command == ""
    assert transfer.heard("NEXT:0", 90.0).command.startswith("FW:DATA:0:")  # it was lost


def test_a_device_that_asks_for_ever_fails() -> None:
    transfer = Transfer("1.4.0", _IMAGE, 0.0)
    transfer.begin(0.0)
    answers = [transfer.heard(f"NEXT:{1536 * (n % 2)}", n) for n in range(100)]
    failures = [n for n, answer in enumerate(answers) if answer.failure]
    assert 3 * 4 <= failures[0] <= 3 * 4 + 5
    assert "again and again" in answers[failures[0]].failure


def test_a_device_that_runs_the_version_already_is_not_spoiled_by_a_second_offer() -> None:
    receiver = FirmwareReceiver("1.4.0")
    assert receiver.command(b"FW:OFFER:1.4.0:2:" + b"a" * 64) == b"FW:DONE"
    assert receiver.command(b"FW:OFFER:1.3.0:2:" + b"a" * 64) == b"FW:FAIL:older than what it runs"
    assert receiver.restarts == 0


def _restarted(before: _Plant) -> _Plant:
    after = _Plant(len(before.receivers), before.memory)
    after.receivers, after.silent = before.receivers, before.silent
    after.rollout.restore(before.memory.stored())
    after.begin(actor="")
    return after


def test_a_device_that_was_being_watched_at_a_restart_is_watched_again() -> None:
    before = _Plant(10)
    before.begin()
    before.live(30)
    after = _restarted(before)
    after.live(5)
    states = [update.state for update in after.rollout.current.updates]
    assert states == [UpdateState.WATCHED]
    assert after.offers == []


def test_a_device_that_does_not_come_back_after_a_restart_halts_the_roll_out() -> None:
    before = _Plant(10)
    before.begin()
    before.live(30)
    before.silent.add(DeviceId("d00"))
    after = _restarted(before)
    after.live(299)
    assert after.rollout.current.halted == ""
    after.live(3)
    assert "did not come back" in after.rollout.current.halted
    assert after.offers == []


def test_how_long_a_device_is_watched_can_be_set() -> None:
    plant = _Plant(2)
    plant.rollout.watch = 5.0
    plant.begin()
    plant.live(12)
    assert plant.updated() == 2


def test_a_device_gets_no_further_piece_while_its_place_burns() -> None:
    plant = _Plant(1)
    first = DeviceId("d00")
    takes = plant.receivers[first].command

    def ignite(body: bytes) -> bytes | None:
        plant.alarms = AlarmTable(1, (alarm(1, plant.clock, kind=AlarmKind.FIRE, place="d00"),))
        return takes(body)

    plant.receivers[first].command = ignite  # type: ignore[method-assign]
    plant.begin()
    plant.live(600)  # without the hold it would be given up after 300 s
    plant.receivers[first].command = takes  # type: ignore[method-assign]
    assert plant.receivers[first].version == "1.0.0"
    assert plant.rollout.current.updates[0].state is UpdateState.RUNNING
    plant.alarms = AlarmTable()
    plant.live(5)
    assert plant.receivers[first].version == "1.4.0"


def test_a_fault_at_its_place_holds_nothing_up() -> None:
    plant = _Plant(1)
    fault = alarm(1, plant.clock, kind=AlarmKind.DEVICE_FAULT, place="d00")
    plant.alarms = AlarmTable(1, (fault,))
    plant.begin()
    plant.live(5)
    assert plant.receivers[DeviceId("d00")].version == "1.4.0"


def test_a_finished_roll_out_is_finished_after_a_restart_too() -> None:
    before = _Plant(2)
    before.begin()
    before.live(200)
    assert before.rollout.current.finished
    after = _Plant(3, before.memory)
    after.rollout.restore(before.memory.stored())
    assert after.rollout.current.finished
    assert len(after.rollout.current.updates) == 2


def test_a_device_that_comes_later_waits_until_a_person_asks_again() -> None:
    plant = _Plant(2)
    plant.begin()
    plant.live(200)
    plant.receivers[DeviceId("d99")] = FirmwareReceiver("1.0.0")
    plant.live(100)
    assert plant.updated() == 2
    plant.begin()
    plant.live(100)
    assert plant.updated() == 3


def test_devices_that_are_away_keep_a_roll_out_open() -> None:
    plant = _Plant(2)
    plant.silent.add(DeviceId("d01"))
    plant.begin()
    plant.live(200)
    assert not plant.rollout.current.finished
    plant.silent.clear()
    plant.live(200)
    assert plant.rollout.current.finished


def test_a_finished_roll_out_cannot_be_halted() -> None:
    plant = _Plant(1)
    plant.begin()
    plant.live(100)
    plant.engine.post(HaltRolloutAsked("ada"))
    plant.live(2)
    assert plant.rollout.current.halted == ""


def test_a_roll_out_is_not_finished_because_devices_are_not_known_yet_after_a_restart() -> None:
    before = _Plant(10)
    before.silent = set(before.receivers) - {DeviceId("d00")}  # the others are away
    before.begin()
    before.live(70)
    after = _Plant(10, before.memory)
    after.receivers, after.enrolled = before.receivers, False
    after.rollout.restore(before.memory.stored())
    after.begin(actor="")
    after.live(20)
    after.enrolled = True
    after.live(400)
    assert after.updated() == 10
    assert after.rollout.current.finished
