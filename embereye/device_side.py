"""Composition of everything about devices; a part of `app`."""

from collections.abc import Callable
from pathlib import Path

from embereye.config.schema import Settings
from embereye.ingest.firmware import FirmwareLibrary
from embereye.ingest.sensor_tcp import SensorServer
from embereye.model.alarm import AlarmTable, Report
from embereye.model.device_messages import CommandAsked
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.rules.idle import Idle
from embereye.runtime.clock import Clock
from embereye.runtime.engine import Engine
from embereye.runtime.worker import Worker
from embereye.services.firmware import FirmwareRollout
from embereye.services.firmware_desk import FirmwareDesk
from embereye.services.risk import Risk
from embereye.services.risk_site import risk_site
from embereye.services.security import Security
from embereye.services.sensors import Sensors
from embereye.storage.opening import Storage


class DeviceSide:
    """The devices with what earlier runs learned of them, and all that serves them.

    Built by the thread that builds the program; `apply` belongs to the engine thread.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        engine: Engine,
        storage: Storage,
        publish: Callable[[object], None],
        report: Callable[[Report], None],
        alarms: Callable[[], AlarmTable],
    ) -> None:
        """`folder` is the data directory; `report` takes verdicts, `alarms` gives the open ones."""
        self._engine = engine
        self._storage = storage
        self._publish = publish
        clock = engine.clock
        memory = storage.devices
        learned = memory.load()
        idle = {d.id: Idle(d.idle_smoke, d.idle_flame) for d in learned.values()}
        self.risk = Risk(engine, risk_site(settings), report, idle, self._save_idle)
        self.sensors = Sensors(engine, publish, report, settings, memory, learned)
        self.security = Security(engine, publish, storage.audit.security)
        self.server = SensorServer(
            engine,
            clock,
            settings.sensors,
            settings.devices,
            {d.id: d.calibration for d in learned.values() if d.calibration},
            {d.id: d.location for d in learned.values() if d.location},
        )
        self._build_firmware(folder, clock, alarms)

    def workers(self) -> tuple[tuple[str, Worker], ...]:
        """What runs in threads of its own."""
        return (("sensors", self.server), ("firmware", self.firmware_desk))

    def apply(self, new: Settings) -> None:
        """Take other settings."""
        self.risk.assign(risk_site(new))
        self.sensors.apply(new)
        self.server.apply(new.sensors, new.devices)

    def _build_firmware(self, folder: Path, clock: Clock, alarms: Callable[[], AlarmTable]) -> None:
        library, post = FirmwareLibrary(folder / "firmware", clock), self._engine.post
        self.firmware_desk = FirmwareDesk(library, clock, post, self._publish)
        for kind in self.firmware_desk.requests:
            self._engine.on(kind, self.firmware_desk.ask)
        kept = self._storage.firmware
        self.firmware = FirmwareRollout(
            self._engine,
            self._publish,
            self._ask_command,
            lambda: self.sensors.current,
            alarms,
            kept,
        )
        rows = [(r.device, r.version, r.state, r.detail) for r in kept.load()]
        self.firmware.restore(rows)
        if self.firmware.current.version:
            self.firmware_desk.go_on(self.firmware.current.version)

    def _ask_command(self, device: DeviceId, body: str) -> None:
        self._engine.post(CommandAsked(device, body, "firmware"))

    def _save_idle(self, device: DeviceId, idle: Idle, at: Stamp) -> None:
        self._storage.devices.save_idle(device, idle.smoke, idle.flame, at)
