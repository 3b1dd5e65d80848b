"""R26: the self-test proves each chain, a miss is a fault within 60 s, and nothing is disturbed."""

from datetime import datetime

import pytest
from self_test_parts import Kept, Rig, full_disk

from embereye.config.schema import Device, Place, Sensors
from embereye.model.alarm import AlarmKey, AlarmKind, AlarmState, OverlayKind, Priority
from embereye.model.daily_test import Chain, DailyTestAsked, Outcome, Stage
from embereye.model.ids import PlaceId
from embereye.model.messages import AcknowledgeAsked
from embereye.model.notice import TargetKind, TargetState
from embereye.model.reading import SensorReading
from embereye.rules.annunciation import counters, sound
from embereye.rules.popup_choice import popups
from embereye.services.self_test_stimulus import SendPacket

FIRE = AlarmKey(PlaceId("boiler"), AlarmKind.FIRE)


@pytest.fixture
def rig(desk) -> Rig:
    made = Rig(desk)
    made.show_window()
    return made


def run(rig: Rig) -> None:
    rig.desk.ask(DailyTestAsked("anna"))
    rig.until(lambda: rig.test.current.running is None and not rig.own)


def outcomes(rig: Rig) -> dict[Chain, Outcome]:
    return {result.chain: result.outcome for result in rig.test.current.last.chains}


def test_each_chain_is_proved_and_measured(rig):
    run(rig)
    assert outcomes(rig) == {
        Chain.SENSOR: Outcome.OK,
        Chain.VISION: Outcome.OK,
        Chain.STORAGE: Outcome.OK,
        Chain.NOTICES: Outcome.NOT_APPLICABLE,
    }
    assert all(
        stage.seconds is not None
        for chain in rig.test.current.last.chains
        for stage in chain.stages
        if stage.outcome is Outcome.OK
    )
    assert rig.faults == []
    assert rig.kept.runs == [rig.test.current.last]
    assert rig.kept.runs[0].by == "anna"


# Each part is broken in turn: what the fault must name.
BROKEN = [
    (Stage.RECEIVED, Chain.SENSOR, "does not take a connection"),
    (Stage.JUDGED, Chain.VISION, "“picture judged”"),
    (Stage.PAINTED, Chain.SENSOR, "“popup painted”"),
    (Stage.SOUNDED, Chain.SENSOR, "“sound started”"),
    (Stage.READ, Chain.STORAGE, "“alarm read back”"),
]


@pytest.mark.parametrize(("stage", "chain", "words"), BROKEN)
def test_a_broken_stage_is_a_fault_that_names_it_within_60_s(rig, stage, chain, words):
    rig.broken.add(stage)
    rig.desk.ask(DailyTestAsked("anna"))
    took = rig.until(lambda: any(chain.value in f.key.source for f in rig.faults), 60.0)
    (fault,) = (f for f in rig.faults if chain.value in f.key.source)
    assert took <= 60.0
    assert words in fault.reasons[0]
    assert chain.value in fault.reasons[0]
    assert fault.calling


@pytest.mark.parametrize("stage", [stage for stage, _, _ in BROKEN])
def test_the_next_good_run_ends_the_fault(rig, stage):
    rig.broken.add(stage)
    run(rig)
    assert rig.faults
    rig.broken.clear()
    rig.pass_time(100.0)
    run(rig)
    assert {fault.state for fault in rig.faults} == {AlarmState.RETURNED}


def test_a_full_disk_misses_the_chain_of_storage_alone(rig):
    full_disk(rig.desk)
    rig.desk.ask(DailyTestAsked("anna"))
    took = rig.until(lambda: bool(rig.faults), 60.0)
    assert took <= 60.0
    assert [fault.key.source for fault in rig.faults] == ["worker self-test storage"]
    assert "“alarm written”" in rig.faults[0].reasons[0]


def test_a_closed_listener_is_a_fault(rig):
    rig.listener = None
    run(rig)
    assert "not open" in rig.stage(Stage.RECEIVED).text
    assert [fault.key.source for fault in rig.faults] == ["worker self-test sensor"]


@pytest.mark.parametrize(
    ("sensors", "address"),
    [
        (Sensors(), ("127.0.0.1", 9001)),
        (Sensors(host="0.0.0.0"), ("127.0.0.1", 9001)),
        (Sensors(host="10.1.2.3"), ("10.1.2.3", 9001)),
        (Sensors(enabled=False), None),
        (Sensors(legacy="off"), None),
        (Sensors(legacy="allow-list"), None),
    ],
)
def test_the_packet_goes_through_the_own_listener_where_it_would_be_taken(desk, sensors, address):
    rig = Rig(desk, settings=Rig(desk).settings.model_copy(update={"sensors": sensors}))
    rig.desk.ask(DailyTestAsked("anna"))
    (packet,) = (task for task in rig.asked if isinstance(task, SendPacket))
    assert packet.address == address


