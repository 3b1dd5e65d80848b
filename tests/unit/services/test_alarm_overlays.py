"""Shelving and the other overlays: quiet, kept, ended in time, broken by a higher priority."""

import pytest
from fakes import FakeClock

from embereye.config.schema import Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmState,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.alarm_messages import (
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
)
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import SilenceAsked
from embereye.model.notice import NoticeEvent
from embereye.rules.notices import events_of
from embereye.services.access import Access

GAS = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)
FIRE = AlarmKey(PlaceId("boiler"), AlarmKind.FIRE)
BOILER = Scope(PlaceId("boiler"))
HIGH = {"key": GAS, "priority": Priority.HIGH}
S = AlarmState


def shelve(desk, seconds=3600.0, reason="valve in repair", alarm=1):
    desk.ask(ShelveAsked(AlarmId(alarm), seconds, reason, "anna"))


def events(desk):
    return [action.event for action in desk.store.actions]


def restarted(desk, **how):
    again = desk.restarted(**how)
    again.alarms.restore()
    again.step()
    return again


# --- what a shelving does ------------------------------------------------------------------------


def test_a_shelved_alarm_does_not_call_and_keeps_its_state(desk):
    desk.report(**HIGH)
    shelve(desk)
    assert desk.only.state is S.UNACKNOWLEDGED
    assert not desk.only.calling
    overlay = desk.only.overlay
    assert (overlay.kind, overlay.reason, overlay.by) == (
        OverlayKind.SHELVED, "valve in repair", "anna",
    )  # fmt: skip
    assert overlay.until_utc == pytest.approx(desk.clock.now().utc + 3600.0)
    assert desk.alarms.current.overlays == (overlay,)
    assert desk.store.actions[-1].event == "shelve"
    assert desk.store.actions[-1].reasons == ("valve in repair",)


def test_the_state_goes_on_underneath_and_nothing_is_announced(desk):
    desk.report(**HIGH)
    shelve(desk)
    desk.acknowledge()
    desk.report(cause=Cause.CLEAR, **HIGH)
    assert desk.alarms.current.alarms == ()
    desk.step(30.0)
    desk.report(**HIGH)
    assert desk.only.state is S.UNACKNOWLEDGED
    assert len(desk.announced) == 1
    assert desk.store.rows[1].state is S.UNACKNOWLEDGED


def test_a_new_cause_under_a_shelf_stays_quiet_until_it_expires(desk):
    desk.report(**HIGH)
    desk.acknowledge()
    shelve(desk, 600.0)
    desk.report(cause=Cause.CLEAR, **HIGH)
    desk.step(300.0)
    desk.report(**HIGH)
    assert [alarm.id for alarm in desk.announced] == [1]
    desk.step(299.0)
    assert len(desk.announced) == 1
    desk.step(1.0)
    assert [alarm.id for alarm in desk.announced] == [1, 2]
    assert events(desk)[-1] == "shelving expired"


@pytest.mark.parametrize("cause", [Cause.ACTIVE, Cause.UNKNOWN])
def test_at_the_end_an_acknowledged_alarm_that_may_still_burn_is_announced_again(desk, cause):
    desk.report(**HIGH)
    desk.acknowledge()
    shelve(desk, 60.0)
    if cause is Cause.UNKNOWN:
        desk.report(cause=cause, **HIGH)
    desk.step(60.0)
    assert desk.only.state is S.UNACKNOWLEDGED
    assert desk.only.acknowledged_by == ""
    assert len(desk.announced) == 2
    assert desk.alarms.current.overlays == ()


def test_at_the_end_an_alarm_that_returned_unseen_calls_again(desk):
    desk.report(**HIGH)
    shelve(desk, 60.0)
    desk.report(cause=Cause.CLEAR, **HIGH)
    desk.step(60.0)
    assert desk.only.state is S.RETURNED
    assert len(desk.announced) == 2


def test_at_the_end_a_latched_fire_stays_and_says_nothing(desk):
    desk.report()
    shelve(desk, 60.0)
    desk.acknowledge()
    desk.report(cause=Cause.CLEAR)
    desk.step(60.0)
    assert desk.only.state is S.LATCHED
    assert desk.only.overlay is None
    assert len(desk.announced) == 1


def test_a_person_ends_a_shelving_early(desk):
    desk.report(**HIGH)
    shelve(desk)
    desk.ask(UnshelveAsked(Scope(GAS.place, GAS.kind, ""), "ben"))
    assert desk.only.overlay is None
    assert desk.store.actions[-1].event == "unshelve"
    assert desk.store.actions[-1].actor == "ben"
    assert len(desk.announced) == 2
    desk.step(3600.0)
    assert "shelving expired" not in events(desk)


