"""Alarms: raised, merged, handled, ended."""

from dataclasses import replace

import pytest

from embereye.config.schema import Alarms as AlarmSection
from embereye.model.alarm import AlarmKey, AlarmKind, AlarmState, Cause, Priority, Report
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import SilenceAsked, SilenceChanged

FAULT = AlarmKey(PlaceId("yard"), AlarmKind.CAMERA_FAULT, "cam2")


def test_a_cause_raises_one_alarm_with_its_reasons(desk):
    desk.report(reasons=("thermal max 91.2 °C ≥ 85 °C", "flame digital"))
    assert desk.only.state is AlarmState.UNACKNOWLEDGED
    assert desk.only.reasons == ("thermal max 91.2 °C ≥ 85 °C", "flame digital")
    assert [alarm.id for alarm in desk.announced] == [1]


def test_the_table_holds_what_a_message_tells_when_it_is_published(make_desk):
    desk = make_desk()
    seen = []
    desk.alarms._board._publish = lambda message: seen.append(desk.alarms.current.alarms)
    desk.report()
    assert [alarm.id for alarm in seen[0]] == [1]


def test_a_bug_in_whoever_takes_a_change_loses_none_behind_it(make_desk):
    desk = make_desk()
    desk.engine._on_bug = None
    taken = []

    def take(message):
        taken.append(message.alarm.id)
        if len(taken) == 1:
            raise RuntimeError("a bug")

    desk.alarms._board._publish = take
    desk.alarms.report(Report(FAULT, Cause.ACTIVE, Priority.DIAGNOSTIC, (), desk.clock.now()))
    desk.report()
    assert taken == [1, 2]


def test_the_same_report_again_is_counted_and_not_announced(desk):
    for _ in range(5):
        desk.report()
        desk.step(1.0)
    assert len(desk.changes) == 1
    desk.report(reasons=("smoke 40 %",))
    assert desk.only.reports == 6


def test_a_further_reason_is_recorded_not_announced(desk):
    desk.report()
    desk.acknowledge()
    desk.report(reasons=("flame digital", "vision fire 0.81"))
    assert desk.only.state is AlarmState.ACKNOWLEDGED
    assert len(desk.announced) == 1
    assert desk.store.actions[-1].reasons == ("flame digital", "vision fire 0.81")


def test_a_higher_priority_is_announced_again(desk):
    desk.report(priority=Priority.HIGH)
    desk.acknowledge()
    desk.report(priority=Priority.EMERGENCY)
    assert desk.only.state is AlarmState.UNACKNOWLEDGED
    assert desk.only.acknowledged_by == ""
    assert len(desk.announced) == 2


def test_a_lower_priority_never_lowers_an_occurrence(desk):
    desk.report(priority=Priority.EMERGENCY)
    desk.report(priority=Priority.HIGH, reasons=("smoke 40 %",))
    assert desk.only.priority is Priority.EMERGENCY


def test_a_fire_stays_latched_until_a_person_resets_it(desk):
    desk.report()
    desk.acknowledge()
    desk.report(cause=Cause.CLEAR)
    assert desk.only.state is AlarmState.LATCHED
    desk.reset()
    assert desk.alarms.current.alarms == ()
    assert desk.changes[-1].alarm.state is AlarmState.NORMAL


@pytest.mark.parametrize("cause", [Cause.ACTIVE, Cause.UNKNOWN])
def test_reset_is_refused_in_words_while_the_cause_is_not_clear(desk, cause):
    desk.report()
    desk.acknowledge()
    if cause is Cause.UNKNOWN:
        desk.report(cause=cause)
    desk.reset()
    assert "Reset again when" in desk.refusals[0]
    assert desk.only.state is AlarmState.ACKNOWLEDGED


def test_a_fault_ends_by_return_and_acknowledgement(desk):
    desk.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    desk.report(key=FAULT, cause=Cause.CLEAR)
    assert desk.only.state is AlarmState.RETURNED
    desk.acknowledge()
    assert desk.alarms.current.alarms == ()


def test_acknowledging_writes_who_did_it(desk):
    desk.report()
    desk.acknowledge()
    assert desk.only.acknowledged_by == "anna"
    assert desk.store.actions[-1].actor == "anna"


def test_acknowledging_what_is_closed_is_refused(desk):
    desk.acknowledge(77)
    assert desk.refusals == ["This alarm is closed already."]


