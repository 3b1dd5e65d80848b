"""The reasons of thermal regions, as the operator reads them."""

from collections.abc import Callable

from embereye.rules.thermal_region import Measure, RegionRule
from embereye.rules.watch import Watch

_UNITS = {Measure.MAX: "°C", Measure.MIN: "°C", Measure.MEAN: "°C", Measure.RISE: "°C/min"}


def words_of(rule: RegionRule, name: str, other: str) -> Callable[[Watch], str]:
    """What a tripped watch of `rule` says: "Conveyor bearing: mean 71.2 °C ≥ 70 °C"."""
    subject = {
        Measure.SPREAD: f"{name}: spread",
        Measure.DIFFERENCE: f"{name} − {other}",
        Measure.AMBIENT: f"{name}: max − ambient",
        Measure.UNUSUAL: f"{name}: above background",
    }.get(rule.measure, f"{name}: {rule.measure}")
    unit = _UNITS.get(rule.measure, "K")
    sign = -1.0 if rule.below else 1.0
    relation = "≤" if rule.below else "≥"

    def words(watch: Watch) -> str:
        value, level = sign * watch.value, sign * watch.limit.rule.level
        return f"{subject} {value:.1f} {unit} {relation} {level:g} {unit}"

    return words
