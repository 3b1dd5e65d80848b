"""The cause of one rule: what begins it, what keeps it, what ends it."""

import pytest

from embereye.model.alarm import Cause
from embereye.rules.alarm_rule import GroupPlan, RuleCause, RulePlan, Term
from embereye.rules.limits import LimitRule
from embereye.rules.rule_probe import Criterion, Feed, Input, Probe, ProbeState
from embereye.rules.rule_words import Words

AGE = 15.0


def smoke(device="d1", level=25.0, below=False, **limit):
    feed = Feed(Input.SENSOR, f"device {device}", "smoke")
    signed = -level if below else level
    return Term(
        Criterion(feed, LimitRule(signed, **limit), below),
        Words("smoke", by=f", device {device}", unit=" %"),
    )


class Rule:
    """A rule on a clock that tests move."""

    def __init__(self, *conditions, count=None, within=0.0):
        group = GroupPlan(conditions, len(conditions) if count is None else count, within)
        self.take(RulePlan((group,), 1), {})
        self.now = 100.0

    def take(self, plan, probes):
        self.probes = {c: probes.get(c) or Probe(c) for c in plan.criteria()}
        self.cause = RuleCause(plan, self.probes, "Smoky")

    def feed(self, value, device="d1"):
        for criterion, probe in self.probes.items():
            if criterion.feed.source == f"device {device}":
                probe.feed(self.now, value)
        return self.judge()

    def wait(self, seconds):
        self.now += seconds
        for probe in self.probes.values():
            probe.age(self.now, AGE)
        return self.judge()

    def judge(self, **how):
        finding = self.cause.judge(self.now, **how)
        return None if finding is None else finding.cause


def test_a_cause_begins_with_its_reason_and_source():
    rule = Rule((smoke(),))
    rule.probes[smoke().criterion].feed(rule.now, 31.0)
    finding = rule.cause.judge(rule.now, mode="armed")
    assert finding.cause is Cause.ACTIVE
    assert finding.reasons == ("Smoky: smoke 31 % ≥ 25 %, device d1", "mode armed")
    assert finding.sources == ("device d1",)


def test_a_condition_at_most_holds_below_its_limit():
    rule = Rule((smoke(level=10.0, below=True, dead_band=2.0),))
    assert rule.feed(11.0) is None
    assert rule.feed(10.0) is Cause.ACTIVE
    assert rule.feed(11.5) is None  # inside the dead band
    assert rule.feed(12.5) is Cause.CLEAR


@pytest.mark.parametrize(
    ("count", "values", "active"),
    [
        (1, (30, 0, 0), True),
        (2, (30, 0, 0), False),
        (2, (30, 0, 30), True),
        (3, (30, 0, 30), False),
        (3, (30, 30, 30), True),
    ],
)
def test_so_many_conditions_must_hold(count, values, active):
    rule = Rule((smoke("d1"),), (smoke("d2"),), (smoke("d3"),), count=count)
    for device, value in zip(("d1", "d2", "d3"), values, strict=True):
        rule.feed(float(value), device)
    assert (rule.cause.cause is Cause.ACTIVE) is active


def test_a_condition_holds_when_it_holds_at_any_of_its_sources():
    rule = Rule((smoke("d1"), smoke("d2")))
    rule.feed(0.0, "d1")
    assert rule.feed(30.0, "d2") is Cause.ACTIVE


def test_a_silent_input_keeps_its_cause_as_unknown_until_it_is_seen_clear():
    rule = Rule((smoke(),))
    rule.feed(30.0)
    assert rule.wait(AGE + 1) is Cause.UNKNOWN
    assert rule.wait(1000.0) is None
    assert rule.feed(5.0) is Cause.CLEAR


def test_an_input_that_held_nothing_does_not_keep_a_cause_when_it_falls_silent():
    rule = Rule((smoke("d1"), smoke("d2")))
    rule.feed(0.0, "d2")
    rule.feed(30.0, "d1")
    rule.now += AGE + 1
    rule.feed(30.0, "d1")
    rule.wait(0.0)
    assert rule.feed(0.0, "d1") is Cause.CLEAR


def test_an_unknown_input_begins_nothing():
    rule = Rule((smoke("d1"),), (smoke("d2"),))
    rule.feed(30.0, "d1")
    rule.wait(AGE + 1)
    assert rule.feed(30.0, "d2") is None
    assert rule.feed(30.0, "d1") is Cause.ACTIVE


def test_a_part_that_is_known_to_be_over_ends_what_needs_all():
    rule = Rule((smoke("d1"),), (smoke("d2"),))
    rule.feed(30.0, "d1")
    rule.feed(30.0, "d2")
    rule.now += 10
    rule.feed(30.0, "d2")
    assert rule.wait(10.0) is Cause.UNKNOWN
    assert rule.feed(0.0, "d2") is Cause.CLEAR


