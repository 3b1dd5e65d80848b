"""The register of cameras: states, faults, live changes of the settings."""

from collections.abc import Callable, Iterator

import pytest
from camera_parts import ScriptedSource
from fakes import FakeClock

from embereye.config.schema import Camera, Detection, Place, Settings
from embereye.ingest.capture import Opener
from embereye.ingest.picture import PictureSource
from embereye.ingest.source import Source, parse
from embereye.ingest.views import Views
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Report
from embereye.model.camera import CameraState, CameraStatus
from embereye.model.ids import CameraId, PlaceId
from embereye.model.messages import (
    CaptureChanged,
    EnableCameraAsked,
    RequestRefused,
    RetryCameraAsked,
)
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.cameras import Cameras
from embereye.services.capture_site import Capture

_ONE, _TWO = CameraId("one"), CameraId("two")
_KEY = AlarmKey(PlaceId("hall"), AlarmKind.CAMERA_FAULT, "one")


class _Rig:
    """The service on a fake clock; its workers run in real threads on silent sources."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.engine = Engine(clock)
        self.reports: list[Report] = []
        self.published: list[object] = []
        self.opened: list[str] = []
        self.usable = True
        self.views = Views()
        self.supervisor = Supervisor(PlainThreads(), clock, self.published.append)
        capture = Capture(self.supervisor, self.views, self._opener_of)
        self.cameras = Cameras(
            self.engine, capture, self, self.published.append, lambda actor, _: self.refusals(actor)
        )

    def refusals(self, actor: str) -> str:
        return "Only to look." if actor == "guest" else ""

    def report(self, report: Report) -> None:
        self.reports.append(report)

    def _opener_of(self, camera: Camera) -> tuple[Source, Opener]:
        source, _ = parse(camera.source if self.usable else "nonsense")
        self.opened.append(camera.id)

        def build(wait: Callable[[float], object]) -> PictureSource:
            made = ScriptedSource([])
            made.wait = wait
            return made

        return source, build

    def says(self, state: CameraState, detail: str = "", camera: CameraId = _ONE) -> None:
        self.engine.post(CaptureChanged(camera, state, detail, self.clock.now()))
        self.engine.step()

    def advance(self, seconds: float) -> None:
        """Let time pass in the steps of the supervision."""
        for _ in range(round(seconds / 0.25)):
            self.clock.advance(0.25)
            self.engine.step()

    def status(self, camera: CameraId = _ONE) -> CameraStatus:
        return next(s for s in self.cameras.current.cameras if s.id == camera)


@pytest.fixture
def rig(clock: FakeClock) -> Iterator[_Rig]:
    made = _Rig(clock)
    yield made
    made.supervisor.stop_all()


def _camera(id_: str = "one", **changes: object) -> Camera:
    fields: dict[str, object] = {"id": id_, "name": id_.title(), "place": "hall"}
    return Camera.model_validate({**fields, "source": f"rtsp://10.0.0.1/{id_}", **changes})


def _settings(*cameras: Camera) -> Settings:
    return Settings(places=(Place(id="hall", name="Hall"),), cameras=cameras)


def test_the_register_lists_cameras_in_the_order_of_the_settings(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera("two"), _camera("one")))
    assert [status.id for status in rig.cameras.current.cameras] == [_TWO, _ONE]
    assert rig.status().state is CameraState.CONNECTING


def test_a_live_camera_that_stops_is_stale_after_two_seconds(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.LIVE)
    rig.advance(1.75)
    assert rig.status().state is CameraState.LIVE
    rig.advance(0.25)
    assert rig.status().state is CameraState.STALE
    assert rig.status().detail


def test_pictures_are_told_of_live_cameras_that_are_checked(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera(), _camera("two", picture_checks=False)))
    assert rig.cameras.pictures() == {}
    rig.says(CameraState.LIVE)
    rig.says(CameraState.LIVE, camera=_TWO)
    assert set(rig.cameras.pictures()) == {_ONE}
    rig.advance(3.0)
    assert rig.cameras.pictures() == {}


def test_ten_seconds_without_a_picture_are_one_fault_with_its_reason(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.NO_SIGNAL, "The camera does not answer at 10.0.0.1:554. Check it.")
    rig.advance(9.75)
    assert rig.reports == []
    rig.advance(30.0)
    (report,) = rig.reports
    assert (report.key, report.cause) == (_KEY, Cause.ACTIVE)
    assert report.place_name == "Hall"
    assert report.cameras == ("one",)
    assert "does not answer at 10.0.0.1:554" in report.reasons[0]


def test_a_wrong_password_is_a_fault_at_once(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.WRONG_PASSWORD, "Enter the password again.")
    assert [report.cause for report in rig.reports] == [Cause.ACTIVE]
    assert "Enter the password again." in rig.reports[0].reasons[0]


def test_a_fault_that_gets_another_cause_is_reported_again(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.NO_SIGNAL, "Gone.")
    rig.advance(12.0)
    rig.says(CameraState.WRONG_PASSWORD, "Enter it again.")
    assert [report.reasons[0].split(": ")[1] for report in rig.reports][1] == "Enter it again."


def test_recovery_ends_the_fault(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.WRONG_PASSWORD, "Enter it again.")
    rig.cameras.restart(_ONE)
    rig.says(CameraState.LIVE)
    assert [report.cause for report in rig.reports] == [Cause.ACTIVE, Cause.CLEAR]
    assert rig.status().detail == ""


def test_the_first_picture_ends_a_fault_restored_from_an_earlier_run(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.LIVE)
    assert [report.cause for report in rig.reports] == [Cause.CLEAR]


def test_connecting_again_neither_raises_nor_ends_a_fault(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.NO_SIGNAL, "Gone.")
    rig.advance(12.0)
    rig.says(CameraState.CONNECTING)
    rig.advance(5.0)
    assert len(rig.reports) == 1


def test_an_unusable_source_is_shown_with_advice_and_becomes_a_fault(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera(source="ftp://bob:canary@10.0.0.1/a")))
    rig.advance(11.0)
    status = rig.status()
    assert status.state is CameraState.UNSUPPORTED
    assert "rtsp://" in status.detail
    assert "canary" not in repr(rig.cameras.current)
    assert [report.cause for report in rig.reports] == [Cause.ACTIVE]


def test_a_disabled_camera_is_not_connected_and_no_fault(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera(enabled=False)))
    rig.advance(20.0)
    assert rig.status().state is CameraState.DISABLED
    assert rig.opened == []
    assert [report.cause for report in rig.reports] in ([], [Cause.CLEAR])


def test_who_may_only_look_switches_no_camera_off(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.engine.post(EnableCameraAsked(_ONE, False, "guest"))
    rig.engine.step()
    assert rig.status().state is CameraState.CONNECTING


def test_disabling_stops_and_enabling_starts(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    for enabled in (False, True):
        rig.engine.post(EnableCameraAsked(_ONE, enabled, "ann"))
        rig.engine.step()
        expected = CameraState.CONNECTING if enabled else CameraState.DISABLED
        assert rig.status().state is expected
    assert rig.opened == ["one", "one"]


def test_a_late_message_of_a_stopped_worker_is_ignored(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    late = CaptureChanged(_ONE, CameraState.LIVE, "", rig.clock.now())
    rig.clock.advance(1.0)
    rig.cameras.restart(_ONE)
    rig.engine.post(late)
    rig.engine.step()
    assert rig.status().state is CameraState.CONNECTING


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Gate"},
        {"group": "Yard"},
        {"inference_max_side": 320},
        {"detect": False},
        {"onvif": "10.0.0.1:8080"},
        {"zones": ({"id": "a", "name": "A", "points": ((0, 0), (1, 0), (1, 1))},)},
        {"lines": ({"id": "a", "name": "A", "points": ((0, 0), (1, 0))},)},
        {"overlays": ("zones",)},
        {"models": "built-in"},
        {"flame_time": 8.0, "smoke_time": 20.0},
    ],
)
def test_a_change_that_needs_no_connection_restarts_nothing(
    rig: _Rig, changes: dict[str, object]
) -> None:
    rig.cameras.apply(_settings(_camera(), _camera("two")))
    rig.cameras.apply(_settings(_camera(**changes), _camera("two")))
    assert rig.opened == ["one", "two"]


def test_an_unusable_source_is_checked_again_with_the_next_settings(rig: _Rig) -> None:
    rig.usable = False
    rig.cameras.apply(_settings(_camera()))
    assert rig.status().state is CameraState.UNSUPPORTED
    rig.usable = True
    rig.cameras.apply(_settings(_camera()))
    assert rig.status().state is CameraState.CONNECTING


@pytest.mark.parametrize(
    "changes",
    [{"source": "rtsp://10.0.0.2/one"}, {"user": "ann"}, {"transport": "udp"}],
)
def test_only_the_camera_that_changed_restarts(rig: _Rig, changes: dict[str, object]) -> None:
    rig.cameras.apply(_settings(_camera(), _camera("two")))
    rig.cameras.apply(_settings(_camera(**changes), _camera("two")))
    assert rig.opened == ["one", "two", "one"]


def test_a_change_of_the_picture_size_reaches_the_running_worker(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.cameras.apply(_settings(_camera(inference_max_side=320)))
    view = rig.views.of(_ONE)
    assert view is not None
    assert view.detecting.max_side == 320


def test_switching_detection_off_reaches_every_camera(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    off = _settings(_camera()).model_copy(update={"detection": Detection(enabled=False)})
    rig.cameras.apply(off)
    view = rig.views.of(_ONE)
    assert view is not None
    assert view.detecting.rate == 0.0


def test_a_removed_camera_ends_its_fault_and_its_pictures(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    rig.says(CameraState.WRONG_PASSWORD, "Enter it again.")
    rig.cameras.apply(_settings())
    assert rig.reports[-1].cause is Cause.CLEAR
    assert rig.views.of(_ONE) is None
    assert rig.cameras.current.cameras == ()


@pytest.mark.parametrize(
    "request_", [RetryCameraAsked(_TWO, "ann"), EnableCameraAsked(_TWO, True, "ann")]
)
def test_a_request_for_an_unknown_camera_is_refused_in_words(rig: _Rig, request_: object) -> None:
    rig.engine.post(request_)
    rig.engine.step()
    assert rig.published == [RequestRefused("There is no camera two.", "ann")]


def test_retry_of_an_unusable_source_checks_it_again(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera(source="nonsense")))
    rig.engine.post(RetryCameraAsked(_ONE, "ann"))
    rig.engine.step()
    assert rig.status().state is CameraState.UNSUPPORTED


def test_pictures_of_an_earlier_source_are_forgotten(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera()))
    view = rig.views.of(_ONE)
    assert view is not None
    view.newest = object()  # type: ignore[assignment]
    rig.cameras.apply(_settings(_camera(source="rtsp://10.0.0.9/x")))
    assert view.newest is None


def test_stopping_ends_every_worker(rig: _Rig) -> None:
    rig.cameras.apply(_settings(_camera(), _camera("two")))
    rig.cameras.stop()
    assert rig.supervisor.stop_all() == []


def test_equal_sources_are_warned_of_and_still_shown(
    rig: _Rig, caplog: pytest.LogCaptureFixture
) -> None:
    one = _camera(source="rtsp://CAM:554/live")
    rig.cameras.apply(_settings(one, _camera("two", source="rtsp://cam/live")))
    assert "cameras one and two have the same source" in caplog.text
    assert len(rig.cameras.current.cameras) == 2
