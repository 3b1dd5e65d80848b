"""Brings values of sensors, detectors and alarms to the conditions of rules that ask for them."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, isnan

from embereye.model.alarm import Alarm, AlarmTable
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import SensorReading
from embereye.model.sighting import Sighting
from embereye.model.stamp import Stamp
from embereye.model.thermal_seen import ThermalSeen
from embereye.rules.rise import RiseMeter
from embereye.rules.risk_limits import SENSOR_AGE, SENSOR_AGE_PERIODS, RiskLimits, sensor_age
from embereye.rules.rule_probe import STATES, Criterion, Feed, Input, Probe
from embereye.runtime.engine import Engine
from embereye.services.rule_site import RuleSite
from embereye.services.rule_terms import device_id
from embereye.services.rule_values import (
    TEMPERATURE,
    alarm_states,
    label_value,
    longest_age,
    sensor_value,
    thermal_value,
)

_LONG_GAP = SENSOR_AGE / SENSOR_AGE_PERIODS  # s; shorter periods do not change the age limit
_RISES = RiskLimits()  # window and least span of a rise, as of the risk

Changed = Callable[[list[Probe], Stamp], None]


@dataclass(frozen=True, slots=True)
class LatestInputs:
    """The newest of everything that rules can look at; a frozen snapshot.

    Attributes:
        patience: s after which a sensor value of a device is unknown.
        rises: °C/min, of what some rule measures.
        mode: The arming mode in force.
    """

    at: Stamp = Stamp(0.0, 0.0)  # noqa: RUF009 - immutable
    readings: Mapping[DeviceId, SensorReading] = field(default_factory=dict)
    pictures: Mapping[DeviceId, ThermalSeen] = field(default_factory=dict)
    sightings: Mapping[CameraId, Sighting] = field(default_factory=dict)
    patience: Mapping[DeviceId, float] = field(default_factory=dict)
    rises: Mapping[Feed, float] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()
    mode: str = ""


class RuleInputs:
    """The probes of all rules. Engine thread.

    Handles SensorReading, ThermalSeen and Sighting. Only sources that a rule looks at cost more
    than keeping the newest value.

    Args:
        changed: Gets the probes that a message changed.
    """

    def __init__(self, engine: Engine, site: RuleSite, changed: Changed) -> None:
        self._changed = changed
        self._site = site
        self.probes: dict[Criterion, Probe] = {}
        self._by_source: dict[str, list[tuple[Feed, tuple[Probe, ...]]]] = {}
        self._meters: dict[Feed, RiseMeter] = {}
        self._rhythms: dict[DeviceId, _Rhythm] = {}
        self._readings: dict[DeviceId, SensorReading] = {}
        self._pictures: dict[DeviceId, ThermalSeen] = {}
        self._sightings: dict[CameraId, Sighting] = {}
        self._rises: dict[Feed, float] = {}
        self._table = AlarmTable()
        engine.on(SensorReading, self._reading)
        engine.on(ThermalSeen, self._picture)
        engine.on(Sighting, self._sighting)

    def assign(self, site: RuleSite, criteria: Iterable[Criterion]) -> None:
        """Watch these; equal ones keep what they know."""
        self._site = site
        before, self.probes = self.probes, {}
        for criterion in criteria:
            self.probes[criterion] = before.get(criterion) or Probe(criterion)
        feeds: dict[Feed, list[Probe]] = {}
        for criterion, probe in self.probes.items():
            feeds.setdefault(criterion.feed, []).append(probe)
        self._by_source = {}
        for feed, probes in feeds.items():
            self._by_source.setdefault(_route(feed), []).append((feed, tuple(probes)))
        self._meters = {
            feed: self._meters.get(feed) or RiseMeter(_RISES.rise_window, _RISES.rise_span)
            for feed in feeds
            if feed.what == "rise"
        }
        self._rises = {feed: rate for feed, rate in self._rises.items() if feed in feeds}
        self._keep_known()

    def take_alarms(self, table: AlarmTable, now: Stamp) -> None:
        """Feed which alarms there are; also when nothing changed, so that it does not age."""
        self._table = table
        routes = self._by_source.get("states", ())
        states = alarm_states(table.alarms if routes else ())
        changed = []
        for feed, probes in routes:
            value = states.value(feed)
            for probe in probes:
                lost = isnan(value) and probe.lose()
                if lost or probe.feed(now.mono, value):
                    changed.append(probe)
        if changed:
            self._changed(changed, now)

    def tick(self, now: Stamp) -> None:
        """Let old values become unknown."""
        changed = []
        for routes in self._by_source.values():
            for feed, probes in routes:
                longest = self._longest(feed)
                lost = [probe for probe in probes if probe.age(now.mono, longest)]
                if lost and feed in self._meters:
                    self._meters[feed].forget()
                    self._rises.pop(feed, None)
                changed += lost
        if changed:
            self._changed(changed, now)

    def latest(self, now: Stamp, mode: str) -> LatestInputs:
        """A snapshot for other threads."""
        return LatestInputs(
            at=now,
            readings=dict(self._readings),
            pictures=dict(self._pictures),
            sightings=dict(self._sightings),
            patience={device: rhythm.patience for device, rhythm in self._rhythms.items()},
            rises=dict(self._rises),
            alarms=self._table.alarms,
            mode=mode,
        )

    # --- what comes in -----------------------------------------------------------------------

    def _reading(self, reading: SensorReading) -> None:
        device = reading.device
        if device not in self._site.risk.limits:
            return
        self._readings[device] = reading
        rhythm = self._rhythms.get(device)
        if rhythm is None:
            rhythm = self._rhythms[device] = _Rhythm()
        rhythm.note(reading.at.mono)
        routes = self._by_source.get(f"sensor {device}")
        if routes is None:
            return
        gas = self._site.risk.gas.get(device)
        changed = []
        for feed, probes in routes:
            value = sensor_value(reading, feed.what, gas)
            changed += [probe for probe in probes if probe.feed(reading.at.mono, value)]
        if changed:
            self._changed(changed, reading.at)

    def _picture(self, seen: ThermalSeen) -> None:
        device, at = seen.frame.device, seen.frame.at
        if device not in self._site.risk.limits:
            return
        self._pictures[device] = seen
        changed = []
        for feed, probes in self._by_source.get(f"thermal {device}", ()):
            value = self._thermal(feed, seen)
            changed += [probe for probe in probes if probe.feed(at.mono, value)]
        if changed:
            self._changed(changed, at)

    def _thermal(self, feed: Feed, seen: ThermalSeen) -> float:
        if feed.input is Input.SENSOR:
            found = seen.frame.ta_celsius
            return float("nan") if found is None else found
        value = thermal_value(seen, feed.what, feed.part)
        meter = self._meters.get(feed)
        if meter is None or isnan(value):
            return value
        rate = self._rises[feed] = meter.feed(seen.frame.at.mono, value, seen.period).rate
        return rate

    def _sighting(self, sighting: Sighting) -> None:
        result = sighting.counting
        if result.camera not in self._site.risk.cameras:
            return
        self._sightings[result.camera] = sighting
        changed = []
        for feed, probes in self._by_source.get(f"camera {result.camera}", ()):
            zone = self._site.zone_names.get((result.camera, feed.part), "")
            value = label_value(sighting, feed.what, zone)
            changed += [probe for probe in probes if probe.feed(result.at.mono, value)]
        if changed:
            self._changed(changed, result.frame_at)

    # --- ages --------------------------------------------------------------------------------

    def _longest(self, feed: Feed) -> float:
        device = device_id(feed.source)
        seen, rhythm = self._pictures.get(device), self._rhythms.get(device)
        period = seen.period if seen is not None else 0.0
        return longest_age(feed, period, rhythm.patience if rhythm is not None else SENSOR_AGE)

    def _keep_known(self) -> None:
        """Forget what came from sources that are gone."""
        devices, cameras = self._site.risk.limits, self._site.risk.cameras
        self._readings = {d: one for d, one in self._readings.items() if d in devices}
        self._pictures = {d: one for d, one in self._pictures.items() if d in devices}
        self._rhythms = {d: one for d, one in self._rhythms.items() if d in devices}
        self._sightings = {c: one for c, one in self._sightings.items() if c in cameras}


def _route(feed: Feed) -> str:
    """By which message its values come."""
    if feed.input in STATES:
        return "states"
    if feed.input is Input.LABEL:
        return feed.source
    thermal = feed.input is Input.THERMAL or feed.what == TEMPERATURE
    return f"{'thermal' if thermal else 'sensor'} {device_id(feed.source)}"


class _Rhythm:
    """How slow a device sends: its last gaps were all long; a single long one may be an outage."""

    __slots__ = ("_at", "_gaps")

    def __init__(self) -> None:
        self._at = -inf
        self._gaps: deque[float] = deque(maxlen=SENSOR_AGE_PERIODS)

    @property
    def patience(self) -> float:
        """Seconds after which its values are unknown."""
        return sensor_age(min(self._gaps) if len(self._gaps) > 1 else 0.0)

    def note(self, at: float) -> None:
        gap, self._at = at - self._at, at
        if gap < _LONG_GAP:
            self._gaps.clear()
        elif gap != inf:
            self._gaps.append(gap)
