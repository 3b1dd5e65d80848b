"""Committed before announced; and a disk that fails never hides an alarm."""

from embereye.model.alarm import AlarmState, Cause
from embereye.model.errors import StorageError
from embereye.model.messages import StorageChanged
from embereye.services.commits import Commits


def _announced_before_commit(desk):
    """Whether an alarm was told while its row was not on the disk."""
    desk.report()
    early = bool(desk.changes)
    desk.step(0.01)
    early = early or bool(desk.changes)
    desk.store.commit()
    desk.step()
    assert desk.changes  # it is told in the end
    return early


def test_nothing_is_announced_before_its_commit(slow_desk):
    assert not _announced_before_commit(slow_desk)
    assert slow_desk.only.recorded


def test_announcing_before_the_commit_is_noticed(slow_desk, monkeypatch):
    """Negative control: a variant that announces first."""

    def show_first(self, alarm, action, announced, origin):
        self._show(alarm, announced, origin)
        self._store.save(alarm, action, lambda error: None)

    monkeypatch.setattr(Commits, "submit", show_first)
    assert _announced_before_commit(slow_desk)


def test_after_50_ms_without_a_commit_it_is_shown_as_not_recorded(slow_desk):
    slow_desk.report()
    slow_desk.step(0.049)
    assert slow_desk.changes == []
    slow_desk.step(0.002)
    assert slow_desk.only.recorded is False
    assert len(slow_desk.announced) == 1
    assert slow_desk.alarms.current.recording is False


def test_it_is_shown_as_recorded_once_it_is_and_not_announced_twice(slow_desk):
    slow_desk.report()
    slow_desk.step(0.06)
    slow_desk.store.commit()
    slow_desk.step()
    assert slow_desk.only.recorded is True
    assert len(slow_desk.announced) == 1
    assert slow_desk.alarms.current.recording is True


def test_the_latency_counts_from_the_packet(slow_desk):
    origin = slow_desk.clock.now()
    slow_desk.report(origin=origin)
    slow_desk.clock.advance(0.004)
    slow_desk.store.commit()
    slow_desk.step()
    (change,) = slow_desk.changes
    assert change.origin == origin
    assert round(change.at.mono - origin.mono, 6) == 0.004


def test_changes_of_one_alarm_are_told_in_order(slow_desk):
    slow_desk.report()
    slow_desk.report(cause=Cause.UNKNOWN)
    slow_desk.report(cause=Cause.CLEAR)
    slow_desk.store.commit()
    slow_desk.step()
    assert [change.alarm.revision for change in slow_desk.changes] == [1, 2, 3]
    assert slow_desk.only.state is AlarmState.RETURNED


def test_a_row_that_can_never_be_stored_is_shown_all_the_same(slow_desk):
    slow_desk.report()
    slow_desk.store.commit(StorageError("This row is too large."))
    slow_desk.step()
    assert slow_desk.only.recorded is False
    assert len(slow_desk.announced) == 1


def test_with_a_dead_disk_alarms_are_raised_acknowledged_and_reset(slow_desk):
    slow_desk.report()
    slow_desk.step(0.06)
    slow_desk.acknowledge()
    slow_desk.step(0.06)
    assert slow_desk.only.state is AlarmState.ACKNOWLEDGED
    slow_desk.report(cause=Cause.CLEAR)
    slow_desk.step(0.06)
    slow_desk.reset()
    slow_desk.step(0.06)
    assert slow_desk.alarms.current.alarms == ()
    slow_desk.store.commit()
    slow_desk.step()
    assert slow_desk.alarms.current.recording is True
    assert slow_desk.alarms.current.alarms == ()
    assert [action.event for action in slow_desk.store.actions] == [
        "cause",
        "acknowledge",
        "cause ends",
        "reset",
    ]


def test_acknowledging_what_is_not_on_the_screen_yet_is_refused(slow_desk):
    slow_desk.report()
    slow_desk.acknowledge()
    assert "Look again" in slow_desk.refusals[0]


def test_the_table_says_when_the_disk_does_not_take_alarms(desk):
    desk.ask(StorageChanged(False, "The disk is full.", desk.clock.now()))
    assert desk.alarms.current.recording is False
    desk.ask(StorageChanged(True, "", desk.clock.now()))
    assert desk.alarms.current.recording is True
