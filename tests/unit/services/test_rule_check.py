"""What is wrong with rules and suppressions, and what to do about it."""

from datetime import date

import pytest
from fakes import FakeClock
from rule_parts import PERSON, SITE, SMOKE, RuleDesk, rule, site

from embereye.config.load import check
from embereye.config.rule_options import AlarmRule
from embereye.model.messages import TableChanged
from embereye.model.vision_models import ModelTable
from embereye.services.model_choice import built_in_record
from embereye.services.model_labels import labels_of
from embereye.services.rule_check import problems, problems_of
from embereye.services.rule_review import RuleReview

TODAY = date(2026, 11, 21)


def settings(*rules, **changes):
    return check({**SITE, "rules": list(rules), **changes})


def texts(*rules, labels=lambda _: None, **changes):
    return [p.text for p in problems(settings(*rules, **changes), labels, TODAY)]


def test_rules_that_are_right_have_no_problem():
    rules = (rule(SMOKE, place="boiler"), rule(PERSON, ident="r2", modes=["armed"]))
    assert texts(*rules) == []


@pytest.mark.parametrize(
    ("condition", "changes", "problem"),
    [
        (SMOKE, {"place": "attic"}, "there is no place attic. Choose another one, or add it."),
        (
            {**SMOKE, "sources": ["d9"]},
            {},
            "there is no device d9. Choose another one, or add it.",
        ),
        (
            {**PERSON, "sources": ["c9"]},
            {},
            "there is no camera c9. Choose another one, or add it.",
        ),
        (
            SMOKE,
            {"place": "yard"},
            "there is no device at yard. Name one in `sources`, or add one.",
        ),
        (
            {**PERSON, "zone": "roof"},
            {},
            "its cameras have no zone roof. Draw it, or choose another one.",
        ),
        (
            {**PERSON, "label": "vehicle"},
            {},
            "zone Gate is not about vehicle. Add vehicle to its labels.",
        ),
        (
            {"input": "thermal", "region": "x", "limit": 80},
            {},
            "its devices have no thermal region x. Draw it, or choose another one.",
        ),
        (
            {"input": "sensor", "channel": "gas", "limit": 50, "sources": ["d1"]},
            {},
            "none of its devices has a gas sensor. Set the channel of the gas sensor there.",
        ),
        (
            {**SMOKE, "sources": ["d2"]},
            {},
            "channel ADC1 of its devices is a gas sensor. Choose gas in place of it.",
        ),
        (
            {"input": "alarm", "kind": "rule", "sources": ["r9"]},
            {},
            "there is no rule r9. Choose another one.",
        ),
        (
            SMOKE,
            {"modes": ["party"]},
            "there is no arming mode party. It never counts. Choose another one.",
        ),
        (
            SMOKE,
            {"actions": ["siren"]},
            "there is no outgoing target siren. Choose another one, or add it.",
        ),
        (
            SMOKE,
            {"holidays": "only"},
            "it counts on holidays only, and none lies ahead. Add holidays to the calendar.",
        ),
        (
            {"input": "thermal", "comparison": "at most", "limit": 100},
            {},
            "it holds when nothing happens, so it would alarm at once. Change its limits.",
        ),
        (
            {**PERSON, "comparison": "at most", "limit": 0.3},
            {},
            "it holds when nothing happens, so it would alarm at once. Change its limits.",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_says_what_to_do(condition, changes, problem):
    assert problem in texts(rule(condition, **changes))


def test_a_condition_that_holds_at_rest_beside_another_one_is_right():
    nobody = {**PERSON, "comparison": "at most", "limit": 0.3, "sources": ["c1"]}
    assert texts(rule({**SMOKE, "sources": ["d1"]}, nobody, place="boiler")) == []


def test_limits_that_exclude_each_other_contradict_where_there_is_one_device():
    low = {**SMOKE, "comparison": "at most", "limit": 20, "dead_band": 0}
    devices = SITE["devices"][:1]
    found = texts(rule({**SMOKE, "limit": 60}, low, place="boiler"), devices=devices)
    assert any("conditions 1 and 2 of a group contradict each other at boiler" in t for t in found)


@pytest.mark.parametrize(
    ("holidays", "days", "right"),
    [
        (["12-25"], [], True),
        (["2026-01-01"], [], False),  # over
        (["2026-12-25"], [], True),
        (["2026-12-25"], ["fri"], True),  # it is a Friday
        (["2026-12-25"], ["mon"], False),
    ],
)
def test_holidays_lie_ahead_or_the_rule_never_counts(holidays, days, right):
    found = texts(
        rule(SMOKE, place="boiler", holidays="only", schedule={"days": days}),
        calendar={"holidays": holidays},
    )
    assert (found == []) is right


def test_two_rules_that_say_the_same_are_told_once():
    same = [rule(SMOKE, place="boiler", ident=ident) for ident in ("r1", "r2")]
    assert texts(*same) == ["it says the same as rule Rule r1. Remove one of them."]


def test_circles_are_told_at_each_rule_on_them():
    def waits(ident, other):
        return rule(
            {"input": "alarm", "kind": "rule", "sources": [other]}, place="yard", ident=ident
        )

    found = texts(waits("a", "b"), waits("b", "a"))
    assert found == ["it waits for its own alarm by way of other rules. Break the circle."] * 2


def test_labels_that_no_model_finds_are_told():
    there = rule({**PERSON, "zone": ""}, place="yard")
    text = "no model of its cameras can find person. Choose a model that can, or another label."
    assert texts(there, labels=lambda _: frozenset({"fire", "smoke"})) == [text]
    assert texts(there, labels=lambda _: frozenset({"fire", "person"})) == []
    assert texts(there) == [], "nobody knows what its models find"


def test_the_built_in_model_knows_fire_and_smoke():
    known = labels_of(settings(), ModelTable(built_in=built_in_record()))("c1")
    assert known is None or {"fire", "smoke"} <= known
    unknown = settings(detection={"model": "built-in,nobody-knows"})
    assert labels_of(unknown, ModelTable())("c1") is None


def test_detection_that_is_off_is_told():
    found = texts(rule(PERSON), detection={"enabled": False})
    assert any("Switch detection on" in text for text in found)


def suppression(kind="rule", **changes):
    return {"id": f"s {kind}".replace(" ", "-"), "name": "Quiet", "place": "boiler",
            "kind": kind, **changes}  # fmt: skip


def test_a_suppression_for_ever_is_told():
    assert texts(suppressions=[suppression()]) == [
        "it keeps all rule alarms quiet for ever. Give it hours, modes or conditions."
    ]
    assert texts(suppressions=[suppression(modes=["disarmed"])]) == []


def test_suppressions_that_cover_a_place_are_told():
    kinds = ("gas", "intrusion", "camera fault", "device fault", "rule")
    found = texts(suppressions=[suppression(kind, modes=["disarmed"]) for kind in kinds])
    assert len(found) == 5
    assert all("every alarm of its place but fire" in text for text in found)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("camera fault", "there is no camera x. Choose another one."),
        ("rule", "there is no rule x. Choose another one."),
        ("gas", "gas alarms have no source. Leave it empty."),
    ],
)
def test_a_suppression_of_something_that_is_gone_is_told(kind, problem):
    found = texts(suppressions=[suppression(kind, source="x", modes=["disarmed"])])
    assert found == [problem]


def test_what_is_wrong_stops_no_other_rule():
    placed = site(rule(SMOKE, place="attic"), rule(SMOKE, place="boiler", ident="r2"))
    assert [one.id for one in placed.rules] == ["r2"]


def test_a_rule_that_is_edited_is_checked_before_it_is_saved():
    desk = RuleDesk(rule(SMOKE, place="boiler"))
    desk.pf(50.0)
    desk.wait(0.5)
    draft = AlarmRule.model_validate(rule({**SMOKE, "limit": 20}, place="boiler"))
    found = problems_of(draft, desk.rules.preview(draft), desk.rules.site)
    assert found == ("it holds now, so it would alarm at Boiler house as soon as it is saved.",)
    draft = AlarmRule.model_validate(rule(SMOKE, place="attic", ident="r2"))
    found = problems_of(draft, desk.rules.preview(draft), desk.rules.site)
    assert found == ("there is no place attic. Choose another one, or add it.",)


def test_a_review_tells_each_problem_once(caplog):
    configured = settings(rule(SMOKE, place="attic"))
    published = []
    review = RuleReview(lambda: configured, FakeClock(), published.append)
    review.look()
    review.look()
    assert caplog.text.count("Rule Rule r1: there is no place attic") == 1
    assert [m.table for m in published if isinstance(m, TableChanged)] == ["rule problems"]
    configured = settings()
    review.look()
    assert review.current == ()
