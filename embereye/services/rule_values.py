"""The values of what rules look at, taken from the messages that carry them. Any thread."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import nan

from embereye.model.alarm import Alarm, Cause
from embereye.model.detection import FIRE
from embereye.model.reading import SensorReading
from embereye.model.sighting import Sighting
from embereye.model.thermal_seen import ThermalSeen
from embereye.rules.device_inputs import GasRule
from embereye.rules.gas import pf_percent
from embereye.rules.risk_limits import GAS_AGE, VISION_AGE, sensor_age
from embereye.rules.rule_probe import STATES, Feed, Input
from embereye.rules.tracking import FLAMES

TEMPERATURE = "temperature"  # channel of the sensor chip; it comes with thermal pictures


def label_value(sighting: Sighting, label: str, zone: str) -> float:
    """Highest confidence of a label, 0–1; 0 where it is not seen.

    Objects count when they were seen often enough to be believed. A score of flame or smoke
    without movement never counts alone.

    Args:
        zone: Name of the area in which it must count; empty: anywhere.
    """
    if label in FLAMES:
        if not sighting.counting.moving:
            return 0.0
        if not zone:
            return sighting.counting.fire if label == FIRE else sighting.counting.smoke
    return max(
        (
            one.confidence
            for one in sighting.followed
            if one.label == label
            and (one.confirmed or label in FLAMES)
            and (not zone or zone in one.zones)
        ),
        default=0.0,
    )


def thermal_value(seen: ThermalSeen, measure: str, region: str) -> float:
    """Maximum, minimum or mean, °C; NaN while unknown. A rise counts from the maximum."""
    if not region:
        frame = seen.frame
        values = {"minimum": frame.min_celsius, "mean": frame.mean_celsius}
        return _or_nan(values.get(measure, frame.max_celsius))
    for one in seen.regions:
        if one.id == region:
            return _or_nan({"minimum": one.min, "mean": one.mean}.get(measure, one.max))
    return nan


def sensor_value(reading: SensorReading, channel: str, gas: GasRule | None) -> float:
    """%, 0 or 1, or ppm, by the channel; NaN where the packet does not have it."""
    if channel == "flame digital":
        return nan if reading.flame is None else float(reading.flame)
    if channel == "gas":
        adc = None if gas is None else getattr(reading, gas.channel)
        return nan if gas is None or adc is None else _or_nan(gas.ppm(adc))
    adc = reading.adc1 if channel == "smoke" else reading.adc2
    return nan if adc is None else pf_percent(adc)


def longest_age(feed: Feed, period: float, patience: float) -> float:
    """Seconds after which a value is unknown.

    Args:
        period: Between thermal pictures of the device, s.
        patience: For its sensor values, s.
    """
    if feed.input is Input.LABEL or feed.input in STATES:
        return VISION_AGE
    if feed.what == "gas":
        return GAS_AGE
    thermal = feed.input is Input.THERMAL or feed.what == TEMPERATURE
    return sensor_age(period) if thermal else patience


@dataclass(frozen=True, slots=True)
class AlarmStates:
    """Which alarms have a cause: 1 active, 0 none, NaN unknown.

    Attributes:
        causes: By place ("" any), kind and source ("" any); the gravest.
    """

    causes: Mapping[tuple[str, str, str], float] = field(default_factory=dict)

    def value(self, feed: Feed) -> float:
        """Of a fault or an alarm."""
        if feed.input is Input.ALARM:
            place = feed.source.removeprefix("place ")
            return self.causes.get((place, feed.what, feed.part), 0.0)
        faulty = feed.source.partition(" ")[2]
        return self.causes.get(("", feed.input.value, faulty), 0.0)


def alarm_states(alarms: Iterable[Alarm]) -> AlarmStates:
    """What these open alarms say."""
    causes: dict[tuple[str, str, str], float] = {}
    for alarm in alarms:
        if alarm.cause is Cause.CLEAR:
            continue
        value = 1.0 if alarm.cause is Cause.ACTIVE else nan
        key = alarm.key
        for place in (str(key.place), ""):
            for source in {key.source, ""}:
                name = place, str(key.kind), source
                if value == 1.0 or name not in causes:
                    causes[name] = value
    return AlarmStates(causes)


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
