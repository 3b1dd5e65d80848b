"""A site as the program builds it, on a clock and a disk that tests move, and days in its life.

Nothing of a replay is used here: services are wired as `app` wires them, storage is real.
"""

import random
from pathlib import Path

import numpy as np
from fakes import FakeClock

from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup, Suppression
from embereye.config.schema import Camera, Device, DeviceLimits, Place, Settings, Zone
from embereye.config.store import SettingsChanged
from embereye.ingest.simulate_thermal import centi27_words, room_with_spot
from embereye.ingest.thermal_decode import ThermalDecoder
from embereye.ingest.thermal_words import words_to_hex
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report, Scope
from embereye.model.alarm_messages import (
    ArmAsked,
    EndWalkTestAsked,
    OutOfServiceAsked,
    ShelveAsked,
    WalkTestAsked,
)
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import (
    AcknowledgeAsked,
    AlarmChanged,
    DeviceGone,
    DeviceSeen,
    ResetAsked,
)
from embereye.model.reading import Profile, SensorReading, ThermalFrame
from embereye.rules.idle import Idle
from embereye.runtime.engine import Engine
from embereye.services.access import Access
from embereye.services.alarms import Alarms
from embereye.services.arming import Arming
from embereye.services.history import History
from embereye.services.input_recording import InputRecording, Reports
from embereye.services.intrusions import Intrusions
from embereye.services.places import fault_keys, places_of
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.rule_site import rule_site
from embereye.services.rule_watch import RulePorts, RuleWatch
from embereye.services.suppressions import Suppressions
from embereye.services.system_faults import SystemFaults
from embereye.services.thermal_background import ThermalBackgrounds
from embereye.services.walk_test import WalkTesting
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch
from embereye.storage.arming import ArmingStore
from embereye.storage.opening import open_storage
from embereye.storage.walk_tests import WalkTestStore

YARD, HALL = CameraId("yard"), CameraId("hall")
HOT, PF, STRANGER = DeviceId("hot"), DeviceId("pf"), DeviceId("stranger")
SIZE = (640, 360)

_TWO = ConditionGroup(
    need="all",
    within=20.0,
    conditions=(
        Condition(input="label", label="person", limit=0.6, hits=2, of=4),
        Condition(input="sensor", channel="smoke", limit=20.0, dead_band=3.0, on_delay=1.0),
    ),
)
_WARM = ConditionGroup(
    conditions=(Condition(input="thermal", measure="mean", limit=27.0, off_delay=4.0),)
)
SETTINGS = Settings(
    places=(Place(id="boiler", name="Boiler house"), Place(id="gate", name="Gate")),
    cameras=(
        Camera(id="hall", name="Hall", source="rtsp://10.0.0.1/a", place="boiler"),
        Camera(
            id="yard",
            name="Yard",
            source="rtsp://10.0.0.2/a",
            place="gate",
            zones=(
                Zone(
                    id="z",
                    name="Track",
                    points=((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)),
                    labels=("person",),
                    alarm=True,
                ),
            ),
        ),
    ),
    devices=(
        Device(id="hot", name="Boiler", place="boiler", profile="centi27"),
        Device(id="pf", name="Gate box", place="gate", limits=DeviceLimits(gas_channel="ADC3")),
    ),
    rules=(
        AlarmRule(id="both", name="Person and smoke", groups=(_TWO,), priority="high"),
        AlarmRule(id="warm", name="Warm all over", groups=(_WARM,), latching=True),
    ),
    suppressions=(
        Suppression(
            id="work", name="Work at the gate", place="gate", kind="intrusion", modes=("disarmed",)
        ),
    ),
)


