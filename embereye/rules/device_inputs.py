"""The risk inputs of one sensor device."""

from collections.abc import Callable
from dataclasses import dataclass

from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.rules.idle import Idle
from embereye.rules.pf_inputs import PfInputs
from embereye.rules.risk_limits import GAS_AGE, RiskLimits, sensor_age
from embereye.rules.thermal_background import Usual
from embereye.rules.thermal_defects import DefectWatch
from embereye.rules.thermal_inputs import ThermalInputs
from embereye.rules.thermal_region import Analysis
from embereye.rules.thermal_rules import RegionInputs
from embereye.rules.thermal_scene import ThermalScene
from embereye.rules.watch import Evidence, Grade, Watch


@dataclass(frozen=True, slots=True)
class GasRule:
    """The gas sensor of a device.

    Attributes:
        channel: "adc1", "adc2" or "adc3"; it is no flame or smoke channel then.
        gas: Name for the operator.
        ppm: Concentration of a converter value; None when that is out of range.
    """

    channel: str
    gas: str
    ppm: Callable[[int], float | None]


class DeviceInputs:
    """Latest values of one device against its limits. Times are monotonic seconds.

    Attributes:
        watches: All limits of the device, in the order in which reasons are told.
        regions: Those of its thermal picture.
        defects: What knows the failed cells of its sensor.
        seen: The last picture as it counted (masked cells are NaN); None before it.

    Args:
        analysis: Thermal regions and masks.
        defects: What earlier inputs of the same device learned.
    """

    __slots__ = (
        "_gas",
        "_gas_watch",
        "_scene",
        "_sends_frames",
        "_sends_pf",
        "defects",
        "pf",
        "regions",
        "seen",
        "thermal",
        "watches",
    )

    def __init__(
        self,
        limits: RiskLimits,
        idle: Idle,
        gas: GasRule | None = None,
        analysis: Analysis | None = None,
        defects: DefectWatch | None = None,
    ) -> None:
        chosen = analysis or Analysis()
        self.defects = defects or DefectWatch()
        self._scene = ThermalScene(chosen.masks, self.defects)
        self._sends_frames = self._sends_pf = False  # as known from elsewhere
        self.seen: ThermalFrame | None = None
        self.regions = RegionInputs(chosen, limits)
        self.thermal = ThermalInputs(limits)
        self.pf = PfInputs(limits, idle, gas.channel if gas is not None else "")
        self._gas = gas
        self._gas_watch = Watch(limits.gas(), Evidence.GAS, Grade.HIGH, self._gas_words)
        self.watches: tuple[Watch, ...] = (
            *self.thermal.watches,
            *self.regions.watches,
            *self.pf.watches,
        )
        if gas is not None:
            self.watches = (*self.watches, self._gas_watch)

    def follow(self, before: "DeviceInputs") -> None:
        """Take over what other settings of the same device cannot change: what it sends, when."""
        self.thermal.follow(before.thermal)
        self._sends_pf = before._sends_pf or before.pf.first is not None
        if before._sends_frames or before.thermal.first is not None:
            self.expect_frames()

    def expect_frames(self) -> None:
        """The device is known to send temperatures: no cause ends until they were seen."""
        self._sends_frames = self._scene.counts

    def take_reading(self, reading: SensorReading) -> bool:
        """Take one packet; True when the verdict on the place may change."""
        changed = self.pf.take(reading)
        if self._gas is None:
            return changed
        return self._feed_gas(self._gas, reading) or changed

    def take_frame(self, frame: ThermalFrame, usual: Usual | None = None) -> bool:
        """Take one thermal picture; True when the verdict on the place may change.

        `usual` is the learned background of the moment, None while it is being learned.
        """
        if frame.profile is Profile.RAW:
            self.seen = None
            return self.thermal.take(frame)
        if frame.celsius is None:  # no calibration: it has temperatures, nobody knows which
            self.expect_frames()
        seen = self.seen = self._scene.take(frame)
        changed = self.thermal.take(seen)
        if seen.celsius is None or not self.regions.any:
            return changed
        return self.regions.take(seen, self.thermal.period, usual) or changed

    def tick(self, now: float) -> bool:
        """Let old values become unknown; True when that changed something."""
        thermal, pf = self.thermal.tick(now), self.pf.tick(now)
        thermal = self.regions.tick(now, self.thermal.period) or thermal
        gas = self._gas is not None and self._gas_watch.age(now, GAS_AGE)
        return thermal or pf or gas

    def confirmed_clear(self, now: float, gas: bool) -> bool:
        """Whether every input of the device (gas, or else all others) is known and clear.

        A kind of packet that did not come within one age limit of the device's first other one is
        taken as one that the device does not send, unless it is known to.
        """
        if gas:
            return self._gas is None or self._gas_watch.limit.confirmed_clear
        return self._pf_clear(now) and self._thermal_clear(now)

    def _pf_clear(self, now: float) -> bool:
        if self.pf.first is not None:
            return self.pf.clear()
        patience = sensor_age(self.thermal.period)
        return not self._sends_pf and _absent(now, self.thermal.first, patience)

    def _thermal_clear(self, now: float) -> bool:
        if self.thermal.raw:
            return self.pf.first is not None
        if self.thermal.first is not None:
            return self.thermal.clear() and self.regions.clear()
        return not self._sends_frames and _absent(now, self.pf.first, self.pf.patience)

    def _feed_gas(self, rule: GasRule, reading: SensorReading) -> bool:
        adc: int | None = getattr(reading, rule.channel)
        ppm = None if adc is None else rule.ppm(adc)
        if ppm is None:
            return False
        before = self._gas_watch.limit.held
        self._gas_watch.feed(reading.at.mono, ppm)
        return before or self._gas_watch.limit.held

    def _gas_words(self, watch: Watch) -> str:
        gas = self._gas.gas if self._gas is not None else "gas"
        return f"{gas} {watch.value:.0f} ppm ≥ {watch.limit.rule.level:g} ppm"


def _absent(now: float, other_since: float | None, patience: float) -> bool:
    return other_since is not None and now - other_since > patience
