"""Composition of everything about devices; a part of `app`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from embereye.config.schema import Settings
from embereye.config.secrets import SecretStore
from embereye.config.sensor_options import Firmware
from embereye.ingest.device_state import Aside, DeviceStates
from embereye.ingest.firmware import FirmwareLibrary
from embereye.ingest.sensor_serial import SerialLines
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.alarm import AlarmTable, Report
from embereye.model.credential import KeyRing
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.rules.idle import Idle
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import Worker
from embereye.services import enrolment_access, firmware_access
from embereye.services.access import Access
from embereye.services.arrears import Arrears
from embereye.services.device_log import DeviceLog
from embereye.services.device_ports import DeviceHooks
from embereye.services.device_test import DeviceTest, TestPorts
from embereye.services.enrolment import Enrolment
from embereye.services.firmware import FirmwareRollout
from embereye.services.firmware_desk import FirmwareDesk
from embereye.services.history import History
from embereye.services.owner_requests import OwnerRequests
from embereye.services.risk import Risk
from embereye.services.security import Security
from embereye.services.self_test_site import tested_site
from embereye.services.sensors import Sensors
from embereye.services.thermal_background import ThermalBackgrounds
from embereye.storage.device_log import DeviceLogStore
from embereye.storage.devices import LearnedDevice
from embereye.storage.opening import Storage


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What devices are wired to.

    Attributes:
        folder: The data directory.
        access: Who may do what.
        publish: To everybody who shows something.
        report: Takes verdicts (`Alarms.report`).
        alarms: The open ones.
    """

    folder: Path
    engine: Engine
    storage: Storage
    history: History
    secrets: SecretStore
    supervisor: Supervisor
    access: Access
    publish: Callable[[object], None]
    report: Callable[[Report], None]
    alarms: Callable[[], AlarmTable]


