"""Composition root: builds every object, wires, starts, stops."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embereye.alarm_side import AlarmSide
from embereye.alarm_side import Around as AroundAlarms
from embereye.camera_side import Around as AroundCameras
from embereye.camera_side import CameraSide
from embereye.config.schema import Device, DeviceLimits, Settings
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsChanged, SettingsStore
from embereye.device_side import DeviceSide, Surroundings
from embereye.model.ids import CameraId, DeviceId
from embereye.model.messages import AlarmChanged, WorkerFailed
from embereye.runtime.bus import Bus
from embereye.runtime.clock import Clock
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import ThreadHost, Worker
from embereye.services import alarm_access
from embereye.services.configuration import Configuration
from embereye.services.desk import Desk
from embereye.services.history import History
from embereye.services.intrusions import Intrusions
from embereye.services.places import fault_keys, places_of
from embereye.services.sightings import Sightings
from embereye.services.thermal_archive import ThermalArchive
from embereye.services.trend_reader import TrendReader
from embereye.services.upkeep import Upkeep
from embereye.services.zone_log import ZoneLog
from embereye.services.zone_site import zone_site
from embereye.services.zone_watch import ZoneWatch
from embereye.storage.opening import Storage, open_storage

_log = logging.getLogger(__name__)

_STOP_DEADLINE = 5.0  # s for all workers together; each promises 1 s
_STORAGE_DEADLINE = 5.0  # s for what still waits for the disk
_LOOK = 1.0  # s between looks for workers that work again

StorageOpener = Callable[[Path, Clock, Callable[[object], None]], Storage]


@dataclass(frozen=True, slots=True)
class Site:
    """What one running program is given.

    Attributes:
        folder: The data directory, owned by this process.
        store: The settings in force.
        threads: Hosts the workers: plain threads, or QThreads on the console.
        media_folders: Folders of video files allowed beside those of the settings.
        safe_mode: Neither cameras nor detection: only alarms and sensors.
    """

    folder: Path
    store: SettingsStore
    secrets: SecretStore
    threads: ThreadHost
    clock: Clock
    media_folders: tuple[Path, ...] = ()
    safe_mode: bool = False


class Program:
    """Everything but the windows. Built, started and stopped by one thread.

    Attributes:
        desk: What screens read and ask.
        bus: Where `AlarmChanged` and `TableChanged` are published.
    """

    def __init__(self, site: Site, opener: StorageOpener = open_storage) -> None:
        """Open the data directory and wire all parts; StorageError when that cannot be done."""
        self._site = site
        self._clock = site.clock
        self.bus = Bus()
        self.engine = Engine(site.clock, on_bug=self._bug)
        self.storage = opener(site.folder, site.clock, self._tell)
        self._keepers = Supervisor(site.threads, site.clock, self._tell)
        self._core = Supervisor(site.threads, site.clock, self._tell)
        self._supervisor = Supervisor(site.threads, site.clock, self._tell)
        self._build()

    def start(self) -> None:
        """Start all workers; open alarms of the last run are back before anything is received."""
        for name, worker in self.storage.workers():
            self._keepers.start(name, worker)
        self.alarm_side.start()
        self.devices.risk.restore(self.alarm_side.restored)
        self.zones.restore(self.alarm_side.restored)
        self.devices.prepare()
        self._core.start("engine", self.engine)
        for name, worker in self._workers():
            self._supervisor.start(name, worker)
        self.engine.post(SettingsChanged(self._site.store.current, self._site.store.current))

    def stop(self) -> None:
        """Stop in the reverse order of start; what was received is still stored."""
        stuck = self._supervisor.stop_all(_STOP_DEADLINE)
        stuck += self._core.stop_all(_STOP_DEADLINE)
        # The engine may have started a camera while the others were being stopped.
        stuck += self._supervisor.stop_all(_STOP_DEADLINE)
        self.history.flush()
        self.zone_log.flush()
        self.alarm_side.flush()
        self.devices.flush()
        stuck += self._keepers.stop_all(_STORAGE_DEADLINE)
        if stuck:
            _log.error("left behind at the stop: %s", ", ".join(stuck))

    def supervise(self, name: str, worker: Worker) -> None:
        """Run one more worker with the program (a simulator, the owner's port)."""
        self._supervisor.start(name, worker)

    def dismiss(self, name: str) -> None:
        """End a worker that was added with `supervise`, and wait for that."""
        self._supervisor.stop(name)

    # --- wiring ------------------------------------------------------------------------------

    def _build(self) -> None:
        settings = self._site.store.current
        self.alarm_side = AlarmSide(self._around_alarms())
        self.alarms = self.alarm_side.alarms
        stored = self.storage.readings, self.storage.detections
        self.history = History(self.engine, *stored, settings.storage.retention_days)
        self.devices = DeviceSide(self._around_devices(), settings)
        self.devices.answer.add(alarm_access.ASK, self.alarm_side.commands.answer)
        self.alarm_side.quarantined = lambda: self.devices.sensors.current_quarantine
        self.alarm_side.recording.learned = lambda: self.devices.risk.current.idle
        self.cameras = CameraSide(self._around_cameras(), settings, self.devices.answer)
        self._wire_self_test()
        self.alarm_side.review.models = lambda: self.cameras.models.current
        self._build_zones(settings)
        self._build_office(settings.storage.low_disk)
        self.desk = self._desk(Sightings(self.engine, self._publish))
        self.engine.on(SettingsChanged, self._settings_changed)
        for supervisor in (self._keepers, self._core, self._supervisor):
            self.engine.every(_LOOK, supervisor.look)

    def _build_office(self, low_disk: int) -> None:
        """What works on the disk beside the watching."""
        site, folder = self._site, self._site.folder
        self.upkeep = Upkeep(folder, low_disk, self._clock, self._tell)
        self.configuration = Configuration(
            site.store, site.secrets, self.engine.post, self._publish, self._note_device
        )
        for kind in self.configuration.requests:
            self.engine.on(kind, self.configuration.ask)
        self.trends = TrendReader(folder, self._clock, self.history.trend, self._limits)
        self.archive = ThermalArchive(folder, self._row, self.storage.devices.load)

    def _around_alarms(self) -> AroundAlarms:
        site = self._site
        return AroundAlarms(
            folder=site.folder,
            engine=self.engine,
            storage=self.storage,
            store=site.store,
            secrets=site.secrets,
            publish=self._publish,
            tell=self._tell,
        )

    def _wire_self_test(self) -> None:
        side, devices, cameras = self.alarm_side, self.devices, self.cameras
        side.show_in_test = cameras.pictures.shown.put
        ports = side.self_test.ports
        ports.listener = lambda: devices.server.port
        ports.watched = cameras.watched

        def prepare(on: bool) -> None:
            devices.test(on)
            cameras.test(on)

        ports.prepare = prepare

    def _build_zones(self, settings: Settings) -> None:
        days = settings.storage.retention_days
        self.zone_log = ZoneLog(self.engine, self.storage.zone_events, days)
        intrusions = Intrusions(places_of(settings), self.alarm_side.reports.report)
        size, note = self._picture_size, self.zone_log.note
        self.zones = ZoneWatch(self.engine, zone_site(settings), size, intrusions, note)

    def _around_devices(self) -> Surroundings:
        return Surroundings(
            folder=self._site.folder,
            engine=self.engine,
            storage=self.storage,
            history=self.history,
            secrets=self._site.secrets,
            supervisor=self._supervisor,
            access=self.alarm_side.access,
            publish=self._publish,
            report=self.alarm_side.reports.report,
            alarms=lambda: self.alarms.current,
        )

    def _around_cameras(self) -> AroundCameras:
        site = self._site
        return AroundCameras(
            folder=site.folder,
            media_folders=site.media_folders,
            engine=self.engine,
            store=site.store,
            secrets=site.secrets,
            supervisor=self._supervisor,
            audit=self.storage.audit,
            alarms=self.alarms,
            reports=self.alarm_side.reports,
            publish=self._publish,
            tell=self._tell,
        )

    def _desk(self, sightings: Sightings) -> Desk:
        return Desk(
            clock=self._clock,
            store=self._site.store,
            alarm_board=self.alarms,
            walk_testing=self.alarm_side.walk_tests,
            self_testing=self.alarm_side.self_test,
            queue_watch=self.alarm_side.queues,
            incident_desk=self.alarm_side.incidents,
            notices=self.alarm_side.notices,
            arming_mode=self.alarm_side.arming,
            rule_watch=self.alarm_side.rules,
            rule_review=self.alarm_side.review,
            backtests=self.alarm_side.backtests,
            camera_register=self.cameras.register,
            camera_history=self.cameras.history,
            clocks=self.cameras.clocks,
            domes=self.cameras.domes,
            device_register=self.devices.sensors,
            security_desk=self.devices.security,
            risk=self.devices.risk,
            log=self.devices.log,
            trends=self.trends,
            archive=self.archive,
            alarm_past=self.alarm_side.past,
            firmware=self.devices.firmware,
            firmware_desk=self.devices.firmware_desk,
            model_desk=self.cameras.models,
            feeder=self.cameras.feeder,
            sightings=sightings,
            views=self.cameras.views,
            opener=self.cameras.opener,
            history=self.history,
            upkeep=self.upkeep,
            server=self.devices.server,
            remote=self.cameras.remote,
            post=self.engine.post,
        )

    def _workers(self) -> tuple[tuple[str, Worker], ...]:
        return (
            ("settings", self.configuration),
            ("upkeep", self.upkeep),
            *self.alarm_side.workers(),
            *self.devices.workers(),
            *self.cameras.workers(),
            ("trends", self.trends),
            ("thermal archive", self.archive),
        )

    # --- between the parts -------------------------------------------------------------------

    def _settings_changed(self, message: SettingsChanged) -> None:
        new = message.new
        self.devices.apply(new)
        self.zones.assign(zone_site(new))
        shown = new.model_copy(update={"cameras": ()}) if self._site.safe_mode else new
        self.cameras.apply(shown)
        self.upkeep.apply(new.storage.low_disk)
        self.history.keep_days(new.storage.retention_days)
        self.zone_log.keep_days(new.storage.retention_days)
        self.alarm_side.apply(new)
        self.alarms.keep_faults(fault_keys(new))
        if message.old is not new:
            now, text = self._clock.now(), f"settings revision {new.revision} in force"
            self.storage.audit.record("settings", "settings", new.operator, text, now)

    def _picture_size(self, camera: CameraId) -> tuple[int, int]:
        rows = self.cameras.register.current.cameras
        known = next((row.counters for row in rows if row.id == camera), None)
        return (0, 0) if known is None else (known.width, known.height)

    def _row(self, device: DeviceId) -> Device | None:
        rows = self._site.store.current.devices
        return next((row for row in rows if row.id == device), None)

    def _limits(self, device: DeviceId) -> DeviceLimits | None:
        row = self._row(device)
        return None if row is None else row.limits

    def _note_device(self, subject: str, actor: str, text: str) -> None:
        self.storage.audit.record("device", subject, actor, text, self._clock.now())

    def _publish(self, message: object) -> None:
        """To all who show it; the pictures of an announced fire are looked at more often."""
        self.bus.publish(message)  # first: no bug of the others may hide an alarm
        if isinstance(message, AlarmChanged):
            self.history.take_alarm(message)
            self.alarm_side.take(message)
        if isinstance(message, AlarmChanged) and message.announced:
            self.cameras.attend(message.alarm)

    def _tell(self, message: object) -> None:
        """To the engine, which may make it an alarm, and to whoever shows it."""
        self.engine.post(message)
        self.bus.publish(message)

    def _bug(self, doing: str) -> None:
        text = f"A fault of the program itself while {doing}; see the log. It goes on."
        self._tell(WorkerFailed("engine", text, recovered=False, at=self._clock.now()))