def test_without_a_window_popup_and_sound_do_not_apply(desk):
    rig = Rig(desk)
    run(rig)
    for stage in (Stage.PAINTED, Stage.SOUNDED):
        assert rig.stage(stage).outcome is Outcome.NOT_APPLICABLE
    assert outcomes(rig)[Chain.SENSOR] is Outcome.OK
    assert rig.faults == []


def test_without_cameras_the_pictures_do_not_apply(rig):
    rig.watched = False
    run(rig)
    assert outcomes(rig)[Chain.VISION] is Outcome.NOT_APPLICABLE
    assert rig.faults == []


def with_target(rig: Rig) -> None:
    section = rig.settings.alarms.model_copy(update={"self_test_targets": ("mail",)})
    rig.settings = rig.settings.model_copy(update={"alarms": section})
    rig.targets = (TargetState("mail", TargetKind.EMAIL, "Mail", True),)


def test_a_target_that_wants_it_gets_one_test_notice(rig):
    with_target(rig)
    run(rig)
    assert outcomes(rig)[Chain.NOTICES] is Outcome.OK
    rig.broken.add(Stage.SENT)
    rig.targets = (TargetState("mail", TargetKind.EMAIL, "Mail", True),)
    rig.pass_time(100.0)
    run(rig)
    assert "The server refused it." in rig.faults[0].reasons[0]


def test_a_target_that_is_gone_is_told(rig):
    with_target(rig)
    rig.targets = ()
    run(rig)
    assert "mail is gone or switched off" in rig.faults[0].reasons[0]


# --- nothing is disturbed ------------------------------------------------------------------------


def test_test_alarms_call_nobody_and_are_closed_by_the_test(rig):
    rig.desk.ask(DailyTestAsked("anna"))
    rig.until(lambda: bool(rig.own))
    table = rig.desk.alarms.current
    assert all(alarm.overlay.kind is OverlayKind.TEST for alarm in rig.own)
    assert {alarm.place_name for alarm in rig.own} == {"Self-test"}
    assert counters(table).test.count > 0
    assert counters(table).fire.count == counters(table).alarm.count == 0
    assert popups(table, rig.desk.clock.now().utc).shown == ()
    assert sound(table, rig.desk.clock.mono()).tone.value == "test"
    rig.until(lambda: rig.test.current.running is None and not rig.own)
    assert rig.desk.announced == []
    assert rig.desk.alarms.current.alarms == rig.desk.alarms.current.overlays == ()


def test_a_quiet_test_is_not_heard(rig):
    section = rig.settings.alarms.model_copy(update={"self_test_sound": "silent"})
    rig.settings = rig.settings.model_copy(update={"alarms": section})
    rig.desk.ask(DailyTestAsked("anna"))
    rig.until(lambda: bool(rig.own))
    assert sound(rig.desk.alarms.current, rig.desk.clock.mono()) is None


@pytest.mark.parametrize("after", [0.0, 0.5, 1.0, 1.5])
def test_a_real_fire_during_the_test_is_announced_as_ever(rig, after):
    rig.desk.ask(DailyTestAsked("anna"))
    rig.pass_time(after)
    rig.desk.report(key=FIRE)
    assert [alarm.key for alarm in rig.desk.announced] == [FIRE]
    (fire,) = (a for a in rig.desk.alarms.current.alarms if a.key == FIRE)
    assert fire.calling
    assert fire.overlay is None
    rig.until(lambda: rig.test.current.running is None)
    assert rig.own == []
    assert rig.faults == []
    assert rig.test.current.broken_off, "what was broken off proves nothing"
    assert rig.kept.runs == []
    assert [alarm.key for alarm in rig.desk.announced] == [FIRE]


def test_a_fire_by_a_real_device_during_the_test_is_announced(rig):
    rig.desk.ask(DailyTestAsked("anna"))
    rig.pass_time(0.5)
    rig.desk.ask(SensorReading("d1", rig.desk.clock.now(), 270, 1310, 3, True))
    rig.desk.step()
    assert [alarm.key.place for alarm in rig.desk.announced] == ["boiler"]


def test_a_place_with_the_name_of_the_test_is_a_place_like_any_other(desk):
    settings = Rig(desk).settings.model_copy(
        update={
            "places": (Place(id="self-test", name="Self-test"),),
            "devices": (Device(id="embereye-self-test", name="Mine", place="self-test"),),
        }
    )
    rig = Rig(desk, settings=settings)
    rig.desk.ask(SensorReading("embereye-self-test", rig.desk.clock.now(), 270, 1310, 3, True))
    rig.desk.step()
    (real,) = rig.desk.announced
    assert real.key.place == "self-test"
    rig.desk.ask(AcknowledgeAsked(real.id, "anna"))
    run(rig)
    (packet,) = (task for task in rig.asked if isinstance(task, SendPacket))
    assert packet.device == "embereye-self-test-2"
    assert outcomes(rig)[Chain.SENSOR] is Outcome.OK


