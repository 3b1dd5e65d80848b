"""What people ask of devices: learn anew, accept what was kept aside, enable in time."""

import pytest
from device_parts import D, Site
from fakes import FakeClock

from embereye.config.schema import Device, Settings
from embereye.model.device_messages import AcceptAsideAsked, EnableDeviceAsked, RelearnAsked
from embereye.model.messages import RequestRefused
from embereye.model.reading import DeviceState
from embereye.services.device_ports import DeviceHooks

HOUR = 3600.0


class Memory:
    """Notes what is accepted."""

    def __init__(self):
        self.accepted = []

    def accept_aside(self, device):
        self.accepted.append(device)


class Desk(Site):
    """A site that notes who was told what."""

    def __init__(self, settings=None, clock=None, **more):
        self.rows, self.relearned, self.accepted, self.enabled = [], [], [], []
        hooks = DeviceHooks(
            relearn=self.relearned.append,
            accept_aside=self.accepted.append,
            refusal=lambda actor, _operation: "Only to look." if actor == "guest" else "",
            record=lambda *row: self.rows.append(row),
        )
        settings = settings or Settings(devices=(Device(id="d", name="Boiler"),))
        super().__init__(settings, clock=clock, hooks=hooks, **more)
        self.engine.on(EnableDeviceAsked, self.enabled.append)


@pytest.mark.parametrize("asked", [RelearnAsked, AcceptAsideAsked])
def test_an_unknown_device_is_refused_in_words(asked):
    desk = Desk()
    desk.post(asked("ghost", "anna"))
    (refusal,) = [m for m in desk.published if isinstance(m, RequestRefused)]
    assert (refusal.actor, "ghost" in refusal.text) == ("anna", True)
    assert desk.rows == desk.relearned == desk.accepted == []


@pytest.mark.parametrize("asked", [RelearnAsked, AcceptAsideAsked])
def test_who_may_only_look_changes_no_limit(asked):
    desk = Desk()
    desk.post(asked(D, "guest"))
    (refusal,) = [m for m in desk.published if isinstance(m, RequestRefused)]
    assert refusal.text == "Only to look."
    assert desk.rows == desk.relearned == desk.accepted == []


def test_accepting_tells_the_memory_the_listener_and_the_audit():
    memory = Memory()
    desk = Desk(memory=memory)
    desk.post(AcceptAsideAsked(D, "anna"))
    assert memory.accepted == desk.accepted == [D]
    ((kind, subject, actor, text, at),) = desk.rows
    assert (kind, subject, actor) == ("device", "d", "anna")
    assert "accepted" in text
    assert at == desk.clock.now()


def disabled(hours):
    clock = FakeClock()
    row = Device(id="d", name="B", enabled=False, disabled_until=clock.now().utc + hours * HOUR)
    return Desk(Settings(devices=(row,)), clock)


def test_a_disabled_device_shows_until_when():
    desk = disabled(1.0)
    status = desk.status()
    assert status.state is DeviceState.DISABLED
    assert status.disabled_until == pytest.approx(desk.clock.now().utc - 0.1 + HOUR)


def test_its_enabling_is_asked_for_when_the_time_is_over_and_again_each_minute():
    desk = disabled(1.0)
    desk.run(HOUR - 1.0, step=10.0)
    assert desk.enabled == []
    desk.run(2.0)
    assert desk.enabled == [EnableDeviceAsked(D, True, "system")]
    assert "time" in desk.rows[0][3]
    desk.run(61.0, step=1.0)
    assert len(desk.enabled) == 2  # the settings could not be saved
    row = Device(id="d", name="B")
    desk.sensors.apply(Settings(devices=(row,)))
    desk.run(200.0, step=1.0)
    assert len(desk.enabled) == 2
    assert desk.status().disabled_until is None


def test_a_device_disabled_for_ever_stays_so():
    desk = Desk(Settings(devices=(Device(id="d", name="B", enabled=False),)))
    desk.run(100 * HOUR, step=600.0)
    assert desk.enabled == []


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_jump_of_the_wall_clock_leaves_no_device_off_for_longer(jump):
    desk = disabled(1.0)
    desk.clock.jump_wall(jump)
    desk.run(HOUR + 1.0, step=10.0)
    assert desk.enabled


def test_a_time_that_passed_while_the_program_was_off_is_over_at_the_start():
    desk = disabled(-1.0)
    desk.run(1.0)
    assert len(desk.enabled) == 1
