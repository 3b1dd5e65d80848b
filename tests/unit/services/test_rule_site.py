"""What rules look at in the settings."""

import pytest
from rule_parts import PERSON, SITE, SMOKE, rule, site

from embereye.config.load import check
from embereye.model.alarm import AlarmKind, Priority, Scope
from embereye.model.ids import CameraId, PlaceId
from embereye.services.model_choice import looks_of
from embereye.services.rule_site import PlacedRule, rule_site
from embereye.services.suppressions import Suppressions

PLAIN = [{"id": "c1", "name": "Door", "source": "rtsp://h/1", "place": "yard"}]


@pytest.mark.parametrize(
    ("label", "enabled", "followed"),
    [("person", True, True), ("fire", True, False), ("person", False, False)],
)
def test_objects_are_followed_at_cameras_where_a_rule_looks_for_them(label, enabled, followed):
    looks = rule({"label": label}, enabled=enabled)
    settings = check({**SITE, "cameras": PLAIN, "rules": [looks]})
    assert looks_of(settings, lambda _: None, None).of(CameraId("c1")).follow is followed


def test_equal_conditions_of_several_rules_share_one_limit():
    placed = site(rule(SMOKE, ident="a"), rule(SMOKE, ident="b", place="boiler")).rules
    first, second = (one.plan.criteria() for one in placed)
    assert first == second


def test_a_rule_carries_what_follows():
    (placed,) = site(rule(SMOKE, priority="emergency", latching=True)).rules
    assert (placed.priority, placed.latching, placed.place) == (Priority.EMERGENCY, True, "boiler")


def test_sources_that_are_named_twice_count_once():
    (placed,) = site(rule({**PERSON, "sources": ["c1", "c1"]})).rules
    assert len(list(placed.plan.terms())) == 1


class Told:
    def __init__(self):
        self.calls = []
        self.suppressions = Suppressions(lambda *call: self.calls.append(call))

    def take(self, ident, on, name="Hot work", kind=AlarmKind.RULE):
        scope = Scope(PlaceId("boiler"), kind)
        (plan,) = {one.plan for one in site(rule(SMOKE)).rules}
        (when,) = {one.when for one in site(rule(SMOKE)).rules}
        placed = PlacedRule(ident, name, PlaceId("boiler"), plan, when, scope=scope)
        self.suppressions.take(placed, on)


def test_a_scope_is_quiet_until_the_last_suppression_of_that_name_ends():
    told = Told()
    for ident, on in (("a", True), ("b", True), ("a", False), ("b", False), ("b", False)):
        told.take(ident, on)
    assert [call[1:] for call in told.calls] == [("Hot work", True), ("Hot work", False)]


def test_fire_is_never_suppressed():
    told = Told()
    told.take("a", True, kind=AlarmKind.FIRE)
    assert told.calls == []


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree["rules"][0].update(priority="high"),
        lambda tree: tree["rules"][0].update(name="Another name"),
        lambda tree: tree["rules"][0].update(enabled=False),
        lambda tree: tree["rules"].pop(0),
        lambda tree: tree["rules"].reverse(),
        lambda tree: tree["rules"].append({**tree["rules"][0], "id": "third"}),
        lambda tree: tree["cameras"][0].update(place="yard"),
        lambda tree: tree["places"][0].update(name="Boiler house 2"),
        lambda tree: tree["detection"].update(fire_confidence=0.8),
        lambda tree: tree["wall"].update(layout=3),
        lambda tree: tree["calendar"].update(holidays=["12-25"]),
    ],
)
def test_what_is_taken_from_the_view_of_before_is_what_would_be_made_anew(change):
    condition = {"input": "label", "label": "person"}
    after = {"input": "alarm", "kind": "rule", "sources": ["first"]}
    tree = {
        "places": [{"id": "boiler", "name": "Boiler"}, {"id": "yard", "name": "Yard"}],
        "cameras": [{"id": "c1", "name": "c1", "source": "0", "place": "boiler"}],
        "rules": [
            {"id": "first", "name": "First", "groups": [{"conditions": [condition]}]},
            {"id": "second", "name": "Second", "groups": [{"conditions": [after]}]},
        ],
    }
    before = rule_site(check(tree))
    changed = check(tree).model_dump(mode="json")
    change(changed)
    settings = check(changed)
    assert rule_site(settings, before) == rule_site(settings)


def test_a_setting_that_no_rule_looks_at_makes_no_rule_anew():
    looks = {"id": "r", "name": "R", "groups": [{"conditions": [{"input": "label"}]}]}
    camera = {"id": "c1", "name": "c1", "source": "0"}
    before = rule_site(check({"cameras": [camera], "rules": [looks]}))
    after = rule_site(check({"cameras": [camera], "rules": [looks], "wall": {"layout": 3}}), before)
    assert before.rules
    assert all(one is other for one, other in zip(after.rules, before.rules, strict=True))
