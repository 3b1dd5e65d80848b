import pytest

from embereye.model.alarm import AlarmKind, AlarmState, Priority
from embereye.model.messages import SoundChanged, StorageChanged, WorkerFailed
from embereye.services.system_faults import SystemFaults


@pytest.fixture
def faulty(desk):
    SystemFaults(desk.engine, desk.alarms.report)
    return desk


@pytest.mark.parametrize(
    ("broken", "mended", "source"),
    [
        (
            lambda at: WorkerFailed("camera c1", "It crashed 5 times.", False, at),
            lambda at: WorkerFailed("camera c1", "", True, at),
            "worker camera c1",
        ),
        (
            lambda at: StorageChanged(False, "The disk is full.", at),
            lambda at: StorageChanged(True, "", at),
            "storage",
        ),
        (
            lambda at: SoundChanged(False, "There is no sound device.", at),
            lambda at: SoundChanged(True, "", at),
            "sound",
        ),
    ],
)
def test_what_fails_is_a_fault_until_it_works_again(faulty, broken, mended, source):
    faulty.ask(broken(faulty.clock.now()))
    assert (faulty.only.key.kind, faulty.only.key.source) == (AlarmKind.SYSTEM_FAULT, source)
    assert faulty.only.priority is Priority.DIAGNOSTIC
    faulty.ask(mended(faulty.clock.now()))
    assert faulty.only.state is AlarmState.RETURNED
    assert faulty.only.reasons


def test_what_works_from_the_start_is_no_alarm(faulty):
    faulty.ask(SoundChanged(True, "", faulty.clock.now()))
    assert faulty.alarms.current.alarms == ()