class LiveSite:
    """One run of the program's engine over a data directory."""

    def __init__(self, folder: Path, settings: Settings, clock: FakeClock) -> None:
        self.clock, self.settings = clock, settings
        self.bugs: list[str] = []
        self.announced: list[AlarmChanged] = []
        self._told: list[object] = []
        self.storage = open_storage(folder, clock, self._told.append, reserve=0)
        self.engine = engine = Engine(clock, self.bugs.append)
        stored = self.storage
        access = Access(lambda: self.settings)
        self.alarms = Alarms(engine, self._published, stored.alarms, settings.alarms, access)
        self.recording = InputRecording(
            engine, stored.verdicts, lambda: self.settings, lambda: self.alarms.current, 30
        )
        self.reports = Reports(self.recording.witness, self.alarms.report)
        SystemFaults(engine, self.reports.report)
        self.history = History(engine, stored.readings, stored.detections, 30)
        learned = stored.devices.load()
        idle = {d.id: Idle(d.idle_smoke, d.idle_flame) for d in learned.values()}
        backgrounds = ThermalBackgrounds(engine, stored.backgrounds, stored.backgrounds.load())
        report, site = self.reports.report, risk_site(settings)
        self.risk = Risk(engine, site, report, idle, self._save_idle, backgrounds)
        self.recording.learned = lambda: self.risk.current.idle
        intrusions = Intrusions(places_of(settings), report)
        self.zones = ZoneWatch(
            engine, zone_site(settings), lambda _: (0, 0), intrusions, lambda _: None
        )
        kept = stored.audit
        modes = settings.calendar.modes
        self.arming = Arming(engine, access, ArmingStore(folder, kept), modes, self._published)
        self.recording.mode = self.arming.mode
        self.doubted: frozenset[DeviceId] = frozenset()
        self.recording.doubted = lambda: self.doubted
        ports = RulePorts(
            alarms=lambda: self.alarms.current,
            mode=self.arming.mode,
            quarantined=lambda: self.doubted,
            suppress=Suppressions(self.alarms.suppress).take,
        )
        tests = WalkTestStore(folder, kept)
        self.walk = WalkTesting(
            engine, self.alarms, access, tests, lambda: self.settings, self._published
        )
        self.rules = RuleWatch(engine, rule_site(settings), report, ports)
        engine.on(SettingsChanged, self._settings_changed)
        restored = self.alarms.restore()
        self.walk.restore()
        self.arming.restore()
        self.recording.begin()
        for service in (self.risk, self.zones, self.rules):
            service.restore(restored)
        self.post(SettingsChanged(settings, settings))

    def post(self, *messages: object) -> None:
        """The engine and the disk take their turns until nothing is left to do."""
        self.engine.post_many(messages)
        self.turn()

    def turn(self) -> None:
        self.engine.step()
        while len(self.engine.mailbox) or self.storage.evidence.waiting:
            self.storage.evidence.step()
            self.engine.step()
        told, self._told[:] = list(self._told), []
        if told:
            self.post(*told)
        assert self.bugs == []

    def pass_time(self, seconds: float) -> None:
        """Let time go by: the engine wakes for each timer."""
        end = self.clock.mono() + seconds
        while self.engine.next_due <= end:
            self.clock.advance(max(0.0, self.engine.next_due - self.clock.mono()))
            self.turn()
        self.clock.advance(max(0.0, end - self.clock.mono()))

    def quarantine(self, *devices: DeviceId) -> None:
        """From now on these devices begin causes and end none."""
        self.doubted = frozenset(devices)
        self.risk.quarantine(self.doubted)
        self.turn()

    def change(self, settings: Settings) -> None:
        old, self.settings = self.settings, settings
        self.post(SettingsChanged(old, settings))

    def stop(self) -> None:
        """An orderly end, off the turns of timers: clocks of tests drift by microseconds."""
        self.pass_time(0.13)
        self.history.flush()
        self.recording.flush()
        self.close()

    def close(self) -> None:
        """Write what waits for the disk and let go of it."""
        for writer in (self.storage.evidence, self.storage.telemetry):
            while writer.waiting or writer.bulk_waiting:
                writer.step()
            writer._close()

    def _settings_changed(self, changed: SettingsChanged) -> None:
        new = changed.new
        self.risk.assign(risk_site(new))
        self.zones.assign(zone_site(new))
        self.rules.assign(rule_site(new))
        self.alarms.adjust(new.alarms)
        self.alarms.keep_faults(fault_keys(new))

    def _published(self, message: object) -> None:
        if isinstance(message, AlarmChanged):
            self.walk.take(message)
            self.history.take_alarm(message)
            self.recording.take_alarm(message)
            if message.announced:
                self.announced.append(message)

    def _save_idle(self, device, idle, at) -> None:
        self.storage.devices.save_idle(device, idle.smoke, idle.flame, at)


