from dataclasses import fields

import pytest

from embereye.model.errors import ConfigError
from embereye.rules.risk_limits import RiskLimits


def test_the_defaults_are_those_of_the_design():
    limits = RiskLimits()
    assert (limits.thermal_fire, limits.thermal_high, limits.thermal_delay) == (85.0, 60.0, 2.0)
    assert (limits.rise_rate, limits.rise_span, limits.together) == (8.0, 5.0, 10.0)
    assert (limits.flame_margin, limits.smoke_margin, limits.learning_limit) == (25.0, 15.0, 80.0)
    assert (limits.vision_fire, limits.vision_hits, limits.vision_of) == (0.70, 3, 5)


@pytest.mark.parametrize("name", [f.name for f in fields(RiskLimits)])
def test_each_field_refuses_what_lies_outside_its_range(name):
    high = next(f for f in fields(RiskLimits) if f.name == name).metadata["high"]
    with pytest.raises(ConfigError) as refused:
        RiskLimits(**{name: high + 1})
    assert any(text.startswith(name) for text in refused.value.problems)


def test_the_pre_alarm_must_lie_below_the_fire():
    with pytest.raises(ConfigError):
        RiskLimits(thermal_fire=60.0, thermal_high=60.0)
