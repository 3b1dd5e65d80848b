"""A cause that comes and goes in seconds calls for people a few times only."""

import pytest

from embereye.model.alarm import AlarmKey, AlarmKind, AlarmState, Cause, Priority
from embereye.model.ids import PlaceId
from embereye.rules.chatter import Chatter

GAS = {"key": AlarmKey(PlaceId("boiler"), AlarmKind.GAS), "priority": Priority.HIGH}
S = AlarmState
TICK = 0.1  # s; on and off at 5 Hz


def chatter(desk, seconds, **what):
    for _ in range(round(seconds / TICK / 2)):
        desk.report(**what)
        desk.step(TICK)
        desk.report(cause=Cause.CLEAR, **what)
        desk.step(TICK)


def unheld(monkeypatch):
    """Negative control: each end counts at once."""
    monkeypatch.setattr(Chatter, "cleared", lambda *_: 0.0)


@pytest.mark.parametrize("handled", [False, True])
def test_chatter_at_5_hz_for_10_minutes_is_announced_twice_at_most(desk, handled):
    desk.report(**GAS)
    desk.report(cause=Cause.CLEAR, **GAS)
    if handled:
        desk.acknowledge()
    chatter(desk, 600.0, **GAS)
    assert len(desk.announced) == 2
    assert desk.only.chattering
    desk.report(reasons=("gas 900 ppm",), **GAS)
    assert desk.only.reports == desk.store.rows[1].reports == 3002


def test_without_the_waiting_it_would_be_announced_thousands_of_times(desk, monkeypatch):
    unheld(monkeypatch)
    chatter(desk, 600.0, **GAS)
    assert len(desk.announced) == 3000


def test_a_chattering_alarm_ends_when_its_cause_stayed_away_for_a_minute(desk):
    chatter(desk, 2.0, **GAS)
    desk.acknowledge()
    desk.step(59.0)
    assert desk.only.state is S.ACKNOWLEDGED
    assert desk.only.cause is Cause.ACTIVE
    desk.step(1.0)
    assert desk.alarms.current.alarms == ()
    assert not desk.changes[-1].alarm.chattering


def test_the_end_after_a_second_start_is_waited_for_10_s(desk):
    chatter(desk, 0.4, **GAS)
    assert desk.only.state is S.UNACKNOWLEDGED
    assert not desk.only.chattering
    desk.step(9.8)
    assert desk.only.state is S.UNACKNOWLEDGED
    desk.step(0.2)
    assert desk.only.state is S.RETURNED


def test_further_reports_of_the_end_do_not_make_it_later(desk):
    chatter(desk, 0.4, **GAS)
    for _ in range(10):
        desk.step(1.0)
        desk.report(cause=Cause.CLEAR, **GAS)
    assert desk.only.state is S.RETURNED


def test_an_unknown_cause_is_told_at_once_and_is_no_end(desk):
    chatter(desk, 2.0, **GAS)
    desk.report(cause=Cause.UNKNOWN, **GAS)
    assert desk.only.cause is Cause.UNKNOWN
    desk.step(61.0)
    assert desk.only.cause is Cause.UNKNOWN


def test_a_reset_is_refused_in_words_while_the_end_is_waited_for(desk):
    chatter(desk, 2.0)
    desk.acknowledge()
    desk.reset()
    assert desk.refusals == [
        "The cause came and went several times in a minute, so its end is waited for. "
        "Reset again when it has stayed away for 60 s more."
    ]
    desk.step(60.0)
    desk.reset()
    assert desk.alarms.current.alarms == ()


def test_a_source_that_leaves_the_settings_ends_its_fault_at_once(desk):
    fault = AlarmKey(PlaceId("yard"), AlarmKind.CAMERA_FAULT, "c1")
    chatter(desk, 2.0, key=fault, priority=Priority.DIAGNOSTIC)
    desk.acknowledge()
    desk.alarms.keep_faults(set())
    desk.step()
    assert desk.alarms.current.alarms == ()
    desk.step(120.0)
    assert desk.alarms.current.alarms == ()
