"""The limits of the risk rules: defaults, units and ranges in one place.

The defaults are those of the project's alarm design; dead bands and off-delays are our own choice,
wide enough that noise of the sensor (0.5 K, 1 point) cannot make an alarm chatter.
"""

from dataclasses import dataclass, field, fields
from typing import Any

from embereye.model.errors import ConfigError
from embereye.rules.limits import LimitRule


def _limit(default: float, low: float, high: float, unit: str, text: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "unit": unit, "help": text})


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """When the values of one device or camera count; immutable, checked when made.

    `dataclasses.fields(RiskLimits)[i].metadata` has low, high, unit and help of each.

    Raises:
        ConfigError: A value lies outside its range; one problem per field.
    """

    thermal_fire: float = _limit(85.0, 30, 500, "°C", "Maximum temperature that is a fire")
    thermal_high: float = _limit(60.0, 25, 400, "°C", "Maximum temperature of the pre-alarm")
    thermal_delay: float = _limit(2.0, 0, 60, "s", "How long the temperature must last")
    thermal_dead_band: float = _limit(3.0, 0.5, 30, "K", "Fall below the limit that ends it")
    thermal_off_delay: float = _limit(5.0, 0, 600, "s", "How long it must stay below")
    rise_rate: float = _limit(8.0, 1, 100, "°C/min", "Rate of rise of the pre-alarm")
    rise_span: float = _limit(5.0, 1, 50, "K", "Rise needed before the rate counts")
    rise_window: float = _limit(60.0, 20, 600, "s", "History that the rate is taken from")
    flame_margin: float = _limit(25.0, 2, 90, "points", "Flame channel above its idle level")
    smoke_margin: float = _limit(15.0, 2, 90, "points", "Smoke channel above its idle level")
    learning_limit: float = _limit(80.0, 20, 100, "%", "Flame and smoke limit until learned")
    pf_dead_band: float = _limit(3.0, 0.5, 30, "points", "Fall below the limit that ends it")
    pf_on_delay: float = _limit(0.0, 0, 60, "s", "How long flame or smoke must last")
    pf_off_delay: float = _limit(5.0, 0, 600, "s", "How long it must stay below")
    pf_hits: int = _limit(1, 1, 20, "", "Flame or smoke values needed …")
    pf_of: int = _limit(1, 1, 20, "", "… of this many last ones")
    gas_ppm: float = _limit(50.0, 1, 100_000, "ppm", "Gas concentration that is an alarm")
    gas_dead_band: float = _limit(10.0, 1, 50, "% of the limit", "Fall that ends it")
    gas_on_delay: float = _limit(0.0, 0, 600, "s", "How long the gas must last")
    gas_off_delay: float = _limit(10.0, 0, 600, "s", "How long it must stay below")
    vision_fire: float = _limit(0.70, 0.3, 0.99, "", "Score that counts as fire")
    vision_smoke: float = _limit(0.70, 0.3, 0.99, "", "Score that counts as smoke")
    vision_hits: int = _limit(3, 1, 20, "", "Such scores needed …")
    vision_of: int = _limit(5, 1, 20, "", "… of this many last ones")
    vision_hint: float = _limit(0.50, 0.1, 0.99, "", "Score that counts beside another input")
    vision_dead_band: float = _limit(0.10, 0, 0.5, "", "Fall below the score that ends it")
    # A flame hides behind smoke or people for seconds; each return would be announced again.
    vision_off_delay: float = _limit(30.0, 0, 600, "s", "How long it must stay below")
    together: float = _limit(10.0, 1, 120, "s", "Two inputs closer than this are a fire")

    def __post_init__(self) -> None:
        problems = [
            f"{f.name}: {getattr(self, f.name):g} is outside "
            f"{f.metadata['low']:g}–{f.metadata['high']:g} {f.metadata['unit']}".rstrip()
            for f in fields(self)
            if not f.metadata["low"] <= getattr(self, f.name) <= f.metadata["high"]
        ]
        if self.thermal_high >= self.thermal_fire:
            problems.append("thermal_high: must be below thermal_fire")
        if self.pf_hits > self.pf_of:
            problems.append("pf_hits: must not exceed pf_of")
        if self.vision_hits > self.vision_of:
            problems.append("vision_hits: must not exceed vision_of")
        if problems:
            raise ConfigError("These limits cannot be used.", tuple(problems))

    def thermal(self, level: float) -> LimitRule:
        """The rule for a maximum temperature of `level` °C."""
        return LimitRule(level, self.thermal_dead_band, self.thermal_delay, self.thermal_off_delay)

    def rise(self) -> LimitRule:
        """The rule for a rate in °C/min; ends below half of it, at once (the window is slow)."""
        return LimitRule(self.rise_rate, self.rise_rate / 2)

    def pf(self, level: float) -> LimitRule:
        """The rule for a flame or smoke channel of `level` %."""
        return LimitRule(
            level, self.pf_dead_band, self.pf_on_delay, self.pf_off_delay, self.pf_hits, self.pf_of
        )

    def digital(self) -> LimitRule:
        """The rule for the digital flame input, 0 or 1."""
        return LimitRule(1.0, 0.0, self.pf_on_delay, self.pf_off_delay, self.pf_hits, self.pf_of)

    def gas(self) -> LimitRule:
        """The rule for a concentration in ppm."""
        band = self.gas_ppm * self.gas_dead_band / 100
        return LimitRule(self.gas_ppm, band, self.gas_on_delay, self.gas_off_delay)

    def vision(self, level: float) -> LimitRule:
        """The rule for a score that must be seen N of M times."""
        return LimitRule(
            level,
            self.vision_dead_band,
            off_delay=self.vision_off_delay,
            hits=self.vision_hits,
            of=self.vision_of,
        )

    def hint(self) -> LimitRule:
        """The rule for a score that counts only beside another input."""
        return LimitRule(self.vision_hint, self.vision_dead_band)


# Ages after which a value says nothing any more (alarm design, "Inputs to an alarm").
VISION_AGE = 5.0  # s
SENSOR_AGE = 15.0  # s, or three periods of a slower device
SENSOR_AGE_PERIODS = 3
GAS_AGE = 60.0  # s


def sensor_age(period: float) -> float:
    """Seconds after which a thermal or PF value of a device with this period (s) is unknown."""
    return max(SENSOR_AGE, SENSOR_AGE_PERIODS * period)