def test_ending_what_is_not_shelved_is_refused(desk):
    desk.ask(UnshelveAsked(BOILER, "anna"))
    assert desk.refusals == ["This is not shelved any more."]


def test_shelving_again_lasts_from_then_on(desk):
    desk.report(**HIGH)
    shelve(desk, 60.0)
    shelve(desk, 600.0, "longer than thought")
    desk.step(60.0)
    assert desk.only.overlay.reason == "longer than thought"
    assert len(desk.alarms.current.overlays) == 1
    desk.step(540.0)
    assert desk.only.overlay is None


def test_a_higher_priority_breaks_a_shelving_and_is_announced(desk):
    desk.report(priority=Priority.HIGH)
    shelve(desk)
    desk.report(priority=Priority.EMERGENCY)
    assert desk.only.calling
    assert len(desk.announced) == 2
    assert events(desk)[-2:] == ["higher priority", "shelving broken"]
    assert desk.alarms.current.overlays == ()
    assert desk.store.overlays[1].end == "shelving broken"


def test_a_fire_breaks_the_shelf_of_an_alarm_that_closed_meanwhile(desk):
    desk.report(priority=Priority.HIGH)
    desk.acknowledge()
    shelve(desk)
    desk.report(cause=Cause.CLEAR)
    desk.report(priority=Priority.EMERGENCY)
    assert desk.only.calling
    assert len(desk.announced) == 2
    assert desk.alarms.current.overlays == ()


def test_there_is_nothing_to_silence_while_all_is_shelved(desk):
    desk.report(**HIGH)
    shelve(desk)
    desk.ask(SilenceAsked("anna"))
    assert desk.refusals == ["There is no alarm to silence."]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, 59.0, 43_201.0, float("inf"), float("nan"), -60.0])
def test_shelving_never_lasts_for_ever_nor_no_time(desk, seconds):
    desk.report(**HIGH)
    shelve(desk, seconds)
    assert desk.only.overlay is None
    assert "1 minute to 12 hours" in desk.refusals[0]


@pytest.mark.parametrize("reason", ["", "  \n ", "\u202e\u2069", "\x00\x07", "x" * 501])
def test_shelving_needs_a_reason_of_a_sensible_length(desk, reason):
    desk.report(**HIGH)
    shelve(desk, reason=reason)
    assert desk.only.overlay is None
    assert "reason" in desk.refusals[0]


def test_a_reason_is_kept_without_what_could_reorder_the_screen(desk):
    desk.report(**HIGH)
    shelve(desk, reason="שסתום\u202e evil\n\ud800 x")
    assert desk.only.overlay.reason == "שסתום evil ? x"


def role(name):
    return Access(lambda: Settings(role=name))


@pytest.mark.parametrize(
    ("name", "priority", "shelved"),
    [
        ("viewer", Priority.LOW, False),
        ("operator", Priority.HIGH, True),
        ("operator", Priority.EMERGENCY, False),
        ("supervisor", Priority.EMERGENCY, True),
    ],
)
def test_shelving_a_fire_needs_a_supervisor(make_desk, name, priority, shelved):
    desk = make_desk(access=role(name))
    desk.report(priority=priority)
    shelve(desk)
    assert (desk.only.overlay is not None) is shelved
    assert bool(desk.refusals) is not shelved


def test_out_of_service_needs_a_supervisor(make_desk):
    desk = make_desk(access=role("operator"))
    desk.ask(OutOfServiceAsked(BOILER, 3600.0, "hot work", "anna"))
    desk.ask(ReturnToServiceAsked(BOILER, "anna"))
    assert [text.startswith("To take out of service needs") for text in desk.refusals] == [True] * 2


@pytest.mark.parametrize("what", ["acknowledge", "reset"])
def test_a_viewer_changes_no_alarm(make_desk, what):
    desk = make_desk(access=role("viewer"))
    desk.report()
    getattr(desk, what)()
    assert desk.only.state is S.UNACKNOWLEDGED
    assert "needs the role operator" in desk.refusals[0]


# --- scopes and several overlays -----------------------------------------------------------------


def test_out_of_service_covers_all_of_a_place_and_expires_too(desk):
    desk.report()
    desk.report(**HIGH)
    desk.report(key=AlarmKey(PlaceId("yard"), AlarmKind.GAS), priority=Priority.HIGH)
    desk.ask(OutOfServiceAsked(BOILER, 600.0, "hot work", "anna"))
    kinds = {a.id: a.overlay and a.overlay.kind for a in desk.alarms.current.alarms}
    assert kinds == {1: OverlayKind.OUT_OF_SERVICE, 2: OverlayKind.OUT_OF_SERVICE, 3: None}
    desk.step(600.0)
    assert [a.id for a in desk.announced] == [1, 2, 3, 1, 2]
    assert events(desk)[-2:] == ["out of service expired"] * 2


