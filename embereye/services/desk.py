"""The program as screens see it: snapshots to read, one place to send wishes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from embereye.config.schema import AlarmRule, Settings
from embereye.config.store import SettingsStore
from embereye.ingest.sensor_tcp import SensorServer
from embereye.ingest.views import Views
from embereye.model.alarm import AlarmTable
from embereye.model.alarm_past import AlarmPastAsked
from embereye.model.arming import ArmingState
from embereye.model.camera import CameraTable
from embereye.model.camera_clock import ClockTable
from embereye.model.camera_figures import CameraPast
from embereye.model.daily_test import SelfTests
from embereye.model.detection import DetectionResult
from embereye.model.device_messages import DeviceLogged
from embereye.model.firmware import FirmwareImage, Rollout
from embereye.model.frame import Tile, ViewDemand
from embereye.model.ids import AlarmId, CameraId, DeviceId, IncidentId
from embereye.model.incident import IncidentTable, LlmState
from embereye.model.notice import NoticeTable
from embereye.model.past import PastAsked, TrendAsked
from embereye.model.ptz import PtzStatus
from embereye.model.reading import DeviceTable
from embereye.model.remote import RemoteState
from embereye.model.rule_preview import RulePreview
from embereye.model.rule_problem import RuleProblem
from embereye.model.security import SecurityTable
from embereye.model.sighting import Followed
from embereye.model.status import StatusLine
from embereye.model.thermal import RegionReading
from embereye.model.trend import Trend
from embereye.model.vision_models import ModelTable, ModelWork
from embereye.model.walk_test import WalkTests
from embereye.runtime.clock import Clock
from embereye.services.alarm_past import AlarmPastReader
from embereye.services.alarms import Alarms
from embereye.services.arming import Arming
from embereye.services.backtest import BacktestAsked
from embereye.services.backtest_desk import BacktestDesk
from embereye.services.camera_clock import CameraClocks
from embereye.services.camera_configuration import ChangedCamera
from embereye.services.camera_finder import CameraFinder
from embereye.services.camera_history import CameraHistory
from embereye.services.camera_trial import CameraTrial, TrialOpener
from embereye.services.cameras import Cameras
from embereye.services.daily_test import DailyTest
from embereye.services.detection import DetectionFeeder
from embereye.services.device_log import DeviceLog
from embereye.services.firmware import FirmwareRollout
from embereye.services.firmware_desk import FirmwareDesk
from embereye.services.gas_trend import gas_trend
from embereye.services.history import History
from embereye.services.incident_desk import IncidentDesk
from embereye.services.model_labels import labels_of
from embereye.services.models import ModelDesk
from embereye.services.notify import Notices
from embereye.services.ptz import Domes
from embereye.services.queue_watch import QueueWatch
from embereye.services.remote_detection import RemoteDetection
from embereye.services.risk import Risk
from embereye.services.rule_check import problems_of
from embereye.services.rule_review import RuleReview
from embereye.services.rule_watch import RuleWatch
from embereye.services.security import Security
from embereye.services.sensors import Sensors
from embereye.services.sightings import Sightings
from embereye.services.thermal_archive import ThermalArchive
from embereye.services.trend_reader import TrendReader
from embereye.services.upkeep import Upkeep
from embereye.services.walk_test import WalkTesting


@dataclass(frozen=True, slots=True)
class Desk:
    """Fills the port of the screens (`ui.program_console`). GUI thread; no method blocks."""

    clock: Clock
    store: SettingsStore
    alarm_board: Alarms
    walk_testing: WalkTesting
    self_testing: DailyTest
    queue_watch: QueueWatch
    incident_desk: IncidentDesk
    notices: Notices
    arming_mode: Arming
    rule_watch: RuleWatch
    rule_review: RuleReview
    backtests: BacktestDesk
    camera_register: Cameras
    camera_history: CameraHistory
    clocks: CameraClocks
    domes: Domes
    device_register: Sensors
    security_desk: Security
    risk: Risk
    log: DeviceLog
    trends: TrendReader
    archive: ThermalArchive
    alarm_past: AlarmPastReader
    firmware: FirmwareRollout
    firmware_desk: FirmwareDesk
    model_desk: ModelDesk
    feeder: DetectionFeeder
    sightings: Sightings
    views: Views
    opener: TrialOpener
    history: History
    upkeep: Upkeep
    server: SensorServer
    remote: RemoteDetection
    post: Callable[[object], None]

    def settings(self) -> Settings:
        return self.store.current

    def alarms(self) -> AlarmTable:
        return self.alarm_board.current

    def incidents(self) -> IncidentTable:
        return self.incident_desk.current

    def incident_of(self, alarm: AlarmId) -> IncidentId | None:
        return self.incident_desk.incident_of(alarm)

    def language_model(self) -> LlmState:
        return self.incident_desk.language_model

    def walk_tests(self) -> WalkTests:
        return self.walk_testing.current

    def self_tests(self) -> SelfTests:
        return self.self_testing.current

    def waiting(self) -> Mapping[str, int]:
        return self.queue_watch.waiting

    def arming(self) -> ArmingState:
        return self.arming_mode.current

    def preview(self, rule: AlarmRule) -> RulePreview:
        return self.rule_watch.preview(rule)

    def check_rule(self, rule: AlarmRule) -> tuple[str, ...]:
        site, models = self.rule_watch.site, self.model_desk.current
        labels = labels_of(site.settings, models)
        return problems_of(rule, self.rule_watch.preview(rule), site, labels)

    def backtest(self, asked: BacktestAsked, reply: Callable[[object], object]) -> int:
        return self.backtests.ask(asked, reply)

    def cancel_backtest(self) -> None:
        self.backtests.cancel()

    def rule_problems(self) -> tuple[RuleProblem, ...]:
        return self.rule_review.current

    def notifications(self) -> NoticeTable:
        return self.notices.current

    def cameras(self) -> CameraTable:
        return self.camera_register.current

    def camera_pasts(self) -> Mapping[CameraId, CameraPast]:
        return self.camera_history.current

    def camera_clocks(self) -> ClockTable:
        return self.clocks.current

    def ptz(self, camera: CameraId) -> PtzStatus | None:
        return self.domes.status(camera)

    def devices(self) -> DeviceTable:
        return self.device_register.current

    def security(self) -> SecurityTable:
        return self.security_desk.current

    def regions(self, device: DeviceId) -> Sequence[RegionReading]:
        return self.risk.current_regions.get(device, ())

    def device_log(self, device: DeviceId) -> Sequence[DeviceLogged]:
        return self.log.lines(device)

    def recall(self, asked: PastAsked, reply: Callable[[object], object]) -> None:
        if isinstance(asked, TrendAsked):
            self.trends.ask(asked, reply)
        elif isinstance(asked, AlarmPastAsked):
            self.alarm_past.ask(asked, reply)
        else:
            self.archive.ask(asked, reply)

    def firmware_images(self) -> tuple[FirmwareImage, ...]:
        return self.firmware_desk.images

    def rollout(self) -> Rollout:
        return self.firmware.current

    def models(self) -> ModelTable:
        return self.model_desk.shown()

    def model_work(self) -> ModelWork:
        pool = self.feeder.current.pool
        return ModelWork() if pool is None else ModelWork(dict(pool.troubles), dict(pool.providers))

    def trial(self, row: ChangedCamera) -> CameraTrial:
        return CameraTrial(row, self.opener, self.clock)

    def finder(self) -> CameraFinder:
        return CameraFinder(self.clock)

    def detections(self) -> Mapping[CameraId, DetectionResult]:
        return self.sightings.current

    def followed(self) -> Mapping[CameraId, tuple[Followed, ...]]:
        return self.sightings.followed

    def tile(self, camera: CameraId, width: int, height: int) -> Tile | None:
        return self.views.newest(camera, width, height)

    def demand(self, demands: Sequence[ViewDemand]) -> None:
        self.views.demand(demands)

    def trend(self, device: DeviceId, channel: str, seconds: float) -> Trend:
        if channel == "gas":
            known = {d.id: d.limits for d in self.store.current.devices}
            return gas_trend(known.get(device), lambda c: self.history.trend(device, c, seconds))
        return self.history.trend(device, channel, seconds)

    def remote_detector(self) -> RemoteState:
        return self.remote.current

    def status(self) -> StatusLine:
        server = self.server
        listening = f"{self.store.current.sensors.host}:{server.port}"
        return StatusLine(
            recording=self.alarm_board.current.recording,
            disk_days=self.upkeep.days_left,
            disk_free_mib=self.upkeep.free_mib,
            sensor_address=server.fault or listening if server.port or server.fault else "off",
        )

    def ask(self, request: object) -> None:
        self.post(request)