def test_conditions_within_some_time_need_not_hold_at_the_same_moment():
    rule = Rule((smoke("d1"),), (smoke("d2"),), within=10.0)
    rule.feed(30.0, "d1")
    rule.now += 1
    rule.feed(0.0, "d1")
    rule.now += 8
    assert rule.feed(30.0, "d2") is Cause.ACTIVE
    rule.now += 3
    assert rule.feed(0.0, "d1") is Cause.CLEAR


def test_time_that_passes_in_silence_ends_nothing():
    rule = Rule((smoke("d1"),), (smoke("d2"),), within=10.0)
    rule.feed(30.0, "d1")
    rule.now += 1
    rule.feed(0.0, "d1")
    rule.feed(30.0, "d2")
    rule.now += 8
    rule.feed(30.0, "d2")
    assert rule.cause.cause is Cause.ACTIVE
    assert rule.wait(AGE + 1) is Cause.UNKNOWN, "the first is over, but the second may go on"


def test_conditions_too_far_apart_do_not_meet():
    rule = Rule((smoke("d1"),), (smoke("d2"),), within=10.0)
    rule.feed(30.0, "d1")
    rule.now += 1
    rule.feed(0.0, "d1")
    rule.now += 10
    assert rule.feed(30.0, "d2") is None


def test_one_that_held_a_while_ago_is_told_so():
    rule = Rule((smoke("d1"),), (smoke("d2"),), within=10.0)
    rule.feed(30.0, "d1")
    rule.now += 1
    rule.feed(0.0, "d1")
    rule.now += 3
    rule.probes[smoke("d2").criterion].feed(rule.now, 40.0)
    assert rule.cause.judge(rule.now).reasons == (
        "Smoky: smoke 30 % ≥ 25 %, device d1, 4 s ago",
        "smoke 40 % ≥ 25 %, device d2",
    )


def test_what_is_barred_ends_with_the_reason():
    rule = Rule((smoke(),))
    rule.feed(30.0)
    finding = rule.cause.judge(rule.now, barred="the mode is disarmed")
    assert (finding.cause, finding.reasons) == (Cause.CLEAR, ("Smoky: the mode is disarmed",))
    assert rule.judge(barred="the mode is disarmed") is None
    assert rule.judge() is Cause.ACTIVE, "it still holds when it counts again"


def test_a_restored_cause_waits_until_each_input_was_seen_clear():
    rule = Rule((smoke("d1"), smoke("d2")))
    rule.cause.take_over(Cause.UNKNOWN, ("Smoky: smoke 30 %",))
    assert rule.wait(1.0) is None
    assert rule.feed(0.0, "d1") is None
    assert rule.feed(0.0, "d2") is Cause.CLEAR


def test_a_restored_cause_is_active_as_soon_as_it_is_seen():
    rule = Rule((smoke("d1"), smoke("d2")))
    rule.cause.take_over(Cause.UNKNOWN, ("Smoky: smoke 30 %",))
    assert rule.feed(40.0, "d2") is Cause.ACTIVE
    assert rule.feed(0.0, "d2") is Cause.UNKNOWN, "the other one was not seen yet"
    assert rule.feed(0.0, "d1") is Cause.CLEAR


def test_a_changed_rule_keeps_the_cause_until_its_new_inputs_are_seen():
    rule = Rule((smoke("d1"),))
    rule.feed(30.0)
    before = rule.cause
    rule.take(RulePlan((GroupPlan(((smoke("d1", 50.0),),), 1),), 1), rule.probes)
    rule.cause.follow(before)
    assert rule.judge() is Cause.UNKNOWN
    assert rule.feed(30.0) is Cause.CLEAR


def test_a_doubted_device_begins_a_cause_and_ends_none():
    rule = Rule((smoke("d1"),))
    rule.cause.doubted = frozenset({"device d1"})
    assert rule.feed(30.0) is Cause.ACTIVE
    assert rule.feed(0.0) is Cause.UNKNOWN
    rule.cause.doubted = frozenset()
    assert rule.feed(0.0) is Cause.CLEAR


def test_words_are_told_again_only_now_and_then():
    rule = Rule((smoke("d1"), smoke("d2")))
    rule.feed(30.0, "d1")
    rule.now += 1
    assert rule.feed(35.0, "d1") is None
    assert rule.feed(30.0, "d2") is None  # a second report within 2 s
    rule.now += 1
    assert rule.feed(36.0, "d1") is Cause.ACTIVE
    rule.now += 9
    assert rule.feed(50.0, "d1") is None
    rule.now += 1
    assert rule.feed(50.0, "d1") is Cause.ACTIVE


def test_a_probe_that_is_calm_still_knows_its_newest_value():
    probe = Probe(smoke().criterion)
    for value in (1.0, 2.0, 3.0):
        probe.feed(5.0, value)
    assert (probe.value, probe.state) == (3.0, ProbeState.CLEAR)
    assert probe.feed(6.0, 26.0)
    assert (probe.shown, probe.holds) == (26.0, True)


def test_a_plan_without_sources_cannot_hold():
    assert not RulePlan((GroupPlan(((),), 1),), 1).possible()
    assert RulePlan((GroupPlan(((), (smoke(),)), 1),), 1).possible()
    assert RulePlan().possible()
