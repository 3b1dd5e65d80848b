"""What the editor is told about a rule that nobody has saved."""

import pytest
from rule_parts import PERSON, SMOKE, RuleDesk, person, rule

from embereye.config.rule_options import AlarmRule
from embereye.model.rule_preview import Standing


def preview(desk, written):
    desk.wait(0.5)
    return desk.rules.preview(AlarmRule.model_validate(written))


def test_the_newest_value_is_shown_with_its_age_and_whether_it_holds():
    desk = RuleDesk()
    desk.pf(31.0)
    desk.clock.advance(2.0)
    shown = preview(desk, rule({**SMOKE, "sources": ["d1"]}, place="boiler"))
    ((condition,),) = shown.groups
    (source,) = condition.sources
    assert (source.source, source.value, source.state) == ("device d1", "31 %", Standing.HOLDS)
    assert source.text == "smoke ≥ 25 %, device Head"
    assert source.age == pytest.approx(2.5)
    assert shown.alarms
    assert shown.text == "It would alarm now at Boiler house."


@pytest.mark.parametrize(
    ("smoke", "wait", "state", "text"),
    [
        (7.0, 0.0, Standing.NOT, "It would not alarm now."),
        (
            31.0,
            20.0,
            Standing.UNKNOWN,
            "Nobody knows whether it would alarm: its values are missing.",
        ),
    ],
)
def test_what_does_not_hold_is_no_alarm_and_what_is_old_unknown(smoke, wait, state, text):
    desk = RuleDesk()
    desk.pf(smoke)
    desk.wait(wait)
    shown = preview(desk, rule({**SMOKE, "sources": ["d1"]}, place="boiler"))
    assert shown.groups[0][0].state is state
    assert (shown.alarms, shown.text) == (False, text)


def test_delays_are_told_and_not_waited_for():
    desk = RuleDesk()
    desk.seen(person())
    shown = preview(desk, rule({**PERSON, "on_delay": 60}, place="yard"))
    (source,) = shown.groups[0][0].sources
    assert source.text == "person in zone Gate ≥ 0.60 for 60 s, camera Door"
    assert (source.value, shown.alarms) == ("0.81", True)


def test_a_mode_that_does_not_count_says_what_would_be():
    desk = RuleDesk()
    desk.pf(31.0)
    shown = preview(desk, rule(SMOKE, modes=["disarmed"]))
    assert not shown.alarms
    assert shown.barred == "the mode is armed"
    assert shown.text == (
        "It does not count now: the mode is armed; else it would alarm at Boiler house."
    )


def test_states_are_told_as_yes_or_no():
    desk = RuleDesk()
    desk.alarm("fire")
    shown = preview(desk, rule({"input": "alarm", "kind": "fire"}, place="boiler"))
    assert shown.groups[0][0].sources[0].value == "yes"
    assert shown.alarms


def test_thermal_values_and_temperatures_are_shown():
    desk = RuleDesk()
    desk.picture(91.2, ta=41.0)
    conditions = (
        {"input": "thermal", "limit": 80},
        {"input": "sensor", "channel": "temperature", "limit": 80},
        {"input": "thermal", "measure": "rise", "limit": 8},
    )
    shown = preview(desk, rule(*conditions, place="boiler"))
    values = [condition.sources[0].value for condition in shown.groups[0]]
    assert values == ["91.2 °C", "41.0 °C", ""]
    assert [c.state for c in shown.groups[0]] == [Standing.HOLDS, Standing.NOT, Standing.UNKNOWN]


def test_a_rise_that_a_rule_measures_is_shown():
    measured = rule({"input": "thermal", "measure": "rise", "limit": 8})
    desk = RuleDesk(measured)
    for second in range(90):
        desk.picture(20.0 + second * 0.2)
        desk.wait(1.0)
    assert preview(desk, measured).groups[0][0].sources[0].value == "12.0 °C/min"


def test_a_rule_about_nothing_can_alarm_nowhere():
    shown = preview(RuleDesk(), rule({**SMOKE, "sources": ["gone"]}))
    assert shown.text == "It can alarm nowhere: nothing that it looks at is there."
    assert shown.places == ()
