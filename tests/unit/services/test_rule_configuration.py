"""Changes of rules: saved whole or not at all, by whoever may, never over another's work."""

from pathlib import Path

import pytest

from embereye.config.load import Layers
from embereye.config.schema import AlarmRule
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.messages import RequestRefused
from embereye.model.rule_messages import (
    EnableRuleAsked,
    RemoveRuleAsked,
    SaveCalendarAsked,
    SaveRuleAsked,
)
from embereye.model.rule_problem import Written
from embereye.services.access import Access
from embereye.services.configuration import Configuration
from embereye.services.rule_configuration import RuleConfiguration, row_of, values_of

RULE, QUIET = Written.RULE, Written.SUPPRESSION
GATE = {"id": "gate", "name": "Gate", "groups": [{"conditions": [{"label": "person"}]}]}
LOADING = {"id": "dock", "name": "Dock", "place": "yard", "kind": "intrusion", "modes": ["armed"]}


class Desk:
    def __init__(self, folder: Path, role: str = "supervisor") -> None:
        self.file = folder / "settings.toml"
        self.file.write_text(f'role = "{role}"\n')
        self.store = SettingsStore(Layers(self.file, environment={}))
        self.audited: list[str] = []
        access = Access(lambda: self.store.current)
        self._part = RuleConfiguration(self.store, access, self._audit)

    def do(self, request: object) -> None:
        self._part.doers[type(request)](request)

    def add(self, values=GATE, kind=RULE):
        self.do(SaveRuleAsked(kind, values, "alice"))

    def seen(self, ident="gate", kind=RULE):
        return values_of(row_of(self.store.current, kind, ident))

    @property
    def rules(self):
        return self.store.current.rules

    def _audit(self, subject: str, actor: str, text: str) -> None:
        self.audited.append(f"{subject} {actor} {text}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_rule_is_added_changed_switched_and_removed(desk):
    desk.add()
    assert desk.rules == (AlarmRule.model_validate(GATE),)
    desk.do(SaveRuleAsked(RULE, {**desk.seen(), "priority": "high"}, "bob", desk.seen()))
    assert desk.rules[0].priority == "high"
    desk.do(EnableRuleAsked(RULE, "gate", False, "bob"))
    assert not desk.rules[0].enabled
    desk.do(RemoveRuleAsked(RULE, "gate", "bob", desk.seen()))
    assert desk.rules == ()
    assert desk.audited == [
        "rule gate alice added",
        "rule gate bob changed: priority = high",
        "rule gate bob switched off",
        "rule gate bob removed: Gate",
    ]


def test_a_suppression_is_saved_beside_the_rules(desk):
    desk.add()
    desk.add(LOADING, QUIET)
    assert [one.id for one in desk.store.current.suppressions] == ["dock"]
    assert [one.id for one in desk.rules] == ["gate"]


def test_what_is_saved_is_read_again_by_the_next_run(desk):
    desk.add()
    again = SettingsStore(Layers(desk.file, environment={}))
    assert again.current.rules == desk.rules


def test_a_change_of_what_somebody_else_changed_is_refused(desk):
    desk.add()
    seen = desk.seen()
    desk.do(SaveRuleAsked(RULE, {**seen, "name": "First"}, "bob", seen))
    with pytest.raises(ConfigError, match="somebody changed it meanwhile"):
        desk.do(SaveRuleAsked(RULE, {**seen, "name": "Second"}, "eve", seen))
    with pytest.raises(ConfigError, match="somebody changed it meanwhile"):
        desk.do(RemoveRuleAsked(RULE, "gate", "eve", seen))
    assert desk.rules[0].name == "First"


def test_a_change_by_hand_in_the_file_is_not_overwritten(desk):
    desk.add()
    seen = desk.seen()
    desk.file.write_text(desk.file.read_text().replace('"Gate"', '"By hand"'))
    desk.store.reload()  # it keeps its revision
    with pytest.raises(ConfigError, match="somebody changed it meanwhile"):
        desk.do(SaveRuleAsked(RULE, {**seen, "priority": "low"}, "eve", seen))
    assert desk.rules[0].name == "By hand"


def test_changes_elsewhere_are_in_nobodys_way(desk):
    desk.add()
    seen = desk.seen()
    desk.add({**GATE, "id": "other"})
    desk.do(SaveRuleAsked(RULE, {**seen, "name": "Mine"}, "bob", seen))
    assert [rule.name for rule in desk.rules] == ["Mine", "Gate"]


def test_what_was_removed_meanwhile_does_not_come_back(desk):
    desk.add()
    seen = desk.seen()
    desk.do(RemoveRuleAsked(RULE, "gate", "bob", seen))
    for request in (
        SaveRuleAsked(RULE, seen, "eve", seen),
        EnableRuleAsked(RULE, "gate", True, "eve"),
        RemoveRuleAsked(RULE, "gate", "eve", seen),
    ):
        with pytest.raises(ConfigError, match="removed by somebody else"):
            desk.do(request)
    assert desk.rules == ()


def test_an_id_is_given_once(desk):
    desk.add()
    with pytest.raises(ConfigError) as caught:
        desk.add({**GATE, "name": "Another"})
    assert "there already" in caught.value.problems[0]
    assert desk.rules[0].name == "Gate"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({**GATE, "id": "a b"}, "id"),
        ({**GATE, "name": ""}, "name"),
        ({**GATE, "groups": []}, "groups"),
        ({**GATE, "priority": "emergency", "sound": "none"}, "without sound"),
        ({**GATE, "groups": [{"conditions": [{"limit": 7}]}]}, "can never be"),
        ({**GATE, "colour": "red"}, "colour"),
        ({}, "id"),
    ],
)
def test_a_wrong_rule_changes_nothing(desk, values, told):
    with pytest.raises(ConfigError) as caught:
        desk.add(values)
    assert told in " ".join(caught.value.problems)
    assert desk.rules == ()
    assert desk.audited == []


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_a_supervisor_may(tmp_path, role):
    desk = Desk(tmp_path, role)
    for request in (
        SaveRuleAsked(RULE, GATE, "oscar"),
        EnableRuleAsked(RULE, "gate", False, "oscar"),
        RemoveRuleAsked(RULE, "gate", "oscar", {}),
        SaveCalendarAsked({}, "oscar", {}),
    ):
        with pytest.raises(ConfigError, match="needs the role supervisor"):
            desk.do(request)
    assert desk.rules == ()


