"""Incidents and a real database: what a kill and a new start leave."""

import pytest
from fakes import FakeClock
from incident_rig import Watch
from storage_parts import action, opened, running

from embereye.model.alarm import AlarmKind, AlarmState
from embereye.model.ids import AlarmId, IncidentId
from embereye.model.incident import IncidentState
from embereye.model.incident_messages import EditNoteAsked, IncidentStateAsked


@pytest.fixture
def folder(tmp_path):
    return tmp_path


class Console:
    """One run of the program on a folder, from its start to a kill."""

    def __init__(self, folder, clock):
        self.storage = opened(folder)
        self.watch = Watch(self.storage.incidents, clock)

    def raise_alarm(self, number, **changes):
        alarm = self.watch.made(number, **changes)
        self.storage.alarms.save(alarm, action(alarm))
        self.watch.alarm(number, **changes)
        return alarm

    def killed(self):
        """What was given to the disk is there; nothing else is."""
        with running(self.storage.evidence, self.storage.telemetry):
            pass


def clock_at(seconds: float) -> FakeClock:
    return FakeClock(mono=50.0 + seconds, utc=1_700_000_000.0 + seconds)


def test_an_incident_goes_on_after_a_kill(folder):
    first = Console(folder, clock_at(0))
    first.raise_alarm(1)
    first.watch.see(confidence=0.95)
    first.watch.ask(EditNoteAsked(IncidentId(1), "one", 0, "anna"))
    first.watch.ask(IncidentStateAsked(IncidentId(1), IncidentState.IN_PROGRESS, "anna"))
    first.killed()
    later = Console(folder, clock_at(40))
    later.raise_alarm(2, kind=AlarmKind.GAS)
    one = later.watch.only
    assert (one.id, [m.alarm for m in one.members]) == (1, [1, 2])
    assert (one.state, one.note.text) == (IncidentState.IN_PROGRESS, "one")
    assert one.detections[0].label == "person"
    later.killed()
    assert len(Console(folder, clock_at(60)).watch.only.members) == 2


def test_another_one_begins_after_the_window(folder):
    first = Console(folder, clock_at(0))
    first.raise_alarm(1, state=AlarmState.NORMAL)
    first.killed()
    later = Console(folder, clock_at(100))
    later.raise_alarm(2)
    assert later.watch.incidents.incident_of(AlarmId(2)) == 2
    assert later.watch.incidents.incident_of(AlarmId(1)) == 1


def test_an_alarm_whose_incident_was_not_stored_yet_gets_one(folder):
    first = Console(folder, clock_at(0))
    alarm = first.watch.made(1)
    first.storage.alarms.save(alarm, action(alarm))
    first.killed()
    later = Console(folder, clock_at(5))
    later.watch.step()
    assert [m.alarm for m in later.watch.only.members] == [1]
    later.killed()
    assert opened(folder).incidents.unlinked() == ()


def test_an_incident_without_alarms_comes_back(folder):
    first = Console(folder, clock_at(0))
    first.watch.see(confidence=0.95)
    for _ in range(20):
        first.watch.see(confidence=0.95)
        first.watch.step(1)
    first.killed()
    (tally,) = Console(folder, clock_at(30)).watch.only.detections
    assert tally.pictures >= 15
