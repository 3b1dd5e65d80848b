"""What single conditions of rules name that is not there, or cannot be seen."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from embereye.config.rule_options import Condition
from embereye.config.schema import Camera, Device, Settings
from embereye.model.detection import FIRE, SMOKE
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.services.places import Places

# What the models of a camera can find; None: nobody knows.
Labels = Callable[[CameraId], frozenset[str] | None]


def nothing_known(_: CameraId) -> frozenset[str] | None:
    """Where nobody knows what models can find."""
    return None


@dataclass(frozen=True, slots=True)
class ConditionCheck:
    """Looks at conditions under these settings. Any thread."""

    settings: Settings
    places: Places
    labels: Labels = nothing_known

    def problems(self, condition: Condition, place: str) -> Iterator[str]:
        """What is wrong with a condition of a rule at a place ("": each)."""
        if condition.input == "alarm":
            yield from self._alarms(condition)
        elif condition.input in ("label", "camera fault"):
            cameras = self._cameras(condition, place)
            yield from self._missing(condition, [c.id for c in self.settings.cameras], "camera")
            if not cameras and not condition.sources:
                yield f"there is no camera {_at(place)}. Name one in `sources`, or add one."
            if condition.input == "label":
                yield from self._seen(condition, cameras)
        else:
            devices = self._devices(condition, place)
            yield from self._missing(condition, [d.id for d in self.settings.devices], "device")
            if not devices and not condition.sources:
                yield f"there is no device {_at(place)}. Name one in `sources`, or add one."
            yield from self._measured(condition, devices)

    def _cameras(self, condition: Condition, place: str) -> list[Camera]:
        if condition.sources:
            return [c for c in self.settings.cameras if c.id in condition.sources]
        of = self.places.of_camera
        return [c for c in self.settings.cameras if place in ("", of(CameraId(c.id)))]

    def _devices(self, condition: Condition, place: str) -> list[Device]:
        if condition.sources:
            return [d for d in self.settings.devices if d.id in condition.sources]
        of = self.places.of_device
        return [d for d in self.settings.devices if place in ("", of(DeviceId(d.id)))]

    def _missing(self, condition: Condition, known: Iterable[str], kind: str) -> Iterator[str]:
        there = set(known)
        for source in condition.sources:
            if source not in there:
                yield f"there is no {kind} {source}. Choose another one, or add it."

    def _alarms(self, condition: Condition) -> Iterator[str]:
        if condition.kind != "rule":
            return
        known = {rule.id: rule.enabled for rule in self.settings.rules}
        for source in condition.sources:
            if source not in known:
                yield f"there is no rule {source}. Choose another one."
            elif not known[source]:
                yield f"the rule {source} is switched off and never alarms. Switch it on."

    def _seen(self, condition: Condition, cameras: list[Camera]) -> Iterator[str]:
        for camera in cameras if condition.sources else ():
            if not camera.enabled:
                yield f"camera {camera.name} is switched off. Switch it on, or choose another one."
        able = [c for c in cameras if c.enabled]
        looked_at = [c for c in able if c.detect and self.settings.detection.enabled]
        if able and not looked_at:
            yield "nothing looks for it in its cameras' pictures. Switch detection on for them."
        yield from self._zones(condition, cameras)
        found = [self.labels(CameraId(c.id)) for c in looked_at]
        if found and all(known is not None and condition.label not in known for known in found):
            yield (
                f"no model of its cameras can find {condition.label}. Choose a model that can, or"
                " another label."
            )

    def _zones(self, condition: Condition, cameras: list[Camera]) -> Iterator[str]:
        if not condition.zone or not cameras:
            return
        zones = [zone for c in cameras for zone in c.zones if zone.id == condition.zone]
        if not zones:
            yield f"its cameras have no zone {condition.zone}. Draw it, or choose another one."
        elif all(zone.kind == "exclude" for zone in zones):
            yield f"nothing counts in zone {zones[0].name}, which excludes. Choose another zone."
        elif all(zone.labels and condition.label not in zone.labels for zone in zones):
            yield (
                f"zone {zones[0].name} is not about {condition.label}. Add {condition.label} to its"
                " labels."
            )

    def _measured(self, condition: Condition, devices: list[Device]) -> Iterator[str]:
        for device in devices if condition.sources else ():
            if not device.enabled:
                yield f"device {device.name} is switched off. Switch it on, or choose another one."
        if not devices:
            return
        if condition.input == "thermal" and condition.region:
            regions = {region.id for device in devices for region in device.regions}
            if condition.region not in regions:
                yield (
                    f"its devices have no thermal region {condition.region}. Draw it, or choose"
                    " another one."
                )
        if condition.input == "sensor":
            yield from self._channels(condition, devices)

    def _channels(self, condition: Condition, devices: list[Device]) -> Iterator[str]:
        gas = [device.limits.gas_channel for device in devices]
        if condition.channel == "gas" and not any(gas):
            yield "none of its devices has a gas sensor. Set the channel of the gas sensor there."
        taken = {"smoke": "ADC1", "flame": "ADC2"}.get(condition.channel)
        if taken is not None and all(channel == taken for channel in gas):
            yield f"channel {taken} of its devices is a gas sensor. Choose gas in place of it."


def findable(models: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """What all models of one camera can find together; None when nobody knows that of one."""
    found = {FIRE, SMOKE}  # the heuristic looks at every camera
    for labels in models:
        if labels is None:
            return None
        found |= labels
    return frozenset(found)


def _at(place: str) -> str:
    return f"at {PlaceId(place)}" if place else "at all"