def test_the_calendar_is_changed_unless_somebody_did_so_before(desk):
    seen = values_of(desk.store.current.calendar)
    values = {"holidays": ["12-25"], "modes": ["day", "night"]}
    desk.do(SaveCalendarAsked(values, "alice", seen))
    assert desk.store.current.calendar.modes == ("day", "night")
    with pytest.raises(ConfigError, match="calendar: somebody changed it"):
        desk.do(SaveCalendarAsked({"modes": ["x"]}, "bob", seen))


@pytest.mark.parametrize("values", [{"holidays": ["2027-02-30"]}, {"modes": []}])
def test_a_wrong_calendar_is_refused(desk, values):
    seen = values_of(desk.store.current.calendar)
    with pytest.raises(ConfigError) as caught:
        desk.do(SaveCalendarAsked(values, "alice", seen))
    assert caught.value.problems


def test_refusals_are_answered_to_the_person_and_name_the_rule(tmp_path):
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    published: list[object] = []
    desk = Configuration(store, None, lambda _: None, published.append)  # type: ignore[arg-type]
    assert SaveRuleAsked in desk.requests
    stop = _After(desk, SaveRuleAsked(RULE, {**GATE, "name": ""}, "alice"))
    desk.run(stop)  # type: ignore[arg-type]
    (refused,) = published
    assert isinstance(refused, RequestRefused)
    assert (refused.actor, refused.subject) == ("alice", "rule:gate")
    assert "name" in refused.text


class _After:
    """Lets the service work off one request, then stops it."""

    def __init__(self, desk: Configuration, request: object) -> None:
        desk.ask(request)
        self._looks = 0

    def is_set(self) -> bool:
        self._looks += 1
        return self._looks > 1
