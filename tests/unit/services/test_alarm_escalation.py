"""A fire that nobody acknowledges is announced again, to more people."""

import pytest

from embereye.config.schema import Alarms as AlarmSection
from embereye.model.alarm import AlarmState, Cause, Priority
from embereye.model.alarm_messages import EscalateAsked, ShelveAsked
from embereye.model.ids import AlarmId


def escalated(desk):
    return [a.actor for a in desk.store.actions if a.event == "escalated"]


def run(desk, seconds):
    for _ in range(round(seconds)):
        desk.step(1.0)


def test_a_fire_escalates_after_30_s_and_again_at_60_s(desk):
    desk.report()
    told = []
    for second in range(1, 200):
        before = len(desk.announced)
        desk.step(1.0)
        told += [second] * (len(desk.announced) - before)
    assert told == [30, 60]
    assert desk.only.escalation == 2
    assert escalated(desk) == ["system", "system"]


def test_acknowledging_ends_it(desk):
    desk.report()
    run(desk, 29)
    desk.acknowledge()
    run(desk, 60)
    assert escalated(desk) == []


def test_only_an_emergency_escalates_by_itself(desk):
    desk.report(priority=Priority.HIGH)
    run(desk, 100)
    assert escalated(desk) == []


def test_what_returned_unseen_escalates_too(desk):
    desk.report()
    desk.report(cause=Cause.CLEAR)
    run(desk, 61)
    assert desk.only.state is AlarmState.RETURNED
    assert desk.only.escalation == 2


def test_a_new_announcement_counts_from_the_start(desk):
    desk.report()
    run(desk, 40)
    desk.acknowledge()
    desk.report(cause=Cause.CLEAR)
    desk.report()
    assert desk.only.escalation == 0
    run(desk, 29)
    assert len(escalated(desk)) == 1
    run(desk, 1)
    assert len(escalated(desk)) == 2


def test_an_overlay_stops_it_and_its_end_begins_it_anew(desk):
    desk.report()
    run(desk, 20)
    desk.ask(ShelveAsked(AlarmId(1), 60.0, "hot work", "anna"))
    run(desk, 59)
    assert escalated(desk) == []
    run(desk, 1)
    assert len(desk.announced) == 2
    run(desk, 29)
    assert escalated(desk) == []
    run(desk, 1)
    assert len(escalated(desk)) == 1


@pytest.mark.parametrize(("down", "further"), [(5.0, 15.0), (25.0, 0.0), (-3000.0, 30.0)])
def test_it_counts_on_over_a_restart(desk, down, further):
    desk.report()
    run(desk, 10)
    again = desk.restarted(down=down)
    again.alarms.restore()
    again.step(max(0.0, further - 0.5))
    assert len(escalated(again)) == (further == 0.0)
    again.step(0.5)
    assert len(escalated(again)) == 1


def test_what_escalated_before_a_restart_escalates_once_more_only(desk):
    desk.report()
    run(desk, 31)
    again = desk.restarted()
    again.alarms.restore()
    run(again, 100)
    assert again.only.escalation == 2
    assert len(escalated(again)) == 1


def test_changed_times_count_for_what_calls_now(desk):
    desk.report()
    run(desk, 12)
    desk.alarms.adjust(AlarmSection(escalate_after=10.0, escalate_again=20.0))
    run(desk, 1)
    assert desk.only.escalation == 1
    run(desk, 7)
    assert desk.only.escalation == 2


def test_a_person_escalates_any_alarm_that_calls(desk):
    desk.report(priority=Priority.LOW)
    desk.ask(EscalateAsked(AlarmId(1), "anna"))
    assert desk.only.escalation == 1
    assert len(desk.announced) == 2
    assert escalated(desk) == ["anna"]


def test_by_hand_it_comes_instead_of_the_next_one_by_itself(desk):
    desk.report()
    run(desk, 10)
    desk.ask(EscalateAsked(AlarmId(1), "anna"))
    run(desk, 100)
    assert escalated(desk) == ["anna", "system"]


def test_what_is_acknowledged_or_covered_cannot_be_escalated(desk):
    desk.report()
    desk.acknowledge()
    desk.ask(EscalateAsked(AlarmId(1), "anna"))
    desk.ask(ShelveAsked(AlarmId(1), 60.0, "hot work", "anna"))
    desk.ask(EscalateAsked(AlarmId(1), "anna"))
    assert "acknowledged already" in desk.refusals[0]
    assert "is shelved" in desk.refusals[1]