class DeviceSide:
    """The devices with what earlier runs learned of them, and all that serves them.

    Built by the thread that builds the program; `apply` belongs to the engine thread.

    Attributes:
        answer: What commands ask of the running program (`Ownership.on_request`); any thread.
    """

    def __init__(self, around: Surroundings, settings: Settings) -> None:
        self._around = around
        self._settings, self._testing = settings, False
        self._engine = around.engine
        self._storage = around.storage
        learned = around.storage.devices.load()
        self._build_risk(settings, learned)
        self._build_listeners(settings, learned)
        self._build_register(settings, learned)
        self._build_firmware(settings.sensors.firmware)
        self.answer = OwnerRequests(
            {
                enrolment_access.ASK: partial(enrolment_access.answer_request, self.enrolment),
                firmware_access.ASK: partial(
                    firmware_access.answer_firmware, self.firmware_desk, self._engine.post
                ),
            }
        )
        self.arrears = Arrears(
            self._engine, self._storage, around.history, self._states(settings, learned)
        )

    def prepare(self) -> None:
        """Keys, then what was acknowledged but not judged: before the engine and listeners run."""
        self.enrolment.prepare()
        self.arrears.play()

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """What runs in threads of its own."""
        return (
            ("enrolment", self.enrolment),
            ("sensors", self.server),
            ("firmware", self.firmware_desk),
        )

    def apply(self, new: Settings) -> None:
        """Take other settings."""
        self._settings = new
        self.risk.assign(tested_site(new, self._testing))
        self.sensors.apply(new)
        self.server.apply(new.sensors, new.devices)
        self.serial.apply(new.sensors)
        self.firmware.watch = new.sensors.firmware.watch
        self.log.keep_for(new.storage.retention_days)

    def test(self, on: bool) -> None:
        """Let the sources of the self-test count, or no more. Engine thread."""
        self._testing = on
        self.risk.assign(tested_site(self._settings, on))

    def flush(self) -> None:
        """Keep what was learned, before a stop."""
        self.backgrounds.save()
        self.log.flush()

    def _build_risk(self, settings: Settings, learned: dict[DeviceId, LearnedDevice]) -> None:
        kept = self._storage.backgrounds
        self.backgrounds = ThermalBackgrounds(self._engine, kept, kept.load())
        idle = {d.id: Idle(d.idle_smoke, d.idle_flame) for d in learned.values()}
        site, report = tested_site(settings, False), self._around.report
        self.risk = Risk(self._engine, site, report, idle, self._save_idle, self.backgrounds)

    def _build_listeners(self, settings: Settings, learned: dict[DeviceId, LearnedDevice]) -> None:
        clock, publish, post = self._engine.clock, self._around.publish, self._engine.post
        self.server = SensorServer(
            self._engine,
            clock,
            settings.sensors,
            settings.devices,
            _calibrations(learned),
            _locations(learned),
            self._storage.inbox,
            KeyRing(),
            self._around.folder,
            {d.id: Aside(d.calibration_aside or b"", d.location_aside) for d in learned.values()},
        )
        self.serial = SerialLines(self.server, self._engine, self._around.supervisor)
        self.enrolment = Enrolment(
            self._storage.device_keys, self._around.secrets, clock, self._apply_keys, post, publish
        )
        for kind in self.enrolment.requests:
            self._engine.on(kind, self.enrolment.ask)
        self._engine.on(KeyRing, self._know_keys)

    def _build_register(self, settings: Settings, learned: dict[DeviceId, LearnedDevice]) -> None:
        engine, publish, storage = self._engine, self._around.publish, self._storage
        hooks = DeviceHooks(
            relearn=self.risk.relearn,
            quarantine=self.risk.quarantine,
            leave_out=self._around.history.leave_out,
            accept_aside=self.server.accept_aside,
            doubts=lambda device: self.risk.current.doubts.get(device, ()),
            refusal=self._around.access.refusal,
            record=storage.audit.record,
        )
        report = self._around.report
        self.sensors = Sensors(engine, publish, report, settings, storage.devices, learned, hooks)
        self.security = Security(engine, publish, storage.audit.security)
        kept, days = DeviceLogStore(storage.telemetry), settings.storage.retention_days
        self.log = DeviceLog(engine, kept, days, self.server.ask, publish)
        ports = TestPorts(
            table=lambda: self.sensors.current,
            connected=self.sensors.connected,
            command=self.server.ask,
            flush=self._around.history.flush,
            stored_until=self._around.history.stored_until,
            record=storage.audit.record,
        )
        DeviceTest(engine, publish, ports)

    def _build_firmware(self, policy: Firmware) -> None:
        clock, post = self._engine.clock, self._engine.post
        library = FirmwareLibrary(self._around.folder / "firmware", clock)
        self.firmware_desk = FirmwareDesk(library, clock, post, self._around.publish)
        for kind in self.firmware_desk.requests:
            self._engine.on(kind, self.firmware_desk.ask)
        kept = self._storage.firmware
        self.firmware = FirmwareRollout(
            self._engine,
            self._around.publish,
            self.server.ask,
            lambda: self.sensors.current,
            self._around.alarms,
            kept,
            policy.watch,
        )
        self.firmware.restore([(r.device, r.version, r.state, r.detail) for r in kept.load()])
        last = self.firmware.current
        if last.version and not last.halted and not last.finished:
            self.firmware_desk.go_on(last.version)

    def _states(self, settings: Settings, learned: dict[DeviceId, LearnedDevice]) -> DeviceStates:
        """As the listener's, for packets of the last run."""
        states = DeviceStates(_calibrations(learned), _locations(learned))
        states.apply(settings.devices)
        return states

    def _apply_keys(self, ring: KeyRing) -> None:
        """Any thread: the listener at once, the register by the engine."""
        self.server.apply_keys(ring)
        self._engine.post(ring)

    def _know_keys(self, ring: KeyRing) -> None:
        self.sensors.know_keys(ring)

    def _save_idle(self, device: DeviceId, idle: Idle, at: Stamp) -> None:
        self._storage.devices.save_idle(device, idle.smoke, idle.flame, at)


def _calibrations(learned: dict[DeviceId, LearnedDevice]) -> dict[DeviceId, bytes]:
    return {d.id: d.calibration for d in learned.values() if d.calibration}


def _locations(learned: dict[DeviceId, LearnedDevice]) -> dict[DeviceId, str]:
    return {d.id: d.location for d in learned.values() if d.location}
