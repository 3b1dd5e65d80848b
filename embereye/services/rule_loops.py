"""Rules that wait for each other in a circle; such an alarm could never end."""

from collections.abc import Iterable, Mapping

from embereye.config.rule_options import AlarmRule


def looping(rules: Iterable[AlarmRule]) -> frozenset[str]:
    """Ids of the rules on such circles; those that merely wait for them are not meant."""
    waits = {rule.id: _waited_for(rule) for rule in rules}
    return frozenset(rule for rule in waits if _reached(rule, waits))


def _waited_for(rule: AlarmRule) -> frozenset[str]:
    return frozenset(
        source
        for group in rule.groups
        for condition in group.conditions
        if condition.input == "alarm" and condition.kind == "rule"
        for source in condition.sources
    )


def _reached(start: str, waits: Mapping[str, frozenset[str]]) -> bool:
    """Whether a way leads from a rule back to it."""
    seen: set[str] = set()
    ahead = set(waits[start])
    while ahead:
        rule = ahead.pop()
        if rule == start:
            return True
        if rule not in seen:
            seen.add(rule)
            ahead |= waits.get(rule, frozenset())
    return False
