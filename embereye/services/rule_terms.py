"""From the conditions of the settings to limits on the values of single sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from embereye.config.rule_options import AlarmRule, Condition, Suppression
from embereye.config.schema import Camera, Device, Settings
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.rules.alarm_rule import Term
from embereye.rules.limits import LimitRule
from embereye.rules.rule_probe import Criterion, Feed, Input
from embereye.rules.rule_words import Words
from embereye.rules.tracking import FLAMES
from embereye.services.risk_site import RiskSite, risk_site

SYSTEM = PlaceId("system")  # of faults of the program itself (services.system_faults)
_CHANNELS = {
    "smoke": Words("smoke", unit=" %"),
    "flame": Words("flame", unit=" %"),
    "flame digital": Words("flame digital", plain="flame digital", not_plain="no flame digital"),
    "gas": Words("gas", unit=" ppm"),
    "temperature": Words("temperature of the sensor", unit=" °C", digits=1),
}


class RuleTerms:
    """The sources that conditions can look at under these settings. Any thread.

    Attributes:
        places: All that have a camera or a device, or are named.
    """

    def __init__(self, settings: Settings, risk: RiskSite) -> None:
        self.risk = risk
        self._cameras = {c.id: c for c in settings.cameras}
        self._devices = {d.id: d for d in settings.devices}
        self._rule_places = {rule.id: rule.place for rule in settings.rules}
        self._names: dict[str, dict[str, str]] = {
            "rule": {rule.id: rule.name for rule in settings.rules},
            "camera fault": {c.id: c.name for c in settings.cameras},
            "device fault": {d.id: d.name for d in settings.devices},
        }
        enabled = [c.id for c in settings.cameras if c.enabled]
        self._camera_places = {c: risk.places.of_camera(CameraId(c)) for c in enabled}
        self._device_places = {str(d): risk.places.of_device(d) for d in risk.limits}
        self._cameras_at = _by_place(self._camera_places)
        self._devices_at = _by_place(self._device_places)
        found = (*risk.places.by_camera.values(), *risk.places.by_device.values())
        named = (PlaceId(place.id) for place in settings.places)
        self.places: tuple[PlaceId, ...] = tuple(dict.fromkeys((*found, *named)))

    def of(self, condition: Condition, place: PlaceId, own_only: bool = False) -> Iterator[Term]:
        """A condition at each of its sources.

        Args:
            own_only: Of the named sources only those of the place.
        """
        if condition.input == "alarm":
            yield from self._alarms(condition, place, own_only)
        elif condition.input in ("label", "camera fault"):
            for camera in self._of_place(condition, place, own_only):
                yield from self._at_camera(condition, self._cameras[camera])
        else:
            for device in self._of_place(condition, place, own_only):
                yield from self._at_device(condition, self._devices[device])

    def _of_place(self, condition: Condition, place: PlaceId, own_only: bool) -> Sequence[str]:
        """Switched on, in the order of the settings, or as they are named."""
        cameras = condition.input in ("label", "camera fault")
        if not condition.sources:
            return (self._cameras_at if cameras else self._devices_at).get(place, ())
        known = self._camera_places if cameras else self._device_places
        named = [source for source in dict.fromkeys(condition.sources) if source in known]
        return [source for source in named if not own_only or known[source] == place]

    def _at_camera(self, condition: Condition, camera: Camera) -> Iterator[Term]:
        source = f"camera {camera.id}"
        if condition.input == "camera fault":
            yield _term(condition, Feed(Input.CAMERA_FAULT, source), _faulty("camera", camera.name))
            return
        zones = {zone.id: zone.name for zone in camera.zones}
        looked_at = CameraId(camera.id) in self.risk.cameras
        if not looked_at or (condition.zone and condition.zone not in zones):
            return
        where = f" in zone {zones[condition.zone]}" if condition.zone else ""
        words = Words(condition.label, where, f", camera {camera.name}", digits=2)
        yield _term(condition, Feed(Input.LABEL, source, condition.label, condition.zone), words)

    def _at_device(self, condition: Condition, device: Device) -> Iterator[Term]:
        source, by = f"device {device.id}", f", device {device.name}"
        if condition.input == "device fault":
            yield _term(condition, Feed(Input.DEVICE_FAULT, source), _faulty("device", device.name))
        elif condition.input == "thermal":
            regions = {region.id: region.name for region in device.regions}
            if condition.region and condition.region not in regions:
                return
            where = f" of {regions[condition.region]}" if condition.region else ""
            unit = " °C/min" if condition.measure == "rise" else " °C"
            words = Words(f"thermal {condition.measure}", where, by, unit, digits=1)
            feed = Feed(Input.THERMAL, source, condition.measure, condition.region)
            yield _term(condition, feed, words)
        elif self._sends(condition.channel, device):
            words = replace(_CHANNELS[condition.channel], by=by)
            if condition.channel == "gas":
                words = replace(words, subject=device.limits.gas)
            yield _term(condition, Feed(Input.SENSOR, source, condition.channel), words)

    def _sends(self, channel: str, device: Device) -> bool:
        """Whether a channel is what the settings say: a gas sensor takes the place of another."""
        gas = device.limits.gas_channel
        taken = {"ADC1": "smoke", "ADC2": "flame"}.get(gas)
        return bool(gas) if channel == "gas" else channel != taken

    def _alarms(self, condition: Condition, place: PlaceId, own_only: bool) -> Iterator[Term]:
        names = self._names.get(condition.kind, {})
        for source in dict.fromkeys(condition.sources or ("",)):
            where = self._alarm_place(condition.kind, source, place)
            if own_only and condition.kind == "rule" and where != place:
                continue
            of = f" of {names.get(source, source)}" if source else ""
            words = Words(
                plain=f"{condition.kind} alarm{of}", not_plain=f"no {condition.kind} alarm{of}"
            )
            yield _term(
                condition, Feed(Input.ALARM, f"place {where}", condition.kind, source), words
            )

    def _alarm_place(self, kind: str, source: str, place: PlaceId) -> PlaceId:
        """Where such an alarm would be: faults of the program, and some rules, have their own."""
        if kind == "system fault":
            return SYSTEM
        return PlaceId(self._rule_places.get(source) or place) if kind == "rule" else place


def _by_place(places: Mapping[str, PlaceId]) -> dict[PlaceId, list[str]]:
    found: dict[PlaceId, list[str]] = {}
    for source, place in places.items():
        found.setdefault(place, []).append(source)
    return found


def _faulty(kind: str, name: str) -> Words:
    return Words(plain=f"{kind} {name} has a fault", not_plain=f"{kind} {name} has no fault")


def _term(condition: Condition, feed: Feed, words: Words) -> Term:
    below = condition.comparison == "at most"
    rule = LimitRule(
        level=-condition.limit if below else condition.limit,
        dead_band=condition.dead_band,
        on_delay=condition.on_delay,
        off_delay=condition.off_delay,
        hits=condition.hits,
        of=condition.of,
    )
    return Term(Criterion(feed, rule, below), words)


def cameras_with_objects(settings: Settings) -> frozenset[CameraId]:
    """Cameras where a rule looks for persons, vehicles …, which must be followed for it."""
    terms = RuleTerms(settings, risk_site(settings))
    written: tuple[AlarmRule | Suppression, ...] = (*settings.rules, *settings.suppressions)
    asked = [
        (condition, one.place)
        for one in written
        if one.enabled
        for group in one.groups
        for condition in group.conditions
        if condition.input == "label" and condition.label not in FLAMES
    ]
    return frozenset(
        camera_id(term.criterion.feed.source)
        for condition, at in asked
        for place in ([PlaceId(at)] if at else terms.places)
        for term in terms.of(condition, place, own_only=not at)
    )


def device_id(source: str) -> DeviceId:
    """The device of a source such as "device d1"."""
    return DeviceId(source.removeprefix("device "))


def camera_id(source: str) -> CameraId:
    """The camera of a source such as "camera c1"."""
    return CameraId(source.removeprefix("camera "))
