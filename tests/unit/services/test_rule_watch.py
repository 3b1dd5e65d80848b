"""From packets, pictures, detections and alarms to the alarms of rules."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from rule_parts import PERSON, SITE, SMOKE, person, rule
from rule_parts import RuleDesk as Watch

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, Cause, Priority
from embereye.model.ids import AlarmId, DeviceId, PlaceId
from embereye.model.thermal import RegionReading, RegionState
from embereye.services.suppressions import Suppressions


def test_a_person_in_a_zone_is_told_with_camera_and_mode():
    watch = Watch(rule({**PERSON, "on_delay": 5}, place="yard", modes=["armed"]))
    for _ in range(6):
        watch.seen(person())
        watch.wait(1.0)
    assert watch.last.reasons == (
        "Rule r1: person 0.81 in zone Gate ≥ 0.60 for 5 s, camera Door",
        "mode armed",
    )
    assert watch.last.key == AlarmKey(PlaceId("yard"), AlarmKind.RULE, "r1")
    assert (watch.last.place_name, watch.last.cameras) == ("Yard", ("c1",))
    assert watch.last.sources == ("camera c1",)


@pytest.mark.parametrize(
    "followed",
    [person(zones=()), person(0.5), person(confirmed=False), replace(person(), label="vehicle")],
)
def test_who_is_elsewhere_unsure_or_something_else_does_not_count(followed):
    watch = Watch(rule(PERSON))
    for _ in range(5):
        watch.seen(followed)
        watch.wait(0.5)
    assert watch.reports == []


def test_fire_in_a_still_picture_does_not_count():
    watch = Watch(rule({"label": "fire", "limit": 0.5}))
    watch.seen(fire=0.9, moving=False)
    assert watch.reports == []
    watch.seen(fire=0.9)
    assert watch.last.reasons == ("Rule r1: fire 0.90 ≥ 0.50, camera Door",)


@pytest.mark.parametrize(
    ("condition", "packet", "reason"),
    [
        (SMOKE, {"smoke": 31.0}, "smoke 31 % ≥ 25 %, device Head"),
        (
            {"input": "sensor", "channel": "flame digital"},
            {"flame": True},
            "flame digital, device Head",
        ),
        (
            {"input": "sensor", "channel": "flame", "limit": 30},
            {},
            "flame 32 % ≥ 30 %, device Head",
        ),
    ],
)
def test_sensor_channels_alarm_with_their_unit(condition, packet, reason):
    watch = Watch(rule({**condition, "sources": ["d1"]}))
    watch.pf(**packet)
    assert watch.last.reasons == (f"Rule r1: {reason}",)


def test_gas_is_told_by_its_name_in_ppm():
    watch = Watch(rule({"input": "sensor", "channel": "gas", "limit": 100}))
    watch.pf(40.0, device="d2")
    (told,) = watch.last.reasons
    assert told.startswith("Rule r1: CO2 ")
    assert told.endswith(" ppm ≥ 100 ppm, device Foot")


def test_a_gas_sensor_is_no_smoke_channel():
    watch = Watch(rule({**SMOKE, "sources": ["d2"]}))
    watch.pf(smoke=90.0, device="d2")
    assert watch.reports == []


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"input": "thermal", "limit": 80}, "thermal maximum 91.2 °C ≥ 80 °C, device Head"),
        (
            {"input": "thermal", "measure": "minimum", "comparison": "at most", "limit": 20},
            "thermal minimum 18.0 °C ≤ 20 °C, device Head",
        ),
        (
            {"input": "thermal", "region": "b", "limit": 60},
            "thermal maximum 64.0 °C of Rack B ≥ 60 °C, device Head",
        ),
        (
            {"input": "sensor", "channel": "temperature", "limit": 40},
            "temperature of the sensor 41.0 °C ≥ 40 °C, device Head",
        ),
    ],
)
def test_thermal_measures_alarm_with_their_region(condition, reason):
    watch = Watch(rule(condition))
    region = RegionReading("b", "Rack B", 64.0, 20.0, 30.0, (0, 0), RegionState.OK)
    watch.picture(91.2, [region], ta=41.0)
    assert watch.last.reasons == (f"Rule r1: {reason}",)


def test_a_rise_is_measured_over_a_minute():
    watch = Watch(rule({"input": "thermal", "measure": "rise", "limit": 8}))
    for second in range(120):
        watch.picture(20.0 + second * 0.2)
        watch.wait(1.0)
    assert watch.last.reasons[0].startswith("Rule r1: thermal rise 12.0 °C/min ≥ 8 °C/min")


def test_a_region_without_temperature_is_unknown():
    watch = Watch(rule({"input": "thermal", "region": "b", "limit": 60}))
    hidden = RegionReading("b", "Rack B", None, None, None, None, RegionState.UNKNOWN)
    watch.picture(91.2, [hidden])
    assert watch.reports == []


@pytest.mark.parametrize(
    ("condition", "kind", "source"),
    [
        ({"input": "device fault"}, "device fault", "d1"),
        ({"input": "alarm", "kind": "gas"}, "gas", ""),
        ({"input": "alarm", "kind": "rule", "sources": ["other"]}, "rule", "other"),
    ],
)
def test_faults_and_alarms_are_conditions(condition, kind, source):
    watch = Watch(rule(condition, place="boiler"))
    watch.wait(1.0)
    watch.alarm(kind, source=source)
    assert watch.last.cause is Cause.ACTIVE
    watch.alarm(kind, Cause.UNKNOWN, source=source)
    assert watch.last.cause is Cause.UNKNOWN
    watch.alarm(kind, Cause.CLEAR, source=source)
    assert watch.last.cause is Cause.CLEAR


def test_a_fault_of_another_camera_or_an_alarm_elsewhere_does_not_count():
    watch = Watch(rule({"input": "alarm", "kind": "fire"}, place="boiler"))
    watch.alarm("fire", place="yard")
    assert watch.reports == []


def test_an_alarm_of_another_rule_counts_where_that_rule_alarms():
    waits = {"input": "alarm", "kind": "rule", "sources": ["smoky"]}
    watch = Watch(
        rule(SMOKE, ident="smoky", place="boiler"),
        rule(waits, ident="there", place="yard"),
        rule(waits, ident="everywhere"),
    )
    watch.alarm("rule", source="smoky")
    assert watch.causes == [("yard", "there", "active"), ("boiler", "everywhere", "active")]
    assert watch.last.reasons == ("Rule everywhere: rule alarm of Rule smoky",)


def test_a_fault_of_the_program_counts_at_any_place():
    watch = Watch(rule({"input": "alarm", "kind": "system fault"}, place="yard"))
    watch.alarm("system fault", place="system", source="sound")
    assert watch.last.cause is Cause.ACTIVE


def test_a_state_without_news_does_not_age():
    watch = Watch(rule({"input": "device fault"}, place="boiler"))
    watch.alarm("device fault", source="d1")
    watch.wait(30.0)
    assert [report.cause for report in watch.reports] == [Cause.ACTIVE]


def test_rules_that_wait_for_each_other_in_a_circle_never_alarm():
    def waits(ident, other):
        return rule({"input": "alarm", "kind": "rule", "sources": [other]}, ident=ident)

    watch = Watch(waits("a", "b"), waits("b", "a"), waits("c", "a"))
    watch.alarm("rule", source="a")
    assert {source for _, source, _ in watch.causes} == {"c"}


def test_a_rule_without_a_place_alarms_at_each_with_its_own_sources():
    watch = Watch(rule({**SMOKE, "sources": ["d1"]}, ident="r1"), rule(SMOKE, ident="r2"))
    watch.pf(smoke=50.0)
    assert watch.causes == [("boiler", "r1", "active"), ("boiler", "r2", "active")]


def test_a_rule_of_a_place_may_look_at_a_device_elsewhere():
    watch = Watch(rule({**SMOKE, "sources": ["d1"]}, place="yard"))
    watch.pf(smoke=50.0)
    assert watch.causes == [("yard", "r1", "active")]


@pytest.mark.parametrize(
    ("condition", "feed", "seconds"),
    [
        (PERSON, lambda watch: watch.seen(person()), 5.0),
        (SMOKE, lambda watch: watch.pf(50.0), 15.0),
        ({"input": "thermal", "limit": 80}, lambda watch: watch.picture(90.0), 15.0),
        (
            {"input": "sensor", "channel": "gas", "limit": 1},
            lambda watch: watch.pf(50.0, device="d2"),
            60.0,
        ),
    ],
)
def test_a_value_counts_for_its_age_and_never_ends_by_silence(condition, feed, seconds):
    watch = Watch(rule(condition))
    feed(watch)
    assert watch.last.cause is Cause.ACTIVE
    watch.wait(seconds - 1.0)
    assert watch.last.cause is Cause.ACTIVE
    watch.wait(2.0)
    assert watch.last.cause is Cause.UNKNOWN
    watch.wait(300.0)
    assert watch.last.cause is Cause.UNKNOWN


def test_a_slow_device_is_waited_for():
    watch = Watch(rule(SMOKE))
    for _ in range(4):
        watch.pf(50.0)
        watch.wait(20.0)
    assert [report.cause for report in watch.reports[:1]] == [Cause.ACTIVE]
    watch.wait(35.0)
    assert watch.last.cause is Cause.ACTIVE
    watch.wait(10.0)
    assert watch.last.cause is Cause.UNKNOWN


def test_a_schedule_that_ends_ends_the_cause():
    noon = 1_768_474_800.0  # 2026-01-15 12:00 in Berlin
    hours = {"start": "08:00", "end": "12:01"}
    watch = Watch(rule(SMOKE, schedule=hours), zone=ZoneInfo("Europe/Berlin"), utc=noon)
    watch.pf(50.0)
    assert watch.last.cause is Cause.ACTIVE
    watch.wait(61.0)
    assert (watch.last.cause, watch.last.reasons) == (
        Cause.CLEAR,
        ("Rule r1: outside its hours (08:00–12:01)",),
    )


def test_a_mode_that_is_put_in_force_judges_at_once():
    watch = Watch(rule(SMOKE, modes=["armed"]))
    watch.mode = "disarmed"
    watch.wait(1.0)
    watch.pf(50.0)
    assert watch.reports == []
    watch.mode = "armed"
    watch.engine.step()
    watch.engine.step()
    assert watch.last.cause is Cause.ACTIVE


def test_a_rule_that_is_removed_ends_its_cause():
    watch = Watch(rule(SMOKE))
    watch.pf(50.0)
    watch.assign()
    assert (watch.last.cause, watch.last.reasons) == (Cause.CLEAR, ("the rule was removed",))


def test_a_rule_that_is_switched_off_ends_its_cause():
    watch = Watch(rule(SMOKE))
    watch.pf(50.0)
    watch.assign(rule(SMOKE, enabled=False))
    assert (watch.last.cause, watch.last.reasons) == (Cause.CLEAR, ("the rule was switched off",))


def test_a_rule_that_gets_another_name_goes_on_without_a_word():
    watch = Watch(rule(SMOKE))
    watch.pf(50.0)
    watch.assign(rule(SMOKE, guidance="Run."))
    watch.wait(1.0)
    assert [report.cause for report in watch.reports] == [Cause.ACTIVE]


def test_a_rule_that_becomes_more_urgent_tells_so():
    watch = Watch(rule(SMOKE))
    watch.pf(50.0)
    watch.assign(rule(SMOKE, priority="emergency"))
    assert (watch.last.cause, watch.last.priority) == (Cause.ACTIVE, Priority.EMERGENCY)


def test_a_rule_with_other_limits_keeps_its_cause_as_unknown():
    watch = Watch(rule(SMOKE))
    watch.pf(50.0)
    watch.assign(rule({**SMOKE, "limit": 80}))
    assert watch.last.cause is Cause.UNKNOWN
    watch.pf(50.0)
    assert watch.last.cause is Cause.CLEAR


def restored(source="r1", place="boiler"):
    key = AlarmKey(PlaceId(place), AlarmKind.RULE, source)
    return Alarm(
        AlarmId(1), key, "Boiler house", Priority.HIGH, AlarmState.UNACKNOWLEDGED,
        Cause.UNKNOWN, ("Rule r1: smoke 50 %",), 0.0, 0.0,
    )  # fmt: skip


def test_after_a_restart_an_open_cause_waits_for_its_inputs():
    watch = Watch(rule({**SMOKE, "sources": ["d1"]}))
    watch.rules.restore([restored()])
    watch.assign(rule({**SMOKE, "sources": ["d1"]}))
    watch.wait(60.0)
    assert watch.reports == []
    watch.pf(7.0)
    assert (watch.last.cause, watch.last.reasons) == (Cause.CLEAR, ("Rule r1: smoke 50 %",))


def test_after_a_restart_values_that_waited_are_judged_with_the_mode_of_before():
    watch = Watch(rule(SMOKE, modes=["armed"]))
    watch.mode = "disarmed"
    watch.rules.restore([])
    watch.pf(50.0)
    assert watch.reports == []


def test_after_a_restart_the_cause_of_a_rule_that_is_gone_ends():
    watch = Watch()
    watch.rules.restore([restored()])
    watch.wait(1.0)
    assert watch.causes == [("boiler", "r1", "clear")]
    assert watch.last.reasons == ("the rule was removed",)


def test_a_quarantined_device_begins_causes_and_ends_none():
    watch = Watch(rule({**SMOKE, "sources": ["d1"]}))
    watch.quarantined = frozenset({DeviceId("d1")})
    watch.wait(1.0)
    watch.pf(50.0)
    watch.pf(7.0)
    assert [report.cause for report in watch.reports] == [Cause.ACTIVE, Cause.UNKNOWN]


def test_a_disabled_device_raises_nothing():
    devices = [{**SITE["devices"][0], "enabled": False}, SITE["devices"][1]]
    watch = Watch(rule(SMOKE), devices=devices)
    watch.pf(90.0)
    assert watch.reports == []


def suppression(**changes):
    return {"id": "s1", "name": "Hot work", "place": "boiler", "kind": "rule", **changes}


def test_a_suppression_holds_while_its_mode_does():
    watch = Watch(suppressions=[suppression(modes=["disarmed"])])
    watch.wait(1.0)
    assert watch.suppressed == []
    watch.mode = "disarmed"
    watch.wait(1.0)
    watch.mode = "armed"
    watch.wait(1.0)
    assert [on for *_, on in watch.suppressed] == [True, False]
    assert watch.suppressed[0][1].kind is AlarmKind.RULE
    assert watch.reports == []


def test_an_unknown_condition_suppresses_nothing():
    groups = [{"conditions": [SMOKE]}]
    watch = Watch(suppressions=[suppression(groups=groups)])
    watch.pf(50.0)
    assert watch.suppressed[-1][2] is True
    watch.wait(20.0)
    assert watch.suppressed[-1][2] is False


def test_a_suppression_that_is_removed_ends():
    watch = Watch(suppressions=[suppression()])
    watch.wait(1.0)
    assert watch.suppressed[-1][2] is True
    watch.assign()
    assert watch.suppressed[-1][2] is False


@pytest.mark.parametrize(
    "change", [{"name": "Welding"}, {"kind": "gas"}, {"source": "r1"}, {"place": "yard"}]
)
def test_a_suppression_that_is_changed_leaves_nothing_quiet_behind(change):
    watch = Watch(suppressions=[suppression()])
    quiet, course = set(), []

    def suppress(scope, reason, on):
        (quiet.add if on else quiet.discard)((scope.place, scope.kind, scope.source, reason))
        course.append(on)

    watch.follow_suppressions(Suppressions(suppress).take)
    watch.wait(1.0)
    assert quiet == {("boiler", "rule", None, "Hot work")}
    watch.assign(suppressions=[suppression(**change)])
    new = {**suppression(), "source": None, **change}
    assert quiet == {(new["place"], new["kind"], new["source"], new["name"])}
    assert course == [True, True, False]  # nothing is announced in between
