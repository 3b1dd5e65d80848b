"""What is wrong with the rules and suppressions of the settings, in sentences that say what to do.

Nothing of this stops the program: a rule on something that is gone goes on with what is left.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from embereye.config.rule_options import AlarmRule, Suppression, contradictions
from embereye.config.schema import Schedule, Settings
from embereye.model.ids import PlaceId
from embereye.model.rule_preview import RulePreview, Standing
from embereye.model.rule_problem import RuleProblem, Written
from embereye.rules.rule_probe import Criterion, Input
from embereye.services.places import places_of
from embereye.services.risk_site import RiskSite, risk_site
from embereye.services.rule_conditions import ConditionCheck, Labels, nothing_known
from embereye.services.rule_loops import looping
from embereye.services.rule_site import PlacedRule, RuleSite, placed_rules
from embereye.services.rule_terms import SYSTEM, RuleTerms

_KINDS = ("gas", "intrusion", "camera fault", "device fault", "rule")  # all but fire

# What is there when nothing happens: °C of a warm room, idle levels of devices in the field (%),
# clean air. What holds with these alarms for ever.
_ROOM = 25.0
_AT_REST = {"smoke": 7.0, "flame": 32.0, "temperature": 35.0, "rise": 0.0}


def problems(
    settings: Settings, labels: Labels = nothing_known, today: date | None = None
) -> tuple[RuleProblem, ...]:
    """All of them, rules first, in the order of the settings. Any thread; no disk access.

    Args:
        labels: What the models of a camera can find.
        today: The local date; holidays before it are over.
    """
    check = _Check(settings, labels, today)
    found = [
        RuleProblem(Written.RULE, rule.id, rule.name, text)
        for rule in settings.rules
        for text in dict.fromkeys(check.rule(rule))
    ]
    found += [
        RuleProblem(Written.SUPPRESSION, one.id, one.name, text)
        for one in settings.suppressions
        for text in dict.fromkeys(check.suppression(one))
    ]
    return tuple(found)


def problems_of(
    rule: AlarmRule, preview: RulePreview, site: RuleSite, labels: Labels = nothing_known
) -> tuple[str, ...]:
    """What is wrong with a rule that somebody edits, in the settings of a site. Any thread."""
    before = [other for other in site.settings.rules if other.id != rule.id]
    settings = site.settings.model_copy(update={"rules": (*before, rule)})
    found = dict.fromkeys(_Check(settings, labels, None, site.risk).rule(rule))
    burning = [one.name for one in preview.places if one.state is Standing.HOLDS]
    if preview.alarms:
        text = f"it holds now, so it would alarm at {', '.join(burning)} as soon as it is saved."
        found[text] = None
    return tuple(found)


class _Check:
    """The settings, and what is asked of them again and again."""

    def __init__(
        self, settings: Settings, labels: Labels, today: date | None, risk: RiskSite | None = None
    ) -> None:
        self._settings = settings
        self._today = today
        self._places = places_of(settings)
        self._terms = RuleTerms(settings, risk or risk_site(settings))
        self._conditions = ConditionCheck(settings, self._places, labels)
        self._looping = looping(settings.rules)
        self._targets = {target.id for target in settings.notifications.targets}

    def rule(self, rule: AlarmRule) -> Iterator[str]:
        """What is wrong with one rule."""
        gone = list(self._gone(rule))
        yield from gone
        yield from self._never(rule)
        for target in rule.actions:
            if target not in self._targets:
                yield f"there is no outgoing target {target}. Choose another one, or add it."
        if rule.id in self._looping:
            yield "it waits for its own alarm by way of other rules. Break the circle."
        for other in self._same(rule):
            yield f"it says the same as rule {other.name}. Remove one of them."
        placed = list(placed_rules(rule, self._terms))
        if not placed and not gone:
            yield "it can alarm nowhere, since no place has all that it looks at. Change that."
        yield from _contradicting(rule, placed)
        if any(one.plan.met(lambda criterion, _: _holds_at_rest(criterion)) for one in placed):
            yield "it holds when nothing happens, so it would alarm at once. Change its limits."

    def suppression(self, one: Suppression) -> Iterator[str]:
        """What is wrong with one suppression."""
        yield from self._gone(one)
        yield from self._never(one)
        yield from self._source(one)
        if not one.enabled:
            return
        if not one.groups and _always(one):
            what = f"{one.kind} alarms{f' of {one.source}' if one.source else ''}"
            yield f"it keeps all {what} quiet for ever. Give it hours, modes or conditions."
        beside = {
            other.kind
            for other in self._settings.suppressions
            if other.enabled and other.place == one.place and not other.source
        }
        if beside.issuperset(_KINDS):
            yield "with the others it can keep every alarm of its place but fire quiet. Remove one."

    def _gone(self, one: AlarmRule | Suppression) -> Iterator[str]:
        known = {*self._terms.places, SYSTEM}
        if one.place and PlaceId(one.place) not in known:
            yield f"there is no place {one.place}. Choose another one, or add it."
            return
        for group in one.groups:
            for condition in group.conditions:
                yield from self._conditions.problems(condition, one.place)

    def _never(self, one: AlarmRule | Suppression) -> Iterator[str]:
        calendar = self._settings.calendar
        missing = [mode for mode in one.modes if mode not in calendar.modes]
        if missing:
            never = " It never counts." if len(missing) == len(one.modes) else ""
            yield f"there is no arming mode {', '.join(missing)}.{never} Choose another one."
        if one.holidays == "only" and not self._holidays_ahead(one.schedule):
            yield "it counts on holidays only, and none lies ahead. Add holidays to the calendar."

    def _holidays_ahead(self, schedule: Schedule) -> bool:
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        for text in self._settings.calendar.holidays:
            if len(text) < len("2027-01-01"):
                return True  # each year, so it falls on each day of the week
            day = date.fromisoformat(text)
            wanted = not schedule.days or names[day.weekday()] in schedule.days
            if wanted and (self._today is None or day >= self._today):
                return True
        return False

    def _same(self, rule: AlarmRule) -> Iterator[AlarmRule]:
        """Rules before this one that differ in their name only."""
        for other in self._settings.rules:
            if other.id == rule.id:
                return
            if other.model_copy(update={"id": rule.id, "name": rule.name}) == rule:
                yield other

    def _source(self, one: Suppression) -> Iterator[str]:
        known: dict[str, Iterable[str]] = {
            "camera fault": (c.id for c in self._settings.cameras),
            "device fault": (d.id for d in self._settings.devices),
            "rule": (rule.id for rule in self._settings.rules),
        }
        if one.source and one.source not in known.get(one.kind, ()):
            what = {"rule": "rule", "camera fault": "camera", "device fault": "device"}
            if one.kind in what:
                yield f"there is no {what[one.kind]} {one.source}. Choose another one."
            else:
                yield f"{one.kind} alarms have no source. Leave it empty."


def _contradicting(rule: AlarmRule, placed: Sequence[PlacedRule]) -> Iterator[str]:
    """Conditions on one value, where a place has one source of it only."""
    for g, group in enumerate(rule.groups):
        if group.needed < len(group.conditions) or group.within:
            continue
        for first, second in contradictions(group, single=True):
            alone = [one.place for one in placed if _one_source(one, g, first, second)]
            if alone:
                yield (
                    f"conditions {first} and {second} of a group contradict each other at"
                    f" {alone[0]}: their limits leave no value for both. Change one."
                )


def _one_source(placed: PlacedRule, group: int, first: int, second: int) -> bool:
    conditions = placed.plan.groups[group].conditions
    return len(conditions[first - 1]) == 1 == len(conditions[second - 1])


def _holds_at_rest(criterion: Criterion) -> bool:
    feed = criterion.feed
    if feed.input is Input.THERMAL:
        value = _AT_REST.get(feed.what, _ROOM)
    elif feed.input is Input.SENSOR:
        value = _AT_REST.get(feed.what, 0.0)
    else:
        value = 0.0
    signed = -value if criterion.below else value
    return signed >= criterion.rule.level


def _always(one: Suppression) -> bool:
    schedule = one.schedule
    every_day = not schedule.days or len(set(schedule.days)) == 7
    unlimited = schedule.start == schedule.end and every_day
    return unlimited and one.holidays == "also" and not one.modes