def test_an_unknown_cause_keeps_the_alarm(desk):
    desk.report()
    desk.report(cause=Cause.UNKNOWN)
    assert desk.only.cause is Cause.UNKNOWN
    assert desk.only.state is AlarmState.UNACKNOWLEDGED


def test_clear_without_an_alarm_is_nothing(desk):
    desk.report(cause=Cause.CLEAR)
    assert desk.published == []


# --- merging -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "ids"), [(89.0, [1, 1]), (91.0, [1, 2])])
def test_reports_within_the_window_of_the_last_one_are_one_alarm(desk, gap, ids):
    desk.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    desk.acknowledge()
    desk.step(200.0)
    desk.report(key=FAULT, cause=Cause.CLEAR)
    desk.step(gap)
    desk.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    assert [alarm.id for alarm in desk.announced] == ids


def test_a_new_report_after_a_reset_is_a_new_alarm(desk):
    desk.report()
    desk.acknowledge()
    desk.report(cause=Cause.CLEAR)
    desk.reset()
    desk.report()
    assert [alarm.id for alarm in desk.announced] == [1, 2]
    assert desk.only.reports == 1


def test_an_acknowledged_unknown_cause_that_comes_back_soon_is_not_announced(desk):
    desk.report()
    desk.acknowledge()
    desk.report(cause=Cause.UNKNOWN)
    desk.step(60.0)
    desk.report()
    assert len(desk.announced) == 1
    assert desk.only.cause is Cause.ACTIVE


def test_an_acknowledged_unknown_cause_that_comes_back_late_is_announced_again(desk):
    desk.report()
    desk.acknowledge()
    desk.report(cause=Cause.UNKNOWN)
    desk.step(91.0)
    desk.report()
    assert [alarm.id for alarm in desk.announced] == [1, 1]
    assert desk.only.state is AlarmState.UNACKNOWLEDGED


# --- silence -----------------------------------------------------------------------------------


def test_silence_changes_no_alarm_and_ends_by_itself(desk):
    desk.report()
    desk.ask(SilenceAsked("anna"))
    until = desk.alarms.current.silenced_until
    assert until == pytest.approx(desk.clock.mono() + 120.0)
    assert desk.only.state is AlarmState.UNACKNOWLEDGED
    assert desk.store.actions[-1].event == "silence"
    desk.step(121.0)
    assert desk.alarms.current.silenced_until is None


def test_silence_ends_at_a_new_alarm(desk):
    desk.report()
    desk.ask(SilenceAsked("anna"))
    desk.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    assert desk.alarms.current.silenced_until is None
    assert [m.until is None for m in desk.published if isinstance(m, SilenceChanged)] == [
        False,
        True,
    ]


def test_silence_stays_when_an_alarm_only_repeats(desk):
    desk.report()
    desk.ask(SilenceAsked("anna"))
    desk.report(reasons=("flame digital", "smoke 40 %"))
    assert desk.alarms.current.silenced_until is not None


@pytest.mark.parametrize("seconds", [1.0, 29.0, 601.0, float("inf"), float("nan")])
def test_silence_outside_its_range_is_refused(desk, seconds):
    desk.report()
    desk.ask(SilenceAsked("anna", seconds))
    assert desk.alarms.current.silenced_until is None
    assert "30 to 600 seconds" in desk.refusals[0]


def test_there_is_nothing_to_silence_without_an_alarm(desk):
    desk.ask(SilenceAsked("anna"))
    assert desk.refusals == ["There is no alarm to silence."]


# --- restart -----------------------------------------------------------------------------------


def _restarted(desk):
    again = desk.restarted()
    again.alarms.restore()
    again.step()
    return again


def test_open_alarms_are_back_with_their_state_and_an_unknown_cause(desk):
    desk.report()
    desk.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    desk.acknowledge(2)
    again = _restarted(desk)
    back = {alarm.id: alarm for alarm in again.alarms.current.alarms}
    assert {number: (alarm.state, alarm.cause) for number, alarm in back.items()} == {
        1: (AlarmState.UNACKNOWLEDGED, Cause.UNKNOWN),
        2: (AlarmState.ACKNOWLEDGED, Cause.UNKNOWN),
    }
    assert [alarm.id for alarm in again.announced] == [1]


