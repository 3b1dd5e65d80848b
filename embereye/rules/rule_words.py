"""Conditions of rules as operators read them."""

from dataclasses import dataclass

from embereye.rules.rule_probe import Criterion


@dataclass(frozen=True, slots=True)
class Words:
    """How one criterion is told.

    Attributes:
        subject: "person", "thermal maximum", "smoke" …
        where: " in zone Gate", " of Rack B", or empty.
        by: ", camera Door", or empty.
        unit: With the space before it.
        digits: Behind the point of the value.
        plain: What is told of a state, in place of value and limit; of what is 0 or 1.
        not_plain: The same of a state that must not be.
    """

    subject: str = ""
    where: str = ""
    by: str = ""
    unit: str = ""
    digits: int = 0
    plain: str = ""
    not_plain: str = ""

    def condition(self, criterion: Criterion) -> str:
        """What must hold: "person in zone Gate ≥ 0.60 for 5 s, camera Door"."""
        return self._told("", criterion)

    def reason(self, criterion: Criterion, value: float) -> str:
        """What holds: "person 0.81 in zone Gate ≥ 0.60 for 5 s, camera Door"."""
        return self._told(f" {self.amount(value)}", criterion)

    def amount(self, value: float) -> str:
        """A value with its unit; of a state: yes or no."""
        if self.plain:
            return "yes" if value > 0 else "no"
        return f"{value:.{self.digits}f}{self.unit}"

    def _told(self, value: str, criterion: Criterion) -> str:
        if self.plain:
            told = self.not_plain if criterion.below else self.plain
        else:
            sign = "≤" if criterion.below else "≥"
            limit = self._limit(criterion.level)
            told = f"{self.subject}{value}{self.where} {sign} {limit}"
        return f"{told}{_lasting(criterion)}{self.by}"

    def _limit(self, level: float) -> str:
        return f"{level:.2f}" if not self.unit else f"{level:g}{self.unit}"


def _lasting(criterion: Criterion) -> str:
    rule = criterion.rule
    seconds = f" for {rule.on_delay:g} s" if rule.on_delay else ""
    often = f" in {rule.hits} of {rule.of} values" if rule.of > 1 else ""
    return seconds + often
