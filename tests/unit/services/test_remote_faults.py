"""A detector on another machine that cameras name and that cannot be used is a fault alarm."""

from dataclasses import replace

import pytest
from fakes import FakeClock

from embereye.model.messages import WorkerFailed
from embereye.model.remote import RemoteCondition, RemoteState
from embereye.runtime.engine import Engine
from embereye.services.remote_faults import RemoteFaults

GONE = "The remote detector cannot be reached."


class Rig:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.told: list[WorkerFailed] = []
        self.state = RemoteState()
        self.engine = Engine(clock)
        RemoteFaults(self.engine, lambda: self.state, self.told.append)

    def become(self, condition: RemoteCondition, cameras: int = 1, text: str = GONE) -> None:
        self.state = RemoteState(condition, text, cameras=cameras, since=self.clock.mono())

    def wait(self, seconds: int) -> list[bool]:
        """Whether each message until then was a recovery."""
        for _ in range(seconds):
            self.clock.advance(1.0)
            self.engine.step()
        found = [message.recovered for message in self.told]
        self.told.clear()
        return found


@pytest.fixture
def rig(clock: FakeClock) -> Rig:
    return Rig(clock)


def test_ten_seconds_without_it_are_a_fault(rig):
    rig.become(RemoteCondition.UNUSABLE)
    assert rig.wait(9) == []
    assert rig.wait(2) == [False]


def test_the_text_says_what_to_do_and_what_goes_on(rig):
    rig.become(RemoteCondition.UNUSABLE)
    for _ in range(12):
        rig.clock.advance(1.0)
        rig.engine.step()
    (fault,) = rig.told
    assert fault.text == f"{GONE} Meanwhile the other detectors look alone."


def test_a_restart_of_the_other_program_is_no_fault(rig):
    rig.become(RemoteCondition.UNUSABLE)
    rig.wait(8)
    rig.become(RemoteCondition.WORKING)
    assert rig.wait(20) == []


def test_it_is_told_once_whatever_else_goes_wrong(rig):
    rig.become(RemoteCondition.UNUSABLE)
    rig.wait(12)
    rig.state = replace(rig.state, text="It has not loaded its model.")
    assert rig.wait(30) == []


@pytest.mark.parametrize("condition", [RemoteCondition.WORKING, RemoteCondition.DEGRADED])
def test_its_recovery_is_told(rig, condition):
    rig.become(RemoteCondition.UNUSABLE)
    rig.wait(12)
    rig.become(RemoteCondition.STARTING)
    assert rig.wait(3) == []
    rig.become(condition)
    assert rig.wait(3) == [True]


def test_one_that_no_camera_names_is_no_fault(rig):
    rig.become(RemoteCondition.UNUSABLE, cameras=0)
    assert rig.wait(30) == []


def test_a_fault_ends_when_no_camera_names_it_any_more(rig):
    rig.become(RemoteCondition.UNUSABLE)
    rig.wait(12)
    rig.become(RemoteCondition.UNUSABLE, cameras=0)
    assert rig.wait(3) == [True]
