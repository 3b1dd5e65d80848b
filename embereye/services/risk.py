"""Feeds what sensors and detectors say into the rules of each place; reports their verdicts."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, Report
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import DeviceGone, DeviceSeen
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.model.sighting import Sighting
from embereye.model.stamp import Stamp
from embereye.model.thermal import RegionReading
from embereye.model.thermal_seen import ThermalSeen
from embereye.rules.camera_inputs import CameraInputs
from embereye.rules.device_inputs import DeviceInputs, GasRule
from embereye.rules.fusion import Inputs, PlaceFusion, Verdict
from embereye.rules.idle import Idle
from embereye.rules.risk_limits import RiskLimits
from embereye.rules.thermal_defects import DefectWatch
from embereye.rules.thermal_region import Analysis
from embereye.runtime.engine import Engine
from embereye.services.risk_site import RiskSite
from embereye.services.risk_table import RiskTable
from embereye.services.thermal_background import ThermalBackgrounds

_log = logging.getLogger(__name__)

_TICK = 0.5  # s between looks at ages; the shortest age limit is 5 s
_UNASSIGNED = "unassigned:"
_MOST_UNASSIGNED = 1000  # devices; ids are not authenticated, and memory is finite
_KINDS = (AlarmKind.FIRE, AlarmKind.GAS)
_TEMPERATURES = (Profile.MLX90640, Profile.CENTI27)


@dataclass(frozen=True, slots=True)
class _Device:
    inputs: DeviceInputs
    place: PlaceId
    made_of: tuple[RiskLimits, GasRule | None, Analysis | None]


@dataclass(frozen=True, slots=True)
class _Camera:
    inputs: CameraInputs
    place: PlaceId
    made_of: RiskLimits


class Risk:
    """The risk of every place. Engine thread; the attributes from any thread.

    Handles SensorReading, ThermalFrame, Sighting, DeviceGone and DeviceSeen; hands on ThermalSeen.

    Attributes:
        current: What was learned; a snapshot.
        current_regions: What the thermal regions of each device that has any show; replaced with
            each picture.

    Args:
        report: Gets each verdict that changed (`Alarms.report`).
        idle: Idle levels learned in earlier runs.
        save_idle: Called when a device's levels have been learned; never blocks.
        backgrounds: Learns what each device of the settings usually sees; None: nobody does.
    """

    def __init__(
        self,
        engine: Engine,
        site: RiskSite,
        report: Callable[[Report], None],
        idle: Mapping[DeviceId, Idle],
        save_idle: Callable[[DeviceId, Idle, Stamp], None],
        backgrounds: ThermalBackgrounds | None = None,
    ) -> None:
        self.current = RiskTable(idle=dict(idle))
        self.current_regions: Mapping[DeviceId, tuple[RegionReading, ...]] = {}
        self._backgrounds = backgrounds
        self._quarantined: frozenset[DeviceId] = frozenset()
        self._engine = engine
        self._report = report
        self._save_idle = save_idle
        self._idle = dict(idle)
        self._devices: dict[DeviceId, _Device] = {}
        self._cameras: dict[CameraId, _Camera] = {}
        self._places: dict[PlaceId, PlaceFusion] = {}
        self._left: dict[DeviceId, None] = {}  # that no connection carries, longest gone first
        self._site = site
        self.assign(site)
        engine.on(SensorReading, self._reading)
        engine.on(ThermalFrame, self._frame)
        engine.on(Sighting, self._sighting)
        engine.on(DeviceGone, self._gone)
        engine.on(DeviceSeen, self._seen)
        engine.every(_TICK, self._tick)

    def assign(self, site: RiskSite) -> None:
        """Follow changed settings; inputs whose limits and place stay keep what they know.

        A cause that began with limits or sources that changed is unknown until the place's
        present sources are clear; it has ended when the place has none any more.
        """
        self._site = site
        self._most = len(site.limits) + _MOST_UNASSIGNED
        known = (set(self._devices) | set(site.limits)) - site.ignored
        self._devices = {device: self._device(device) for device in sorted(known)}
        self._cameras = {camera: self._camera(camera) for camera in site.cameras}
        before, self._places = self._places, {}
        for place, sources in self._sources().items():
            self._places[place] = self._fusion(sources, before.get(place))
        for place, fusion in before.items():
            if place not in self._places and fusion.open_causes():
                self._places[place] = self._fusion({}, fusion)
        self._show_regions()
        self._judge_all()

    def quarantine(self, devices: frozenset[DeviceId]) -> None:
        """From now on these devices begin causes and end none; what they held stays unknown."""
        if devices == self._quarantined:
            return
        self._quarantined = devices
        for fusion in self._places.values():
            fusion.doubted = self._doubted()
        self._judge_all()

    def restore(self, alarms: Iterable[Alarm]) -> None:
        """Take over the causes of open alarms (`Alarms.restore`); before the engine runs."""
        for alarm in alarms:
            if alarm.key.kind not in _KINDS:
                continue
            place = alarm.key.place
            device = DeviceId(place.removeprefix(_UNASSIGNED))
            if place.startswith(_UNASSIGNED) and device not in self._devices:
                self._adopt(device)
            fusion = self._places.setdefault(place, self._fusion({}, None))
            fusion.restore(alarm.key.kind)

    def relearn(self, device: DeviceId) -> None:
        """Learn idle levels, failed cells and thermal background of this device anew."""
        if self._backgrounds is not None:
            self._backgrounds.forget(device)
        entry = self._devices.get(device)
        if entry is not None:
            entry.inputs.defects.forget()
            entry.inputs.pf.relearn()
            self._keep_idle(device, entry.inputs.pf.idle)

    # --- what comes in -----------------------------------------------------------------------

    def _reading(self, reading: SensorReading) -> None:
        entry = self._devices.get(reading.device) or self._adopt(reading.device)
        if entry is not None and entry.inputs.take_reading(reading):
            self._judge(entry.place, reading.at)

    def _frame(self, frame: ThermalFrame) -> None:
        entry = self._devices.get(frame.device) or self._adopt(frame.device)
        if entry is None:
            return
        backgrounds, device = self._backgrounds, frame.device
        usual = backgrounds.usual(frame) if backgrounds is not None else None
        if entry.inputs.take_frame(frame, usual):
            self._judge(entry.place, frame.at)
        if entry.inputs.regions.any:
            readings = entry.inputs.regions.readings
            self.current_regions = {**self.current_regions, device: readings}
        seen = entry.inputs.seen
        if backgrounds is not None and seen is not None and device in self._site.limits:
            raised = bool(self._places[entry.place].open_causes())
            hot = entry.made_of[0].thermal_high
            backgrounds.take(seen, hot, raised, entry.inputs.defects.defects)
        if seen is not None and seen.max_celsius is not None:
            inputs = entry.inputs
            self._engine.hand_on(ThermalSeen(seen, inputs.regions.readings, inputs.thermal.period))

    def _sighting(self, sighting: Sighting) -> None:
        result = sighting.counting
        entry = self._cameras.get(result.camera)
        if entry is not None and entry.inputs.take(result):
            self._judge(entry.place, result.frame_at)

    def _gone(self, gone: DeviceGone) -> None:
        if gone.device in self._devices:
            self._left[gone.device] = None

    def _seen(self, seen: DeviceSeen) -> None:
        self._left.pop(seen.device, None)
        entry = self._devices.get(seen.device)
        if entry is not None and seen.profile in _TEMPERATURES:
            entry.inputs.expect_frames()

    def _tick(self) -> None:
        now = self._engine.clock.now()
        for place, fusion in self._places.items():
            for verdict in fusion.tick(now.mono):
                self._tell(place, verdict, now)
        for device, entry in self._devices.items():
            if entry.inputs.pf.learned:
                entry.inputs.pf.learned = False
                self._keep_idle(device, entry.inputs.pf.idle)
        self._show_regions()
        learning = frozenset(d for d, entry in self._devices.items() if entry.inputs.pf.learning)
        doubts = {
            device: texts
            for device, entry in self._devices.items()
            if (texts := entry.inputs.defects.texts)
        }
        if learning != self.current.learning or doubts != self.current.doubts:
            self._replace_current(learning, doubts)

    def _show_regions(self) -> None:
        """Bring the snapshot up to date where no picture does: silence, changed settings."""
        readings = {
            device: entry.inputs.regions.readings
            for device, entry in self._devices.items()
            if entry.inputs.regions.any
        }
        if readings != self.current_regions:
            self.current_regions = readings

    def _judge_all(self) -> None:
        now = self._engine.clock.now()
        for place in list(self._places):
            self._judge(place, now)

    def _judge(self, place: PlaceId, origin: Stamp) -> None:
        # Values may come out of order by a little (a frame is stamped before its verdict), but
        # ages and delays run on the present.
        for verdict in self._places[place].judge(self._engine.clock.mono()):
            self._tell(place, verdict, origin)

    def _tell(self, place: PlaceId, verdict: Verdict, origin: Stamp) -> None:
        self._report(
            Report(
                key=AlarmKey(place, verdict.kind),
                cause=verdict.cause,
                priority=verdict.priority,
                reasons=verdict.reasons,
                origin=origin,
                place_name=self._site.places.name(place),
                cameras=self._site.cameras_of(place, verdict.sources),
                sources=verdict.sources,
            )
        )

    def _keep_idle(self, device: DeviceId, idle: Idle) -> None:
        self._idle[device] = idle
        self._save_idle(device, idle, self._engine.clock.now())
        _log.info("device %s: idle levels are now %s", device, idle)
        self._replace_current(self.current.learning, self.current.doubts)

    def _replace_current(
        self, learning: frozenset[DeviceId], doubts: Mapping[DeviceId, tuple[str, ...]]
    ) -> None:
        revision = self.current.revision + 1
        self.current = RiskTable(revision, dict(self._idle), learning, doubts)

    # --- who belongs where -------------------------------------------------------------------

    def _adopt(self, device: DeviceId) -> _Device | None:
        """A device that is in nobody's settings is a place of its own."""
        if device in self._site.ignored:
            return None
        if len(self._devices) >= self._most and not self._forget_stranger():
            return None
        entry = self._devices[device] = self._device(device)
        sources: dict[str, Inputs] = {f"device {device}": entry.inputs}
        before = self._places.get(entry.place)
        self._places[entry.place] = self._fusion(sources, before)
        return entry

    def _forget_stranger(self) -> bool:
        """Make room by one unassigned device that left and holds no cause; whether there was one.

        Frame counters that were taken for ids come here, and the names that hostile peers invent.
        """
        for device in list(self._left):
            entry = self._devices.get(device)
            if entry is None or device in self._site.limits:
                del self._left[device]
            elif not self._places[entry.place].open_causes():
                del self._left[device], self._devices[device], self._places[entry.place]
                self._idle.pop(device, None)
                return True
        return False

    def _device(self, device: DeviceId) -> _Device:
        place = self._site.places.of_device(device)
        site = self._site
        limits = site.limits.get(device, site.other)
        made_of = limits, site.gas.get(device), site.analyses.get(device)
        before = self._devices.get(device)
        if before is not None and before.made_of == made_of:
            return before if before.place == place else _Device(before.inputs, place, made_of)
        defects = before.inputs.defects if before is not None else self._known_defects(device)
        _, gas, analysis = made_of
        inputs = DeviceInputs(limits, self._idle.get(device, Idle()), gas, analysis, defects)
        if before is not None:
            inputs.follow(before.inputs)
        return _Device(inputs, place, made_of)

    def _known_defects(self, device: DeviceId) -> DefectWatch:
        return DefectWatch(self._backgrounds.defects(device) if self._backgrounds else ())

    def _doubted(self) -> frozenset[str]:
        return frozenset(f"device {device}" for device in self._quarantined)

    def _camera(self, camera: CameraId) -> _Camera:
        place = self._site.places.of_camera(camera)
        limits = self._site.cameras[camera]
        before = self._cameras.get(camera)
        inputs = (
            before.inputs
            if before is not None and before.made_of == limits
            else CameraInputs(limits)
        )
        return _Camera(inputs, place, limits)

    def _sources(self) -> dict[PlaceId, dict[str, Inputs]]:
        found: dict[PlaceId, dict[str, Inputs]] = {}
        for device, entry in self._devices.items():
            found.setdefault(entry.place, {})[f"device {device}"] = entry.inputs
        for camera, seen in self._cameras.items():
            found.setdefault(seen.place, {})[f"camera {camera}"] = seen.inputs
        return found

    def _fusion(self, sources: dict[str, Inputs], before: PlaceFusion | None) -> PlaceFusion:
        if before is not None and before.sources == sources:
            return before
        fusion = PlaceFusion(sources, self._site.other.together)
        fusion.doubted = self._doubted()
        for kind, told in before.open_causes().items() if before is not None else ():
            fusion.restore(kind, told)
        return fusion
