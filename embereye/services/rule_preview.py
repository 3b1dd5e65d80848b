"""What a rule would say with the newest values; also one that nobody has saved yet. Any thread."""

from collections.abc import Iterable
from datetime import tzinfo
from math import isnan, nan

from embereye.config.rule_options import AlarmRule
from embereye.model.rule_preview import (
    ConditionPreview,
    PlacePreview,
    RulePreview,
    SourcePreview,
    Standing,
)
from embereye.model.stamp import Stamp
from embereye.rules.alarm_rule import Term
from embereye.rules.calendar import local_moment
from embereye.rules.risk_limits import SENSOR_AGE
from embereye.rules.rule_probe import STATES, Criterion, Feed, Input
from embereye.services.rule_inputs import LatestInputs
from embereye.services.rule_site import PlacedRule, RuleSite, placed_rules
from embereye.services.rule_terms import RuleTerms, camera_id, device_id
from embereye.services.rule_values import (
    TEMPERATURE,
    AlarmStates,
    alarm_states,
    label_value,
    longest_age,
    sensor_value,
    thermal_value,
)


def preview_of(
    rule: AlarmRule, site: RuleSite, latest: LatestInputs, now: Stamp, zone: tzinfo | None = None
) -> RulePreview:
    """What `rule` says; it need not be one of the site's.

    Args:
        latest: `RuleWatch.current`.
        zone: Time zone of its hours; None: that of this machine.
    """
    look = _Look(site, latest, now)
    placed = list(placed_rules(rule, RuleTerms(site.settings, site.risk), possible=False))
    places = tuple(_place(one, look) for one in placed if one.plan.possible())
    moment = local_moment(now.utc, zone)
    barred = placed[0].when.barred(moment, latest.mode, site.holidays) if placed else ""
    groups = tuple(
        tuple(_condition(placed, g, c, look) for c in range(len(group.conditions)))
        for g, group in enumerate(rule.groups)
    )
    return RulePreview(groups, places, barred, _sentence(places, barred))


class _Look:
    """The newest values against criteria."""

    def __init__(self, site: RuleSite, latest: LatestInputs, now: Stamp) -> None:
        self.site = site
        self._latest = latest
        self._now = now.mono
        self._states: AlarmStates | None = None

    def standing(self, criterion: Criterion) -> Standing:
        value, age = self.value(criterion.feed)
        if age is None or age > self._longest(criterion.feed):
            return Standing.UNKNOWN
        signed = -value if criterion.below else value
        return Standing.HOLDS if signed >= criterion.rule.level else Standing.NOT

    def source(self, term: Term, placed: PlacedRule) -> SourcePreview:
        value, age = self.value(term.criterion.feed)
        return SourcePreview(
            source=term.criterion.feed.source,
            place=placed.place,
            text=term.words.condition(term.criterion),
            value="" if age is None else term.words.amount(value),
            age=age,
            state=self.standing(term.criterion),
        )

    def value(self, feed: Feed) -> tuple[float, float | None]:
        """The newest value and its age, s; None: there is none."""
        value, at = self._read(feed)
        return value, None if isnan(value) else max(0.0, self._now - at)

    def _read(self, feed: Feed) -> tuple[float, float]:
        if feed.input in STATES:
            if self._states is None:
                self._states = alarm_states(self._latest.alarms)
            return self._states.value(feed), self._now
        if feed.input is Input.LABEL:
            camera = camera_id(feed.source)
            sighting = self._latest.sightings.get(camera)
            zone = self.site.zone_names.get((camera, feed.part), "")
            if sighting is None:
                return nan, 0.0
            return label_value(sighting, feed.what, zone), sighting.counting.at.mono
        if feed.input is Input.THERMAL or feed.what == TEMPERATURE:
            return self._thermal(feed)
        device = device_id(feed.source)
        reading = self._latest.readings.get(device)
        if reading is None:
            return nan, 0.0
        return sensor_value(reading, feed.what, self.site.risk.gas.get(device)), reading.at.mono

    def _thermal(self, feed: Feed) -> tuple[float, float]:
        seen = self._latest.pictures.get(device_id(feed.source))
        if seen is None:
            return nan, 0.0
        at = seen.frame.at.mono
        if feed.what == TEMPERATURE:
            found = seen.frame.ta_celsius
            return nan if found is None else found, at
        if feed.what == "rise":  # it needs a history, which is kept for rules in use only
            return self._latest.rises.get(feed, nan), at
        return thermal_value(seen, feed.what, feed.part), at

    def _longest(self, feed: Feed) -> float:
        device = device_id(feed.source)
        seen = self._latest.pictures.get(device)
        patience = self._latest.patience.get(device, SENSOR_AGE)
        return longest_age(feed, seen.period if seen is not None else 0.0, patience)


def _place(placed: PlacedRule, look: _Look) -> PlacePreview:
    known = {c: look.standing(c) for c in placed.plan.criteria()}
    if placed.plan.met(lambda criterion, _: known[criterion] is Standing.HOLDS):
        state = Standing.HOLDS
    elif placed.plan.met(lambda criterion, _: known[criterion] is not Standing.NOT):
        state = Standing.UNKNOWN
    else:
        state = Standing.NOT
    return PlacePreview(placed.place, look.site.risk.places.name(placed.place), state)


def _condition(placed: Iterable[PlacedRule], group: int, at: int, look: _Look) -> ConditionPreview:
    sources = tuple(
        look.source(term, one) for one in placed for term in one.plan.groups[group].conditions[at]
    )
    return ConditionPreview(_any(source.state for source in sources), sources)


def _any(states: Iterable[Standing]) -> Standing:
    found = set(states)
    for state in (Standing.HOLDS, Standing.NOT):
        if state in found:
            return state
    return Standing.UNKNOWN


def _sentence(places: tuple[PlacePreview, ...], barred: str) -> str:
    if not places:
        return "It can alarm nowhere: nothing that it looks at is there."
    burning = [one.name for one in places if one.state is Standing.HOLDS]
    if barred:
        also = f"; else it would alarm at {', '.join(burning)}" if burning else ""
        return f"It does not count now: {barred}{also}."
    if burning:
        return f"It would alarm now at {', '.join(burning)}."
    if all(one.state is Standing.UNKNOWN for one in places):
        return "Nobody knows whether it would alarm: its values are missing."
    return "It would not alarm now."
