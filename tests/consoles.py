"""A console that tests fill with whatever they want to see."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from fakes import FakeClock

from embereye.config.schema import AlarmRule, Camera, Settings
from embereye.ingest.capture import Opener
from embereye.ingest.opener import opener_of
from embereye.ingest.source import Source
from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, AlarmTable, Cause, Priority
from embereye.model.arming import ArmingState
from embereye.model.camera import CameraState, CameraStatus, CameraTable, CaptureCounters
from embereye.model.camera_clock import ClockTable
from embereye.model.camera_figures import CameraPast
from embereye.model.daily_test import SelfTests
from embereye.model.detection import DetectionResult
from embereye.model.device_messages import DeviceLogged
from embereye.model.firmware import FirmwareImage, Rollout
from embereye.model.frame import Tile, ViewDemand
from embereye.model.ids import AlarmId, CameraId, DeviceId, IncidentId, PlaceId
from embereye.model.incident import IncidentTable, LlmState
from embereye.model.notice import NoticeTable
from embereye.model.past import PastAsked, PastRead
from embereye.model.ptz import PtzStatus
from embereye.model.reading import DeviceState, DeviceStatus, DeviceTable, Profile, ThermalFrame
from embereye.model.remote import RemoteState
from embereye.model.rule_preview import RulePreview
from embereye.model.rule_problem import RuleProblem
from embereye.model.security import SecurityTable
from embereye.model.sighting import Followed
from embereye.model.thermal import RegionReading
from embereye.model.trend import Trend
from embereye.model.vision_models import ModelTable, ModelWork
from embereye.model.walk_test import WalkTests
from embereye.runtime.clock import Clock, SystemClock
from embereye.services.backtest import BacktestAsked
from embereye.services.camera_configuration import ChangedCamera
from embereye.services.camera_finder import CameraFinder
from embereye.services.camera_trial import CameraTrial
from embereye.services.rule_check import problems_of
from embereye.services.rule_inputs import LatestInputs
from embereye.services.rule_preview import preview_of
from embereye.services.rule_site import rule_site
from embereye.ui.console import StatusLine


class FakeConsole:
    """Fills the port `ui.program_console.ProgramConsole`; keeps what was asked."""

    def __init__(self, clock: Clock | None = None, settings: Settings | None = None) -> None:
        self.clock: Clock = clock or FakeClock()
        self.configured = settings or Settings()
        self.alarm_table = AlarmTable()
        self.notice_table = NoticeTable()
        self.walks = WalkTests()
        self.tests = SelfTests()
        self.queues: dict[str, int] = {}
        self.incident_table, self.llm = IncidentTable(), LlmState()
        self.camera_table = CameraTable()
        self.device_table = DeviceTable()
        self.security_table = SecurityTable()
        self.region_values: dict[DeviceId, tuple[RegionReading, ...]] = {}
        self.logged: dict[DeviceId, tuple[DeviceLogged, ...]] = {}
        self.past = FakePast()
        self.images: tuple[FirmwareImage, ...] = ()
        self.rolled_out = Rollout()
        self.verdicts: dict[CameraId, DetectionResult] = {}
        self.objects: dict[CameraId, tuple[Followed, ...]] = {}
        self.tiles: dict[CameraId, Tile] = {}
        self.trends: dict[str, Trend] = {}
        self.demands: list[tuple[ViewDemand, ...]] = []
        self.asked: list[object] = []
        self.pasts: dict[CameraId, CameraPast] = {}
        self.clock_table = ClockTable()
        self.trials: list[ChangedCamera] = []
        self.model_table, self.work = ModelTable(), ModelWork()
        self.domes: dict[CameraId, PtzStatus] = {}
        self.stored_password: str | None = None
        self.onvif_port = 9  # nobody listens there
        self.remote = RemoteState()
        self.armed = ArmingState("armed", ("armed", "disarmed"))
        self.latest = LatestInputs()
        self.problems: tuple[RuleProblem, ...] = ()
        self.backtests: list[tuple[BacktestAsked, Callable[[object], object]]] = []
        self.line = StatusLine(True, 41.0, 120_000, "127.0.0.1:9001")

    def settings(self) -> Settings:
        return self.configured

    def alarms(self) -> AlarmTable:
        return self.alarm_table

    def walk_tests(self) -> WalkTests:
        return self.walks

    def self_tests(self) -> SelfTests:
        return self.tests

    def waiting(self) -> Mapping[str, int]:
        return self.queues

    def incidents(self) -> IncidentTable:
        return self.incident_table

    def incident_of(self, alarm: AlarmId) -> IncidentId | None:
        return self.incident_table.by_alarm.get(alarm)

    def language_model(self) -> LlmState:
        return self.llm

    def cameras(self) -> CameraTable:
        return self.camera_table

    def devices(self) -> DeviceTable:
        return self.device_table

    def security(self) -> SecurityTable:
        return self.security_table

    def regions(self, device: DeviceId) -> Sequence[RegionReading]:
        return self.region_values.get(device, ())

    def device_log(self, device: DeviceId) -> Sequence[DeviceLogged]:
        return self.logged.get(device, ())

    def recall(self, asked: PastAsked, reply: Callable[[object], object]) -> None:
        self.past.recall(asked, reply)

    def firmware_images(self) -> tuple[FirmwareImage, ...]:
        return self.images

    def rollout(self) -> Rollout:
        return self.rolled_out

    def camera_pasts(self) -> Mapping[CameraId, CameraPast]:
        return self.pasts

    def camera_clocks(self) -> ClockTable:
        return self.clock_table

    def models(self) -> ModelTable:
        return self.model_table

    def model_work(self) -> ModelWork:
        return self.work

    def trial(self, row: ChangedCamera) -> CameraTrial:
        self.trials.append(row)
        return CameraTrial(row, self._opener, SystemClock())

    def finder(self) -> CameraFinder:
        return CameraFinder(SystemClock(), ("127.0.0.1",), ("127.0.0.1", self.onvif_port))

    def _opener(self, camera: Camera, typed: str | None = None) -> tuple[Source, Opener]:
        password = self.stored_password if typed is None else typed
        return opener_of(camera, (), lambda _camera: password, SystemClock())

    def ptz(self, camera: CameraId) -> PtzStatus | None:
        return self.domes.get(camera)

    def detections(self) -> Mapping[CameraId, DetectionResult]:
        return self.verdicts

    def followed(self) -> Mapping[CameraId, tuple[Followed, ...]]:
        return self.objects

    def tile(self, camera: CameraId, width: int, height: int) -> Tile | None:
        return self.tiles.get(camera)

    def demand(self, demands: Sequence[ViewDemand]) -> None:
        self.demands.append(tuple(demands))

    def trend(self, device: DeviceId, channel: str, seconds: float) -> Trend:
        empty = np.empty(0)
        return self.trends.get(channel, Trend(channel, "", empty, empty))

    def notifications(self) -> NoticeTable:
        return self.notice_table

    def remote_detector(self) -> RemoteState:
        return self.remote

    def arming(self) -> ArmingState:
        return self.armed

    def preview(self, rule: AlarmRule) -> RulePreview:
        now = self.clock.now()
        return preview_of(rule, rule_site(self.configured), self.latest, now)

    def check_rule(self, rule: AlarmRule) -> tuple[str, ...]:
        return problems_of(rule, self.preview(rule), rule_site(self.configured))

    def rule_problems(self) -> tuple[RuleProblem, ...]:
        return self.problems

    def backtest(self, asked: BacktestAsked, reply: Callable[[object], object]) -> int:
        self.backtests.append((asked, reply))
        return len(self.backtests)

    def cancel_backtest(self) -> None:
        self.asked.append("cancel the backtest")

    def status(self) -> StatusLine:
        return self.line

    def ask(self, request: object) -> None:
        self.asked.append(request)

    # --- what tests change -------------------------------------------------------------------

    def show_cameras(self, *cameras: CameraStatus) -> None:
        self.camera_table = CameraTable(self.camera_table.revision + 1, cameras)

    def show_alarms(self, *alarms: Alarm, silenced_until: float | None = None) -> None:
        self.alarm_table = AlarmTable(self.alarm_table.revision + 1, alarms, silenced_until)

    def show_devices(self, *devices: DeviceStatus) -> None:
        self.device_table = DeviceTable(self.device_table.revision + 1, devices)

    def put_picture(
        self, camera: str, width: int = 320, height: int = 240, level: int = 120
    ) -> Tile:
        pixels = np.full((height, width, 4), level, np.uint8)
        tile = Tile(CameraId(camera), pixels, 1, self.clock.now(), 640, 480)
        self.tiles[CameraId(camera)] = tile
        return tile


class FakePast:
    """Fills the port `ui.past_console.Past`; tests answer when they want to."""

    def __init__(self) -> None:
        self.questions: list[tuple[PastAsked, Callable[[object], object]]] = []

    def recall(self, asked: PastAsked, reply: Callable[[object], object]) -> None:
        self.questions.append((asked, reply))

    def answer(self, make: Callable[[PastAsked], PastRead]) -> None:
        """Answer all questions that wait, in order."""
        waiting, self.questions = self.questions, []
        for asked, reply in waiting:
            reply(make(asked))


def camera(
    name: str, clock: Clock, state: CameraState = CameraState.LIVE, **changes: object
) -> CameraStatus:
    fields: dict[str, object] = {
        "id": CameraId(name),
        "name": name,
        "place": PlaceId(name),
        "group": "",
        "source": f"rtsp://10.1.2.3/{name}",
        "state": state,
        "detail": "",
        "since": clock.now(),
        "counters": CaptureCounters(fps=25.0, width=640, height=480, interval=0.04),
    }
    return CameraStatus(**{**fields, **changes})  # type: ignore[arg-type]


def alarm(number: int, clock: Clock, **changes: object) -> Alarm:
    """An unacknowledged fire unless changed; `kind` and `place` make the key."""
    kind = changes.pop("kind", AlarmKind.FIRE)
    place = str(changes.pop("place", f"place-{number}"))
    now = clock.now().utc
    fields: dict[str, object] = {
        "id": AlarmId(number),
        "key": AlarmKey(PlaceId(place), kind),  # type: ignore[arg-type]
        "place_name": place,
        "priority": Priority.EMERGENCY,
        "state": AlarmState.UNACKNOWLEDGED,
        "cause": Cause.ACTIVE,
        "reasons": ("thermal maximum 91.2 °C ≥ 85 °C",),
        "raised_utc": now,
        "changed_utc": now,
    }
    return Alarm(**{**fields, **changes})  # type: ignore[arg-type]


def thermal(device: str, clock: Clock, hottest: float = 91.0) -> ThermalFrame:
    """A warm room with one hot spot."""
    rows, columns = np.mgrid[0:24, 0:32]
    spot = np.exp(-((rows - 13) ** 2 + (columns - 19) ** 2) / 6.0)
    celsius = (24 + rows * 0.1 + (hottest - 25.3) * spot).astype(np.float32)
    row, column = np.unravel_index(int(celsius.argmax()), celsius.shape)
    return ThermalFrame(
        DeviceId(device),
        clock.now(),
        Profile.MLX90640,
        celsius,
        celsius,
        float(celsius.max()),
        float(celsius.min()),
        float(celsius.mean()),
        (int(row), int(column)),
        6,
        3.3,
        31.0,
    )


def device(name: str, clock: Clock, **changes: object) -> DeviceStatus:
    fields: dict[str, object] = {
        "id": DeviceId(name),
        "name": name,
        "place": PlaceId(name),
        "camera": None,
        "assigned": True,
        "verified": False,
        "state": DeviceState.LIVE,
        "since": clock.now(),
        "profile": Profile.MLX90640,
        "last_seen": clock.now(),
        "period": 0.25,
        "packets": 1200,
    }
    return DeviceStatus(**{**fields, **changes})  # type: ignore[arg-type]
