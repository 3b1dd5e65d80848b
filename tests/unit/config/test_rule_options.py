"""Which rules can be written."""

import re
import tomllib
from pathlib import Path

import pytest

from embereye.config.load import check
from embereye.model.errors import ConfigError


def smoke(**changes):
    return {"input": "sensor", "channel": "smoke", "limit": 25, **changes}


def rule(*conditions, group=None, **changes):
    groups = [{"conditions": list(conditions), **(group or {})}]
    return {"id": "r1", "name": "Smoky", "groups": groups, **changes}


def refusal(*rules, **settings):
    with pytest.raises(ConfigError) as refused:
        check({"rules": list(rules), **settings})
    return " ".join(refused.value.problems)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (smoke(hits=3, of=2), "3 of the last 2 can never be"),
        (smoke(limit=101), "0–100, so 101 can never be"),
        (smoke(limit=0), "would always hold"),
        (smoke(comparison="at most", limit=100), "would always hold"),
        (smoke(comparison="at most", limit=-1), "can never be"),
        (smoke(dead_band=25), "never end"),
        (smoke(comparison="at most", limit=90, dead_band=10), "never end"),
        ({"input": "label", "limit": 60}, "0–1, so 60 can never be"),
        ({"input": "label", "limit": 0.5, "dead_band": 0.5}, "never end"),
        ({"input": "camera fault", "limit": 2}, "can never be"),
        ({"input": "alarm", "kind": "flood"}, "kind"),
        ({"input": "alarm", "kind": "rule"}, "name in `sources` the rules"),
        ({"input": "alarm", "kind": "rule", "sources": ["r1"]}, "cannot wait for its own alarm"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(condition, why):
    assert why in refusal(rule(condition))


@pytest.mark.parametrize(
    "condition",
    [
        smoke(),
        smoke(comparison="at most", limit=10, dead_band=5),
        {"input": "label", "label": "vehicle", "limit": 1.0},
        {"input": "thermal", "measure": "minimum", "comparison": "at most", "limit": -20},
        {"input": "thermal", "measure": "rise", "limit": 8},
        {"input": "sensor", "channel": "gas", "limit": 400, "dead_band": 50},
        {"input": "sensor", "channel": "flame digital"},
        {"input": "device fault"},
        {"input": "alarm", "kind": "fire"},
        {"input": "alarm", "kind": "rule", "sources": ["r2"]},
    ],
)
def test_a_condition_that_can_be_is_accepted(condition):
    assert check({"rules": [rule(condition)]}).rules[0].groups[0].conditions


@pytest.mark.parametrize(
    ("first", "second", "group", "contradicts"),
    [
        (60, 50, {}, True),
        (60, 60, {}, False),
        (50, 60, {}, False),
        (60, 50, {"need": "any"}, False),
        (60, 50, {"within": 30}, False),
        (60, 50, {"need": "at least", "count": 2}, True),
    ],
)
def test_limits_on_one_value_that_exclude_each_other_are_refused(first, second, group, contradicts):
    conditions = (
        smoke(sources=["d1"], limit=first),
        smoke(sources=["d1"], comparison="at most", limit=second),
    )
    written = rule(*conditions, group=group)
    if contradicts:
        assert "conditions 1 and 2 contradict each other" in refusal(written)
    else:
        check({"rules": [written]})


def test_limits_on_several_sources_need_not_contradict():
    several = {"sources": ["d1", "d2"]}
    check({"rules": [rule(smoke(**several, limit=60),
                          smoke(**several, comparison="at most", limit=50))]})  # fmt: skip


@pytest.mark.parametrize(
    "group", [{"need": "any", "within": 10}, {"need": "at least", "count": 1, "within": 10}]
)
def test_within_is_about_two_conditions(group):
    assert "two conditions or more" in refusal(rule(smoke(), smoke(limit=30), group=group))


@pytest.mark.parametrize("day", ["02-30", "2027-02-29", "13-01", "1-1", "2027-1-1", "x", ""])
def test_a_day_that_does_not_exist_is_no_holiday(day):
    assert "is no day" in refusal(calendar={"holidays": [day]})


def test_days_of_leap_years_and_of_each_year_are_holidays():
    days = ("02-29", "2028-02-29", "12-25")
    assert check({"calendar": {"holidays": list(days)}}).calendar.holidays == days


def test_modes_are_distinct():
    assert "there twice" in refusal(calendar={"modes": ["armed", "armed"]})


def test_an_emergency_is_never_without_sound():
    assert "sound" in refusal(rule(smoke(), priority="emergency", sound="none"))


def test_the_examples_of_the_documentation_can_be_written():
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    examples = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) >= 4
    for example in examples:
        check(tomllib.loads(example))
