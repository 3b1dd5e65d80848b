"""A camera with two streams: the small one is read, the main one when it shows more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embereye.config.schema import Camera, Detection, Settings
from embereye.ingest.capture_remote import Surroundings
from embereye.ingest.opener import opener_of
from embereye.ingest.views import Stream, Views
from embereye.model.alarm import Cause, Report
from embereye.model.camera import CameraState, CameraStatus
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.cameras import Cameras
from embereye.services.capture_site import Capture
from tests.camera_parts import RtspServer, make_clip, rtsp_server

pytestmark = pytest.mark.paced  # real time: streams open and close by seconds

_ONE = CameraId("one")
_SMALL, _LARGE = (160, 120), (640, 480)


class _Site:
    """One camera with two streams in the real register."""

    def __init__(self, main: str, sub: str, processes: int) -> None:
        self.clock = SystemClock()
        self.views = Views()
        self.reports: list[Report] = []
        self.engine = Engine(self.clock)
        self.supervisor = Supervisor(PlainThreads(), self.clock, lambda _m: None)
        around = Surroundings(self.clock, self.engine.post, lambda _c: None, lambda: ())
        capture = Capture(self.supervisor, self.views, self._opener_of, processes, around)
        self.cameras = Cameras(self.engine, capture, self, lambda _m: None)
        camera = Camera(id="one", name="One", source=main, sub_source=sub, open_timeout=2.0)
        self.look(_SMALL)
        self.cameras.apply(Settings(cameras=(camera,), detection=Detection(rate=5.0)))
        self._core = Supervisor(PlainThreads(), self.clock, lambda _m: None)
        self._core.start("engine", self.engine)

    def report(self, report: Report) -> None:
        self.reports.append(report)

    def _opener_of(self, camera: Camera):  # type: ignore[no-untyped-def]
        return opener_of(camera, (), lambda _: None, self.clock)

    @property
    def status(self) -> CameraStatus:
        return self.cameras.current.cameras[0]

    def look(self, size: tuple[int, int] | None) -> None:
        self.views.demand([ViewDemand(_ONE, (size,), 15.0)] if size else [])

    def source_of(self, size: tuple[int, int]) -> int:
        """Width of the stream that a tile of this size shows; 0: no picture, or an old one."""
        tile = self.views.newest(_ONE, *size)
        fresh = tile is not None and self.clock.mono() - tile.at.mono < 0.7
        return tile.source_width if tile is not None and fresh else 0

    def reads_main(self) -> bool:
        return self.views.of(_ONE, Stream.MAIN) is not None

    def wait(self, condition: Callable[[], object], seconds: float = 12.0) -> float:
        begin = self.clock.mono()
        while not condition():
            assert self.clock.mono() - begin < seconds, f"still {self.status}"
        return self.clock.mono() - begin

    def close(self) -> None:
        assert self.supervisor.stop_all() == []
        self._core.stop_all()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return (
        make_clip(folder / "main.mp4", size=(640, 480), seconds=3.0),
        make_clip(folder / "sub.mp4", size=(320, 240), seconds=3.0),
    )


@pytest.fixture
def server(clips: tuple[Path, Path]) -> Iterator[RtspServer]:
    with rtsp_server(*clips) as running:
        yield running


@pytest.fixture
def site(server: RtspServer, request: pytest.FixtureRequest) -> Iterator[_Site]:
    """In threads, unless a test asks for a process."""
    made = _Site(server.url("main"), server.url("sub"), getattr(request, "param", 0))
    yield made
    made.close()


def test_a_small_tile_and_detection_use_the_sub_stream(site: _Site) -> None:
    site.wait(lambda: site.source_of(_SMALL) == 320)
    site.wait(lambda: (frame := site.views.take(_ONE)) and frame.source_width == 320)
    assert not site.reads_main()
    site.wait(lambda: site.status.state is CameraState.LIVE)


@pytest.mark.parametrize("site", [0, 1], ids=["threads", "process"], indirect=True)
def test_a_large_tile_gets_the_main_stream_without_a_gap_and_gives_it_back(site: _Site) -> None:
    site.wait(lambda: site.source_of(_SMALL) == 320)
    site.look(_LARGE)
    widths: set[int] = set()

    def sharp() -> bool:
        widths.add(site.source_of(_LARGE))
        return 640 in widths

    site.wait(sharp)
    assert 0 not in widths, "the sub stream is shown until the main one is there"
    site.views.take(_ONE)
    site.wait(lambda: (frame := site.views.take(_ONE)) and frame.source_width == 320)
    site.look(_SMALL)
    site.wait(lambda: not site.reads_main())
    site.wait(lambda: site.source_of(_SMALL) == 320)


def test_while_nobody_looks_and_nothing_is_detected_nothing_is_decoded(site: _Site) -> None:
    """Another page, a hidden window, another page of the wall: their demands are gone."""
    site.wait(lambda: site.source_of(_SMALL) == 320)
    site.views.detect(_ONE, 0.0)
    site.look(None)
    before = site.status.counters.undecoded
    site.wait(lambda: site.status.counters.undecoded > before + 15)
    decoded = site.status.counters.decoded
    undecoded = site.status.counters.undecoded
    site.wait(lambda: site.status.counters.undecoded > undecoded + 30)
    assert site.status.counters.decoded == decoded
    assert site.status.state is CameraState.LIVE
    site.look(_SMALL)
    assert site.wait(lambda: site.source_of(_SMALL) == 320) < 0.5, "no wait for a key frame"


def test_an_alarm_reads_the_main_stream_for_small_tiles_too(site: _Site) -> None:
    site.wait(lambda: site.source_of(_SMALL) == 320)
    site.cameras.lift(_ONE, 60.0)
    site.wait(lambda: site.source_of(_SMALL) == 640)


def test_the_main_stream_stands_in_for_a_sub_stream_that_fails(
    server: RtspServer, clips: tuple[Path, Path]
) -> None:
    site = _Site(server.url("main"), server.url("nothing"), 0)
    try:
        site.wait(lambda: site.source_of(_SMALL) == 640)
        site.wait(lambda: site.status.state is CameraState.LIVE)
        site.wait(lambda: "sub stream" in site.status.remark)
        site.wait(lambda: (frame := site.views.take(_ONE)) and frame.source_width == 640)
        assert all(report.cause is Cause.CLEAR for report in site.reports)
    finally:
        site.close()


def test_both_streams_gone_is_a_fault(server: RtspServer) -> None:
    site = _Site(server.url("main"), server.url("sub"), 0)
    try:
        site.wait(lambda: site.source_of(_SMALL) == 320)
        server.kill()
        site.wait(lambda: site.status.state is not CameraState.LIVE, 4.0)
        site.wait(lambda: any(r.cause is Cause.ACTIVE for r in site.reports), 12.0)
    finally:
        site.close()


def test_counters_grow_when_streams_come_and_go(site: _Site) -> None:
    site.wait(lambda: site.source_of(_SMALL) == 320)
    seen: list[int] = []

    def note() -> None:
        seen.append(site.status.counters.received)

    site.look(_LARGE)
    site.wait(lambda: (note(), site.source_of(_LARGE) == 640)[1])
    site.look(_SMALL)
    site.wait(lambda: (note(), not site.reads_main())[1])
    site.wait(lambda: (note(), site.status.counters.received > seen[0])[1])
    assert seen == sorted(seen)