def test_outside_a_test_nobody_can_pretend_to_be_one(rig):
    rig.desk.ask(SensorReading("embereye-self-test", rig.desk.clock.now(), 270, 1310, 3, True))
    rig.desk.step()
    assert rig.desk.alarms.current.alarms == ()


def test_a_kill_in_the_middle_announces_nothing(rig, make_desk):
    rig.desk.ask(DailyTestAsked("anna"))
    rig.until(lambda: bool(rig.own))
    later = rig.desk.restarted(down=7200.0)
    again = Rig(later, rig.kept)
    restored = later.alarms.restore()
    again.test.restore()
    again.risk.restore(restored)
    again.risk.assign(again.risk._site)  # as the settings do after a start
    again.pass_time(30.0)
    assert later.announced == []
    assert later.alarms.current.alarms == later.alarms.current.overlays == ()


# --- when it runs --------------------------------------------------------------------------------


def test_it_runs_by_itself_and_only_once_a_day(rig):
    rig.pass_time(119.0)
    assert rig.test.current.running is None, "the start is not over"
    rig.until(lambda: len(rig.kept.runs) == 1)
    rig.pass_time(1800.0)
    assert len(rig.kept.runs) == 1
    assert rig.test.current.next_utc > rig.desk.clock.now().utc


def test_an_old_one_is_caught_up_after_a_start(desk, make_desk):
    rig = Rig(desk)
    run(rig)
    for hours, runs in ((5.0, 1), (27.0, 2)):
        later = desk.restarted(down=hours * 3600.0)
        again = Rig(later, Kept())
        again.kept.runs = list(rig.kept.runs)
        section = again.settings.alarms
        at = next(
            f"{h:02}:00" for h in range(24) if abs(h - local_hour(later)) not in (0, 1, 23, 24)
        )
        again.settings = again.settings.model_copy(
            update={"alarms": section.model_copy(update={"self_test": at})}
        )
        again.test.restore()
        again.pass_time(200.0)
        assert len(again.kept.runs) == runs


def local_hour(desk) -> int:
    return datetime.fromtimestamp(desk.clock.now().utc).astimezone().hour


def test_an_alarm_that_waits_for_somebody_comes_first(rig):
    rig.desk.report(key=FIRE)
    rig.desk.ask(DailyTestAsked("anna"))
    assert "nobody has acknowledged" in rig.desk.refusals[-1]
    rig.pass_time(300.0)
    assert rig.kept.runs == []
    rig.desk.acknowledge(rig.desk.announced[0].id)
    rig.until(lambda: bool(rig.kept.runs), 800.0)


def test_a_fault_that_waits_does_not_keep_it_from_running(rig):
    key = AlarmKey(PlaceId("boiler"), AlarmKind.DEVICE_FAULT, "d1")
    rig.desk.report(key=key, priority=Priority.DIAGNOSTIC)
    run(rig)
    assert rig.kept.runs


def test_a_walk_test_comes_first(rig):
    rig.test.walking = lambda: True
    rig.desk.ask(DailyTestAsked("anna"))
    assert "walk test" in rig.desk.refusals[-1]


def test_only_who_may_test_may_run_it(rig):
    rig.settings = rig.settings.model_copy(update={"role": "operator"})
    rig.desk.ask(DailyTestAsked("anna"))
    assert "supervisor" in rig.desk.refusals[-1]
    assert rig.test.current.running is None


def test_what_was_missed_is_a_fault_again_after_a_restart(rig):
    rig.broken.add(Stage.PAINTED)
    run(rig)
    later = rig.desk.restarted()
    again = Rig(later, rig.kept)
    later.alarms.restore()
    again.test.restore()
    again.pass_time(70.0)
    assert [fault.key.source for fault in again.faults][:1] == ["worker self-test sensor"]
    assert again.faults[0].cause.value == "active"


def test_a_self_test_that_never_comes_to_its_end_is_a_fault(rig):
    rig.test.walking = lambda: True
    rig.desk.step(28 * 3600.0 + 1)
    rig.pass_time(5.0)
    assert [fault.key.source for fault in rig.faults] == ["worker self-test overdue"]
    rig.test.walking = lambda: False
    rig.until(lambda: bool(rig.kept.runs), 1300.0)
    rig.pass_time(5.0)
    assert {fault.state for fault in rig.faults} == {AlarmState.RETURNED}


def test_a_daily_test_that_is_switched_off_never_runs(rig):
    section = rig.settings.alarms.model_copy(update={"self_test": ""})
    rig.settings = rig.settings.model_copy(update={"alarms": section})
    rig.desk.step(40 * 3600.0)
    rig.pass_time(300.0)
    assert rig.kept.runs == []
    assert rig.faults == []
    assert rig.test.current.next_utc is None
