"""What a rule or suppression means, in one sentence that a supervisor can check."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup, Suppression
from embereye.ui.rule_captions import is_state, scale_of
from embereye.ui.rule_choices import RuleChoices
from embereye.ui.zone_words import schedule_words

_WORDS = {"emergency": "FIRE", "high": "HIGH", "medium": "MEDIUM", "low": "LOW"}
# The shapes of ui.theme as letters, for lines of text.
PRIORITY_MARKS = {
    "emergency": "■ FIRE ·",
    "high": "▲ HIGH ·",
    "medium": "◆ MEDIUM ·",
    "low": "● LOW ·",
}
_STUFF = frozenset({"fire", "smoke", "flame"})  # of which nobody says "a"


def sentence(row: AlarmRule | Suppression, choices: RuleChoices) -> str:
    """All that matters about it; names in place of ids."""
    place = _place(row.place, choices)
    if isinstance(row, AlarmRule):
        priority = QCoreApplication.translate("words", _WORDS[row.priority])
        begin = _tr("Alarms {0} {1} when {2}").format(priority, place, _groups(row, choices))
    else:
        what = _tr("{0} alarms").format(row.kind)
        if row.source:
            what += _tr(" of {0}").format(choices.name_of(row.source))
        begin = _tr("Keeps {0} {1} quiet").format(what, place)
        if row.groups:
            begin += _tr(" while {0}").format(_groups(row, choices))
    off = "" if row.enabled else _tr(" It is switched off.")
    return f"{', '.join((begin, *_when(row)))}.{off}"


def when_words(row: AlarmRule | Suppression) -> str:
    """When it counts, short: "Mon–Fri 20:00–06:00 (next day), mode armed"."""
    return ", ".join(_when(row)) or _tr("always")


def condition_words(condition: Condition, choices: RuleChoices) -> str:
    """What must hold: "a person is seen in zone Gate with at least 0.60 for 5 s"."""
    told = _state(condition, choices) if is_state(condition.model_dump()) else ""
    if not told:
        limit = _limit(condition)
        if condition.input == "label":
            told = _tr("{0} is seen{1} with {2}").format(
                _thing(condition.label), _zone(condition, choices), limit
            )
        else:
            told = _tr("{0} is {1}").format(_value(condition, choices), limit)
    return told + _lasting(condition) + _at(condition, choices)


def _groups(row: AlarmRule | Suppression, choices: RuleChoices) -> str:
    told = [_group(group, choices) for group in row.groups]
    if len(told) == 1:
        return told[0]
    word = _tr(" and ") if row.need == "all" else _tr(" or ")
    return word.join(f"({text})" for text in told)


def _group(group: ConditionGroup, choices: RuleChoices) -> str:
    told = [condition_words(condition, choices) for condition in group.conditions]
    if len(told) == 1:
        return told[0]
    within = _tr(" within {0:g} s").format(group.within) if group.within else ""
    if group.need == "at least":
        text = _tr("at least {0} of these hold{1}: {2}")
        return text.format(group.count, within, "; ".join(told))
    return (_tr(" and ") if group.need == "all" else _tr(" or ")).join(told) + within


def _when(row: AlarmRule | Suppression) -> Sequence[str]:
    found = []
    schedule = row.schedule
    if schedule.days or schedule.start != schedule.end:
        found.append(schedule_words(schedule))
    if row.holidays != "also":
        only = row.holidays == "only"
        found.append(_tr("on holidays only") if only else _tr("not on holidays"))
    if row.modes:
        found.append(_tr("mode {0}").format(_tr(" or ").join(row.modes)))
    return found


def _place(place: str, choices: RuleChoices) -> str:
    if not place:
        return _tr("at each place")
    names = {str(ident): name for ident, name in choices.places.names.items()}
    return _tr("at {0}").format(names.get(place, place))


def _thing(label: str) -> str:
    if label in _STUFF:
        return label
    return f"an {label}" if label[:1] in "aeiou" else f"a {label}"


def _zone(condition: Condition, choices: RuleChoices) -> str:
    if not condition.zone:
        return ""
    names = dict(choices.zones("", condition.sources))
    return _tr(" in zone {0}").format(names.get(condition.zone, condition.zone))


def _value(condition: Condition, choices: RuleChoices) -> str:
    if condition.input == "sensor":
        own = condition.channel == "temperature"
        return _tr("the temperature of the sensor") if own else condition.channel
    names = dict(choices.regions("", condition.sources))
    region = names.get(condition.region, condition.region)
    of = _tr(" of {0}").format(region) if region else ""
    return _tr("the thermal {0}{1}").format(condition.measure, of)


def _state(condition: Condition, choices: RuleChoices) -> str:
    there = condition.comparison == "at least"
    if condition.input == "sensor":
        return _tr("digital flame is on") if there else _tr("digital flame is off")
    if condition.input == "alarm":
        rules = condition.kind == "rule"
        what = _tr("the alarm") if rules else _tr("the {0} alarm").format(condition.kind)
        return (
            _tr("{0} has a cause").format(what) if there else _tr("{0} has no cause").format(what)
        )
    what = _tr("a camera") if condition.input == "camera fault" else _tr("a device")
    text = _tr("{0} has a fault") if there else _tr("{0} has no fault")
    return text.format(what)


def _limit(condition: Condition) -> str:
    unit = scale_of(condition.model_dump()).unit
    amount = f"{condition.limit:g} {unit}" if unit else f"{condition.limit:.2f}"
    at_least = condition.comparison == "at least"
    return _tr("at least {0}").format(amount) if at_least else _tr("at most {0}").format(amount)


def _lasting(condition: Condition) -> str:
    seconds = _tr(" for {0:g} s").format(condition.on_delay) if condition.on_delay else ""
    often = _tr(" in {0} of {1} values").format(condition.hits, condition.of)
    return seconds + (often if condition.of > 1 else "")


def _at(condition: Condition, choices: RuleChoices) -> str:
    if not condition.sources:
        return ""
    names = [choices.name_of(source) for source in condition.sources]
    rules = condition.input == "alarm"
    text = _tr(" of {0}") if rules else _tr(" at {0}")
    return text.format(_tr(" or ").join(names))


def _tr(text: str) -> str:
    return QCoreApplication.translate("rule_sentence", text)