def test_the_strongest_of_several_shows_and_the_end_of_one_announces_nothing(desk):
    desk.report(**HIGH)
    shelve(desk, 600.0)
    desk.ask(OutOfServiceAsked(BOILER, 3600.0, "hot work", "anna"))
    assert desk.only.overlay.kind is OverlayKind.OUT_OF_SERVICE
    desk.ask(ReturnToServiceAsked(BOILER, "anna"))
    assert desk.only.overlay.kind is OverlayKind.SHELVED
    assert len(desk.announced) == 1
    desk.step(600.0)
    assert len(desk.announced) == 2


def test_suppression_by_design_goes_with_its_condition_and_covers_no_emergency(desk):
    scope = Scope(PlaceId("boiler"))
    desk.alarms.suppress(scope, "burner is cleaned", on=True)
    desk.report(**HIGH)
    desk.report()
    assert [a.key.kind for a in desk.announced] == [AlarmKind.FIRE]
    assert desk.alarms.current.alarms[1].overlay.kind is OverlayKind.SUPPRESSED
    assert desk.alarms.current.overlays[0].until_utc is None
    desk.alarms.suppress(scope, "burner is cleaned", on=False)
    desk.step()
    assert [a.key.kind for a in desk.announced] == [AlarmKind.FIRE, AlarmKind.GAS]


def test_two_suppressions_of_one_scope_end_each_for_itself(desk):
    for reason in ("night", "cleaning"):
        desk.alarms.suppress(BOILER, reason, on=True)
    desk.report(**HIGH)
    desk.alarms.suppress(BOILER, "night", on=False)
    desk.step()
    assert desk.only.overlay.reason == "cleaning"
    assert desk.announced == []


def test_a_walk_test_covers_what_its_service_names(desk):
    now = desk.clock.now().utc
    everywhere = Overlay(
        OverlayKind.TEST, BOILER, "walk test", "tom", now, now + 900.0, Priority.EMERGENCY
    )
    desk.alarms.cover(everywhere)
    desk.report()
    assert desk.announced == []
    assert desk.alarms.uncover(OverlayKind.TEST, BOILER, "tom")
    desk.step()
    assert [a.id for a in desk.announced] == [1]
    assert not desk.alarms.uncover(OverlayKind.TEST, BOILER, "tom")


def test_only_a_suppression_has_no_end(desk):
    endless = Overlay(OverlayKind.TEST, BOILER, "x", "tom", 0.0, None, Priority.HIGH)
    with pytest.raises(ValueError, match="without an end"):
        desk.alarms.cover(endless)


def test_taking_a_place_out_of_service_is_told_where_no_alarm_is_open(desk):
    desk.ask(OutOfServiceAsked(BOILER, 600.0, "hot work", "anna"))
    assert [o.reason for o in desk.alarms.current.overlays] == ["hot work"]
    assert desk.published[-1].table == "alarms"


# --- the disk ------------------------------------------------------------------------------------


def test_an_overlay_is_shown_when_it_is_committed(slow_desk):
    slow_desk.report(**HIGH)
    slow_desk.store.commit()
    slow_desk.step()
    shelve(slow_desk)
    assert slow_desk.alarms.current.overlays == ()
    assert slow_desk.only.overlay is None
    slow_desk.store.commit()
    slow_desk.step()
    assert slow_desk.only.overlay is not None
    assert slow_desk.alarms.current.overlays == (slow_desk.only.overlay,)


def test_a_row_that_was_refused_does_not_stay_unrecorded_for_ever(slow_desk):
    slow_desk.ask(OutOfServiceAsked(BOILER, 600.0, "hot work", "anna"))
    slow_desk.store.commit(ValueError("bad row"))
    slow_desk.step()
    assert not slow_desk.alarms.current.recording
    slow_desk.ask(ReturnToServiceAsked(BOILER, "anna"))
    slow_desk.store.commit()
    slow_desk.step()
    assert slow_desk.alarms.current.recording
    assert slow_desk.alarms.current.overlays == ()


def test_a_slow_disk_does_not_hold_an_overlay_back(slow_desk):
    slow_desk.ask(OutOfServiceAsked(BOILER, 600.0, "hot work", "anna"))
    slow_desk.step(0.06)
    assert len(slow_desk.alarms.current.overlays) == 1
    assert not slow_desk.alarms.current.recording
    slow_desk.store.commit()
    slow_desk.step()
    assert slow_desk.alarms.current.recording


