"""What the risk rules need to know of the settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from embereye.config.schema import Device, DeviceLimits, Settings
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.rules.device_inputs import GasRule
from embereye.rules.gas import GasSensor, ppm
from embereye.rules.risk_limits import RiskLimits
from embereye.rules.thermal_region import Analysis, Measure, Region, RegionRule
from embereye.services.gas_sensor import gas_sensor
from embereye.services.places import Places, places_of


@dataclass(frozen=True, slots=True)
class RiskSite:
    """A frozen view of the settings, replaced as a whole.

    Attributes:
        places: Which place each camera and device belongs to.
        limits: Of each enabled device in the settings.
        gas: The gas sensor of each device that has one.
        analyses: Thermal regions and masks of each device that has any.
        cameras: Limits of each enabled camera whose picture is looked at; others never report.
        seen_by: The camera that each device looks along with.
        ignored: Disabled devices; they raise nothing.
        other: Limits of devices that nobody has assigned, and of what concerns a whole place.
    """

    places: Places
    limits: Mapping[DeviceId, RiskLimits] = field(default_factory=dict)
    gas: Mapping[DeviceId, GasRule] = field(default_factory=dict)
    analyses: Mapping[DeviceId, Analysis] = field(default_factory=dict)
    cameras: Mapping[CameraId, RiskLimits] = field(default_factory=dict)
    seen_by: Mapping[DeviceId, CameraId] = field(default_factory=dict)
    ignored: frozenset[DeviceId] = frozenset()
    other: RiskLimits = field(default_factory=RiskLimits)

    def cameras_of(self, place: PlaceId, sources: Iterable[str]) -> tuple[CameraId, ...]:
        """Those that triggered first, then those beside the devices that did, then the rest."""
        names = [source.partition(" ") for source in sources]
        triggering = [CameraId(name) for kind, _, name in names if kind == "camera"]
        devices = [DeviceId(name) for kind, _, name in names if kind == "device"]
        beside = [self.seen_by[device] for device in devices if device in self.seen_by]
        return tuple(dict.fromkeys((*triggering, *beside, *self.places.cameras(place))))


def risk_site(settings: Settings) -> RiskSite:
    """The view of these settings."""
    vision = replace(
        RiskLimits(),
        vision_fire=settings.detection.fire_confidence,
        vision_smoke=settings.detection.smoke_confidence,
    )
    enabled = [device for device in settings.devices if device.enabled]
    looked_at = [c.id for c in settings.cameras if c.enabled and c.detect]
    return RiskSite(
        places=places_of(settings),
        limits={DeviceId(d.id): _limits(d.limits) for d in enabled},
        gas={DeviceId(d.id): _gas(d.limits) for d in enabled if d.limits.gas_channel},
        analyses={DeviceId(d.id): _analysis(d) for d in enabled if d.regions or d.masks},
        cameras={CameraId(c): vision for c in looked_at if settings.detection.enabled},
        seen_by={DeviceId(d.id): CameraId(d.camera) for d in enabled if d.camera},
        ignored=frozenset(DeviceId(d.id) for d in settings.devices if not d.enabled),
    )


def _limits(chosen: DeviceLimits) -> RiskLimits:
    return RiskLimits(
        thermal_fire=chosen.thermal_fire,
        thermal_high=chosen.thermal_high,
        thermal_delay=chosen.thermal_delay,
        thermal_dead_band=chosen.dead_band,
        rise_rate=chosen.rise_rate,
        rise_span=chosen.rise_span,
        flame_margin=chosen.flame_margin,
        smoke_margin=chosen.smoke_margin,
        gas_ppm=chosen.gas_limit,
    )


def _gas(chosen: DeviceLimits) -> GasRule:
    return GasRule(chosen.gas_channel.lower(), chosen.gas, _Concentration(gas_sensor(chosen)))


def _analysis(device: Device) -> Analysis:
    regions = tuple(
        Region(
            region.id,
            region.name,
            region.shape,
            region.points,
            region.emissivity,
            region.reflected,
            tuple(
                RegionRule(**{**rule.model_dump(), "measure": Measure(rule.measure)})
                for rule in region.rules
            ),
        )
        for region in device.regions
    )
    return Analysis(regions, tuple(mask.points for mask in device.masks))


@dataclass(frozen=True, slots=True)
class _Concentration:
    """`ppm` of one sensor; equal when the sensors are, so unchanged settings change nothing."""

    sensor: GasSensor

    def __call__(self, adc: int) -> float | None:
        return ppm(adc, self.sensor)