class Life:
    """What happens at a site; the seed decides everything."""

    def __init__(self, site: LiveSite, seed: int) -> None:
        self.site = site
        self.rng = random.Random(seed)
        self._numpy = np.random.default_rng(seed)
        self._decoder = ThermalDecoder(HOT, Profile.CENTI27)
        self._until = dict.fromkeys(("fire", "person", "smoke", "hot", "gas", "silent"), 0.0)
        self._next: dict[str, float] = {}
        self.calm = False  # nothing begins

    def move_to(self, site: LiveSite) -> None:
        """Go on in the next run; nothing that was due meanwhile comes at once."""
        self.site = site
        self._next.clear()

    def live(self, seconds: float) -> None:
        """Let this much time go by."""
        end = self.site.clock.mono() + seconds
        periods = {
            "hall": 0.2, "yard": 0.25, "pf": 0.5, "frame": 1.7, "stranger": 1.0,
            "episode": 7.0, "person asks": 11.0, "fault": 40.0, "link": 60.0, "cover": 30.0,
        }  # fmt: skip
        for name, period in periods.items():
            self._next.setdefault(name, self.site.clock.mono() + self.rng.random() * period)
        while True:
            name = min(self._next, key=self._next.__getitem__)
            if self._next[name] > end:
                break
            self.site.pass_time(max(0.0, self._next[name] - self.site.clock.mono()))
            self._next[name] += periods[name] * self.rng.uniform(0.8, 1.2)
            getattr(self, f"_{name.replace(' ', '_')}")()
        self.site.pass_time(max(0.0, end - self.site.clock.mono()))

    def begin(self, name: str, seconds: float) -> None:
        """Let something go on for a while: fire, person, smoke, hot, gas, silent."""
        self._until[name] = self.site.clock.mono() + seconds

    def _on(self, name: str) -> bool:
        return self._until[name] > self.site.clock.mono()

    def _episode(self) -> None:
        if self.calm:
            return
        name = self.rng.choice(list(self._until))
        self.begin(name, self.rng.uniform(1.0, 25.0))

    def _look(self, camera: CameraId) -> None:
        if self._on("silent") and self.rng.random() < 0.9:
            return
        found = []
        fire = self.rng.uniform(0.5, 1.0) if self._on("fire") else self.rng.random() * 0.08
        if self._on("person"):
            step = self.rng.uniform(-4.0, 4.0)
            left = 420.0 + step if camera == YARD else 40.0 + step
            found.append(Detection("person", self.rng.uniform(0.55, 0.95), left, 90.0, 40.0, 110.0))
        at = self.site.clock.now()
        self.site.post(
            DetectionResult(
                camera=camera,
                frame_seq=1,
                frame_at=at.later(-self.rng.uniform(0.05, 0.3)),
                at=at,
                detections=tuple(found),
                fire=fire,
                smoke=self.rng.random() * 0.05,
                moving=self.rng.random() < 0.95,
                detector="test 1",
                seconds=0.01,
                source=SIZE,
            )
        )

    def _hall(self) -> None:
        self._look(HALL)

    def _yard(self) -> None:
        self._look(YARD)

    def _pf(self) -> None:
        smoke = self.rng.randint(900, 1700) if self._on("smoke") else self.rng.randint(80, 120)
        gas = self.rng.randint(2500, 4000) if self._on("gas") else self.rng.randint(300, 330)
        flame = self._on("fire") and self.rng.random() < 0.5
        values = (smoke, self.rng.randint(40, 60), gas, flame)
        self.site.post(SensorReading(PF, self.site.clock.now(), *values))

    def _stranger(self) -> None:
        smoke = 2000 if self._on("smoke") else 100
        self.site.post(SensorReading(STRANGER, self.site.clock.now(), smoke, 50, None, None))

    def _frame(self) -> None:
        if self._on("silent"):
            return
        peak = self.rng.uniform(58.0, 110.0) if self._on("hot") else 30.0
        scene = room_with_spot(24.0, peak, 12, 16, 3) + self._numpy.normal(0, 0.1, (24, 32))
        words = words_to_hex(centi27_words(scene, self._numpy))
        frame = self._decoder.decode(words.encode(), self.site.clock.now())
        assert isinstance(frame, ThermalFrame)
        self.site.post(frame)

    def _fault(self) -> None:
        device = self.rng.choice(("hot", "pf"))
        cause = self.rng.choice((Cause.ACTIVE, Cause.CLEAR))
        place = PlaceId("boiler" if device == "hot" else "gate")
        key = AlarmKey(place, AlarmKind.DEVICE_FAULT, device)
        words = (f"device {device} is silent",)
        now = self.site.clock.now()
        self.site.reports.report(Report(key, cause, Priority.DIAGNOSTIC, words, now, "there"))
        self.site.turn()

    def _link(self) -> None:
        now = self.site.clock.now()
        gone = DeviceGone(HOT, now, "closed")
        seen = DeviceSeen(HOT, now, "10.1.1.1", Profile.CENTI27, waiting_calibration=False)
        self.site.post(gone if self.rng.random() < 0.5 else seen)

    def _person_asks(self) -> None:
        alarms = self.site.alarms.current.alarms
        if alarms:
            alarm = self.rng.choice(alarms)
            kind = AcknowledgeAsked if alarm.unacknowledged else ResetAsked
            self.site.post(kind(alarm.id, "ann"))

    def _cover(self) -> None:
        alarms = self.site.alarms.current.alarms
        asked: list[object] = [
            ArmAsked(self.rng.choice(("armed", "disarmed")), "ann"),
            OutOfServiceAsked(Scope(PlaceId("gate"), AlarmKind.GAS), 60.0, "repair", "ann"),
            WalkTestAsked((PlaceId("boiler"),), 60.0, "ann"),
            EndWalkTestAsked("ann"),
        ]
        if alarms:
            asked += [ShelveAsked(self.rng.choice(alarms).id, 60.0, "steam", "ann")] * 3
        self.site.post(self.rng.choice(asked))


def other_limits(settings: Settings, **limits: float) -> Settings:
    """The same site with other limits of its device `hot`."""
    hot, *rest = settings.devices
    changed = hot.model_copy(update={"limits": hot.limits.model_copy(update=limits)})
    return settings.model_copy(update={"devices": (changed, *rest)})


def dies(pipe, folder, asked, number) -> None:
    """A backtest that ends before it says anything."""
    raise SystemExit(3)