# --- time ----------------------------------------------------------------------------------------


def boot_desk(make_desk):
    return make_desk(clock=FakeClock(boot="one"))


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_shelving_ends_in_time_when_the_wall_clock_is_set(desk, jump):
    desk.report(**HIGH)
    shelve(desk, 600.0)
    desk.step(100.0)
    desk.clock.jump_wall(jump)
    desk.step(1.0)
    until = desk.clock.now().utc + 499.0
    assert desk.only.overlay.until_utc == pytest.approx(until)
    assert desk.store.overlays[1].overlay.until_utc == pytest.approx(until)
    desk.step(498.5)
    assert desk.only.overlay is not None
    desk.step(0.5)
    assert desk.only.overlay is None


def test_a_clock_that_is_slewed_changes_nothing(desk):
    desk.report(**HIGH)
    shelve(desk)
    for _ in range(10):
        desk.clock.jump_wall(0.04)
        desk.step(1.0)
    assert "clock set" not in events(desk)


@pytest.mark.parametrize("jump", [-86_400.0, 0.0, 86_400.0])
def test_a_shelving_ends_in_time_over_a_restart_and_a_jump_of_the_clock(make_desk, jump):
    desk = boot_desk(make_desk)
    desk.report(**HIGH)
    shelve(desk, 600.0)
    desk.step(100.0)
    again = restarted(desk, down=50.0, jump=jump, same_boot=True)
    assert again.only.overlay.until_utc == pytest.approx(again.clock.now().utc + 450.0)
    again.step(449.5)
    assert again.only.overlay is not None
    again.step(0.5)
    assert again.only.overlay is None
    assert len(again.announced) == 1


@pytest.mark.parametrize(("jump", "left"), [(0.0, 450.0), (-86_400.0, 600.0), (300.0, 150.0)])
def test_after_a_start_of_the_machine_it_never_lasts_longer_than_was_asked(desk, jump, left):
    desk.report(**HIGH)
    shelve(desk, 600.0)
    desk.step(100.0)
    again = restarted(desk, down=50.0, jump=jump)
    again.step(left - 0.5)
    assert again.only.overlay is not None
    again.step(0.5)
    assert again.only.overlay is None


def test_what_expired_while_the_program_was_down_announces_at_the_start(desk):
    desk.report(**HIGH)
    desk.acknowledge()
    shelve(desk, 60.0)
    again = restarted(desk, down=100.0)
    assert again.only.overlay is None
    assert again.only.state is S.UNACKNOWLEDGED
    assert [a.id for a in again.announced] == [1]
    assert again.store.overlays[1].end == "shelving expired"


def test_a_kill_right_after_the_end_of_a_shelving_loses_no_announcement(desk):
    desk.report(**HIGH)
    desk.acknowledge()
    shelve(desk, 60.0)
    desk.store.fast = False
    desk.step(60.0)
    desk.store.commit(most=1)  # the end of the shelving; not what follows from it
    assert desk.store.overlays[1].end == "shelving expired"
    assert desk.store.rows[1].state is S.ACKNOWLEDGED
    again = restarted(desk)
    assert again.only.state is S.UNACKNOWLEDGED
    assert [a.id for a in again.announced] == [1]
    told = [events_of(again.store.rows[1], action) for action in again.store.actions]
    assert told == [{NoticeEvent.ANNOUNCED}]  # outside as well


def test_a_shelved_alarm_is_not_announced_at_a_start(desk):
    desk.report(**HIGH)
    shelve(desk)
    again = restarted(desk)
    assert again.announced == []
    assert again.only.overlay.kind is OverlayKind.SHELVED


def test_a_shelf_without_an_alarm_survives_a_restart(desk):
    desk.report(**HIGH)
    desk.acknowledge()
    shelve(desk)
    desk.report(cause=Cause.CLEAR, **HIGH)
    again = restarted(desk)
    again.report(**HIGH)
    assert again.announced == []


def test_a_suppression_that_nobody_says_again_ends_a_minute_after_the_start(desk):
    for reason in ("night", "cleaning"):
        desk.alarms.suppress(BOILER, reason, on=True)
    desk.step()
    again = restarted(desk)
    again.alarms.suppress(BOILER, "night", on=True)
    assert len(again.alarms.current.overlays) == 2
    again.step(60.0)
    again.step()
    assert [o.reason for o in again.alarms.current.overlays] == ["night"]