@pytest.mark.parametrize("states", ["unacknowledged acknowledged", "acknowledged unacknowledged"])
def test_of_two_open_rows_of_one_key_the_one_that_calls_goes_on(desk, states):
    desk.report()
    rows = [
        replace(desk.only, id=AlarmId(number), state=AlarmState(state))
        for number, state in enumerate(states.split(), 1)
    ]
    desk.store.rows = {row.id: row for row in rows}  # as after a refused row of an end
    again = desk.restarted()
    again.alarms.restore()
    again.step()
    calling = 1 + states.startswith("ack")
    assert [(a.id, a.calling) for a in again.alarms.current.alarms] == [(calling, True)]
    assert again.store.rows[3 - calling].state is AlarmState.NORMAL
    again.acknowledge(calling)
    again.report(cause=Cause.CLEAR)
    again.reset(calling)
    assert again.alarms.current.alarms == ()
    assert again.refusals == []


def test_a_latched_fire_cannot_be_reset_right_after_a_restart(desk):
    desk.report()
    desk.acknowledge()
    desk.report(cause=Cause.CLEAR)
    again = _restarted(desk)
    again.reset()
    assert again.only.state is AlarmState.LATCHED
    again.report(cause=Cause.CLEAR)
    again.reset()
    assert again.alarms.current.alarms == ()


def test_ids_go_on_after_a_restart(desk):
    desk.report()
    again = _restarted(desk)
    again.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    assert [alarm.id for alarm in again.alarms.current.alarms] == [1, 2]


def test_the_merge_window_runs_on_over_a_restart(desk):
    desk.report()
    desk.acknowledge()
    again = _restarted(desk)
    again.report()
    assert again.announced == []
    late = desk.restarted()
    late.clock.jump_wall(200.0)
    late.alarms.restore()
    late.report()
    assert [alarm.id for alarm in late.announced] == [1]


def test_faults_of_the_program_that_a_restart_cured_end_after_a_minute(desk):
    key = AlarmKey(PlaceId("system"), AlarmKind.SYSTEM_FAULT, "worker x")
    desk.report(key=key, priority=Priority.DIAGNOSTIC)
    again = _restarted(desk)
    again.step(61.0)
    assert again.only.state is AlarmState.RETURNED


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ({FAULT}, AlarmState.UNACKNOWLEDGED),
        (set(), AlarmState.RETURNED),  # it left the settings, or was switched off
        ({replace(FAULT, place=PlaceId("gate"))}, AlarmState.RETURNED),  # it was moved
    ],
)
def test_a_fault_ends_when_its_source_can_no_longer_report_on_it(desk, keys, state):
    desk.report(key=FAULT, priority=Priority.DIAGNOSTIC)
    again = _restarted(desk)
    again.report()  # a fire of a place is nobody's fault
    again.alarms.keep_faults(keys)
    again.step()
    fire, fault = again.alarms.current.alarms
    assert fire.state is AlarmState.UNACKNOWLEDGED
    assert fault.state is state


def test_a_changed_merge_window_counts_at_once(desk):
    desk.alarms.adjust(AlarmSection(merge_window=10.0))
    desk.report()
    desk.acknowledge()
    desk.report(cause=Cause.UNKNOWN)
    desk.step(11.0)
    desk.report()
    assert len(desk.announced) == 2


def test_the_oldest_stays_first_when_the_wall_clock_is_set_back(desk):
    desk.report()
    desk.clock.jump_wall(-86_400.0)
    desk.report(key=AlarmKey(PlaceId("yard"), AlarmKind.FIRE))
    assert [alarm.id for alarm in desk.alarms.current.alarms] == [1, 2]


# --- flood -------------------------------------------------------------------------------------


def test_a_flood_of_500_alarms_in_10_seconds_loses_none(desk):
    for number in range(500):
        key = AlarmKey(PlaceId(f"p{number}"), AlarmKind.FIRE)
        desk.report(key=key, priority=Priority(1 + number % 4))
        desk.step(0.02)
    table = desk.alarms.current.alarms
    assert len({alarm.id for alarm in desk.announced}) == len(table) == 500
    assert len(desk.store.rows) == 500
    expected = sorted(table, key=lambda a: (-a.priority, not a.unacknowledged, a.id))
    assert list(table) == expected
    for alarm in table:
        desk.acknowledge(alarm.id)
    assert not any(alarm.unacknowledged for alarm in desk.alarms.current.alarms)


def test_the_refusal_to_acknowledge_names_the_person_who_asked(desk):
    desk.acknowledge(AlarmId(5))
    assert desk.published[-1].actor == "anna"
