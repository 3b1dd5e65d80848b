"""Whatever a rule says and whatever comes in: it is evaluated, and unknown clears nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from rule_parts import RuleDesk as Watch
from rule_parts import person

from embereye.config.rule_options import AlarmRule
from embereye.model.alarm import Cause

LIMITS = st.sampled_from([0.3, 0.5, 0.9, 5.0, 25.0, 60.0, 90.0, 400.0])


def _valid(groups):
    """The options of a rule, or None where they cannot be."""
    try:
        rule = AlarmRule.model_validate({"id": "r1", "name": "Any", "groups": groups})
    except ValidationError:
        return None
    return rule.model_dump(mode="json")


CONDITION = st.fixed_dictionaries(
    {
        "input": st.sampled_from(["label", "thermal", "sensor"]),
        "label": st.sampled_from(["person", "fire"]),
        "zone": st.sampled_from(["", "gate"]),
        "measure": st.sampled_from(["maximum", "minimum", "mean", "rise"]),
        "channel": st.sampled_from(["smoke", "flame", "flame digital", "gas", "temperature"]),
        "comparison": st.sampled_from(["at least", "at most"]),
        "limit": LIMITS,
        "dead_band": st.sampled_from([0.0, 0.1, 3.0]),
        "on_delay": st.sampled_from([0.0, 2.0]),
        "off_delay": st.sampled_from([0.0, 2.0]),
        "hits": st.integers(1, 2),
        "of": st.integers(2, 3),
    }
)
STATE = st.fixed_dictionaries(
    {
        "input": st.sampled_from(["camera fault", "device fault", "alarm"]),
        "kind": st.sampled_from(["fire", "gas", "system fault"]),
        "comparison": st.sampled_from(["at least", "at most"]),
        "on_delay": st.sampled_from([0.0, 2.0]),
    }
)


def _rules(condition):
    group = st.fixed_dictionaries(
        {
            "need": st.sampled_from(["all", "any", "at least"]),
            "count": st.integers(1, 2),
            "within": st.sampled_from([0.0, 10.0]),
            "conditions": st.lists(condition, min_size=1, max_size=3),
        }
    )
    groups = st.lists(group, min_size=1, max_size=2)
    return groups.map(_valid).filter(lambda rule: rule is not None)


RULE = _rules(CONDITION)
ANY_RULE = st.builds(
    lambda rule, modes, hours, need: {**rule, "modes": modes, "schedule": hours, "need": need},
    _rules(st.one_of(CONDITION, STATE)),
    st.sampled_from([[], ["armed"]]),
    st.sampled_from([{}, {"start": "22:00", "end": "22:14"}]),
    st.sampled_from(["all", "any"]),
)
EVENT = st.tuples(
    st.sampled_from(["pf", "gas", "heat", "person", "fire", "nothing", "alarm", "mode"]),
    st.sampled_from([0.0, 0.4, 7.0, 26.0, 61.0, 95.0]),
    st.sampled_from([0.1, 1.0, 6.0, 20.0]),
)


def _play(watch, events):
    """Let it happen; each report that came in silence, not with a value."""
    silent = []
    for what, value, pause in events:
        if what == "pf":
            watch.pf(value, flame=value > 50)
        elif what == "gas":
            watch.pf(value, device="d2")
        elif what == "heat":
            watch.picture(value, ta=value / 2)
        elif what == "person":
            watch.seen(person(min(1.0, value)))
        elif what == "fire":
            watch.seen(fire=min(1.0, value))
        elif what == "alarm":
            cause = Cause.UNKNOWN if value > 60 else Cause.ACTIVE if value else Cause.CLEAR
            watch.alarm("fire", cause)
        elif what == "mode":
            watch.mode = "armed" if value else "disarmed"
        told = len(watch.reports)
        open_before = _open(watch)
        watch.wait(pause)
        silent += [(report, open_before) for report in watch.reports[told:]]
    return silent


def _open(watch):
    causes = {}
    for report in watch.reports:
        causes[report.key] = report.cause
    return {key: cause for key, cause in causes.items() if cause is not Cause.CLEAR}


_HARD = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def _without_memory(rule):
    """What is remembered for some time (`within`) may be known to be over by then."""
    return all(group["within"] == 0 for group in rule["groups"])


@_HARD
@given(RULE.filter(_without_memory), st.lists(EVENT, max_size=25))
def test_silence_begins_nothing_and_ends_nothing(rule, events):
    watch = Watch(rule)
    for report, before in _play(watch, [*events, ("nothing", 0.0, 90.0)]):
        assert report.cause is not Cause.CLEAR
        assert report.key in before
    assert all(cause is Cause.UNKNOWN for cause in _open(watch).values())


@_HARD
@given(ANY_RULE, st.lists(EVENT, max_size=25))
def test_a_cause_never_becomes_unknown_before_it_was_there(rule, events):
    watch = Watch(rule)
    _play(watch, events)
    causes = {}
    for report in watch.reports:
        before = causes.get(report.key, Cause.CLEAR)
        assert not (before is Cause.CLEAR and report.cause is Cause.UNKNOWN)
        assert report.cause is not before or report.cause is Cause.ACTIVE
        assert report.cause is not Cause.ACTIVE or report.reasons
        causes[report.key] = report.cause
