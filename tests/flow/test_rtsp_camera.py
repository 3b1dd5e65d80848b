"""Real RTSP servers, real sockets, the real clock: pictures, faults, recovery, stop."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import av.logging
import pytest
from camera_parts import RtspServer, gst_server, make_clip, mjpeg_server, rtsp_server

from embereye.config.schema import Camera, Settings
from embereye.ingest.camera_view import Detecting
from embereye.ingest.delivery import Delivery
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Deadlines
from embereye.ingest.rtsp import NetworkSource
from embereye.ingest.source import parse
from embereye.ingest.views import Views
from embereye.model.alarm import Report
from embereye.model.camera import CameraState, CameraStatus, CaptureCounters
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import RetryCameraAsked, TableChanged
from embereye.runtime.bus import Bus
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.cameras import Cameras
from embereye.services.capture_site import Capture

pytestmark = pytest.mark.paced

_ONE = CameraId("one")
_CANARY = "cAn@ry:/7%x"
_ENCODED = "cAn%40ry%3A%2F7%25x"
_LIVE = CameraState.LIVE


class _Console:
    """Engine, supervisor and register on real threads."""

    def __init__(self, password: str | None = None, **camera: object) -> None:
        self.clock = SystemClock()
        self.bus = Bus()
        self.box: Mailbox[object] = Mailbox(1000, Full.DROP_OLDEST)
        self.bus.subscribe(self.box, TableChanged)
        self.engine = Engine(self.clock)
        self.supervisor = Supervisor(PlainThreads(), self.clock, self.bus.publish)
        self.views = Views()
        self.reports: list[Report] = []
        self.password = password
        capture = Capture(self.supervisor, self.views, self._opener_of)
        self.cameras = Cameras(self.engine, capture, self, self.bus.publish)
        self.views.demand([ViewDemand(_ONE, ((160, 120),), 15.0)])
        fields = {"id": "one", "name": "One", "open_timeout": 2.0, "read_timeout": 3.0, **camera}
        self.cameras.apply(Settings(cameras=(Camera.model_validate(fields),)))
        self._core = Supervisor(PlainThreads(), self.clock, self.bus.publish)
        self._core.start("engine", self.engine)

    def report(self, report: Report) -> None:
        self.reports.append(report)

    def _opener_of(self, camera: Camera):  # type: ignore[no-untyped-def]
        return opener_of(camera, (), lambda _: self.password, self.clock)

    @property
    def status(self) -> CameraStatus:
        return self.cameras.current.cameras[0]

    def wait(self, condition: Callable[[CameraStatus], bool], seconds: float) -> float:
        """Seconds until the register says so."""
        begin = self.clock.mono()
        while not condition(self.status):
            assert self.clock.mono() - begin < seconds, f"still {self.status}"
            self.box.take_all(0.1)
        return self.clock.mono() - begin

    def wait_for(self, state: CameraState, seconds: float) -> float:
        return self.wait(lambda status: status.state is state, seconds)

    def close(self) -> float:
        """Stop everything; seconds that the capture workers took."""
        begin = self.clock.mono()
        assert self.supervisor.stop_all() == []
        seconds = self.clock.mono() - begin
        self._core.stop_all()
        return seconds


@pytest.fixture
def console() -> Iterator[Callable[..., _Console]]:
    made: list[_Console] = []

    def build(password: str | None = None, **camera: object) -> _Console:
        made.append(_Console(password, **camera))
        return made[-1]

    yield build
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "yard.mp4", seconds=4.0)


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    with rtsp_server(clip) as running:
        yield running


Build = Callable[..., _Console]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_pictures_arrive_at_full_rate_and_in_colour(
    server: RtspServer, console: Build, transport: str
) -> None:
    program = console(source=server.url("yard"), transport=transport)
    program.wait(lambda status: status.counters.delivered >= 30, 10.0)
    counters = program.status.counters
    assert program.status.state is _LIVE
    assert counters.delivered >= 0.95 * counters.due
    assert (counters.width, counters.height) == (320, 240)
    tile = program.views.newest(_ONE, 160, 120)
    assert tile is not None
    assert tile.pixels.shape == (120, 160, 4)
    blue, green, red = (int(v) for v in tile.pixels[100, 80, :3])
    assert (blue < 20, 70 < green < 110, red < 20) == (True, True, True)
    frame = program.views.take(_ONE)
    assert frame is not None
    assert program.clock.mono() - frame.at.mono < 0.5


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_gstreamers_server_with_digest_passwords(
    clip: Path, console: Build, transport: str
) -> None:
    with gst_server(f"yard={clip}", user="bob", password=_CANARY) as gst:
        if gst is None:
            pytest.skip("GStreamer's RTSP server is not installed")
        program = console("wrong", source=gst.url("yard"), user="bob", transport=transport)
        program.wait_for(CameraState.WRONG_PASSWORD, 5.0)
        program.password = _CANARY
        program.engine.post(RetryCameraAsked(_ONE, "ann"))
        program.wait(lambda status: status.counters.delivered >= 15, 5.0)


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_a_new_password_is_used_at_the_next_retry(clip: Path, console: Build, auth: str) -> None:
    with rtsp_server(clip, auth=auth, user="bob", password=_CANARY) as server:
        program = console("wrong", source=server.url("yard"), user="bob")
        program.wait_for(CameraState.WRONG_PASSWORD, 5.0)
        assert "Enter them again" in program.status.detail
        assert program.reports, "a wrong password is a fault"
        program.password = _CANARY
        program.engine.post(RetryCameraAsked(_ONE, "ann"))
        program.wait_for(_LIVE, 3.0)


def test_a_stalled_stream_is_stale_within_two_seconds_and_comes_back(
    server: RtspServer, console: Build
) -> None:
    program = console(source=server.url("yard"))
    program.wait_for(_LIVE, 5.0)
    server.fault("stall")
    assert program.wait_for(CameraState.STALE, 5.0) < 2.5  # 2 s after the last picture
    decoded = program.status.counters.decoded
    program.wait(lambda status: status.state is not CameraState.STALE, 5.0)
    assert program.status.state is CameraState.NO_SIGNAL
    assert program.status.counters.decoded == decoded  # libav's last, old picture is not shown
    server.fault("ok")
    assert program.wait_for(_LIVE, 5.0) < 3.0


def test_a_frozen_server_is_noticed_and_found_again(server: RtspServer, console: Build) -> None:
    program = console(source=server.url("yard"))
    program.wait_for(_LIVE, 5.0)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert program.wait_for(CameraState.STALE, 5.0) < 2.5
        program.wait_for(CameraState.NO_SIGNAL, 5.0)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert program.wait_for(_LIVE, 5.0) < 3.0


@pytest.mark.parametrize("fault", ["reset", "refuse"])
def test_a_cut_connection_is_noticed_at_once_and_restored(
    server: RtspServer, console: Build, fault: str
) -> None:
    program = console(source=server.url("yard"))
    program.wait_for(_LIVE, 5.0)
    server.fault(fault)
    assert program.wait_for(CameraState.NO_SIGNAL, 5.0) < 1.0
    server.fault("ok")
    assert program.wait_for(_LIVE, 5.0) < 3.0


@pytest.mark.parametrize("fault", ["garbage", "truncate"])
def test_damaged_video_is_never_shown_as_live(
    server: RtspServer, console: Build, fault: str
) -> None:
    program = console(source=server.url("yard"))
    program.wait_for(_LIVE, 5.0)
    server.fault(fault)
    gone = (CameraState.STALE, CameraState.NO_SIGNAL, CameraState.UNSUPPORTED)
    assert program.wait(lambda status: status.state in gone, 6.0) < 3.5
    server.fault("ok")
    assert program.wait_for(_LIVE, 8.0) < 5.0


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("codec", CameraState.UNSUPPORTED),
        ("audio", CameraState.UNSUPPORTED),
        ("blackhole", CameraState.NO_SIGNAL),
        ("slow", CameraState.NO_SIGNAL),  # 3 s for DESCRIBE, 2 s allowed
    ],
)
def test_a_camera_that_cannot_be_opened_says_why(
    server: RtspServer, console: Build, fault: str, state: CameraState
) -> None:
    server.fault(fault)
    program = console(source=server.url("yard"))
    program.wait_for(state, 6.0)
    assert program.status.detail.endswith(".")
    server.fault("ok")
    program.wait_for(_LIVE, 6.0)


def test_a_slow_answer_within_the_deadline_is_waited_for(
    server: RtspServer, console: Build
) -> None:
    server.fault("slow")
    program = console(source=server.url("yard"), open_timeout=6.0)
    program.wait_for(_LIVE, 6.0)


def test_while_nobody_looks_nothing_is_decoded_and_it_stays_live(
    server: RtspServer, console: Build
) -> None:
    program = console(source=server.url("yard"), detect=False)
    program.wait_for(_LIVE, 5.0)
    program.views.demand([])
    program.wait(lambda status: status.counters.undecoded > 0, 3.0)
    before = program.status.counters
    program.wait(lambda status: status.counters.undecoded >= before.undecoded + 45, 6.0)  # 3 s
    assert program.status.counters.decoded == before.decoded
    assert program.status.state is _LIVE
    last = program.status.counters.last_frame
    assert last is not None
    assert program.clock.mono() - last.mono < 1.2  # the snapshot itself is up to 1 s old


def test_a_backlog_is_thrown_away_instead_of_shown_late(server: RtspServer) -> None:
    clock, views = SystemClock(), Views()
    views.demand([ViewDemand(_ONE, ((160, 120),))])
    delivery = Delivery(views.add(_ONE, Detecting()), clock, CaptureCounters())
    url = parse(server.url("yard"))[0]
    source = NetworkSource(url, lambda: None, clock, Deadlines(2.0, 3.0))
    source.open()
    assert source.interval == pytest.approx(1 / 15)
    delivery.connected(source.interval, live=True)
    try:
        early = _read_until(source, delivery, clock, seconds=1.0)
        threading.Event().wait(2.5)  # the reader is held up; the server goes on sending
        late = _read_until(source, delivery, clock, seconds=2.0)
    finally:
        source.close()
    assert late[-1] - early[-1] < 0.2  # as punctual as before
    assert len(late) < 45  # 67 pictures came; those of the backlog were left out


def _read_until(
    source: NetworkSource, delivery: Delivery, clock: SystemClock, seconds: float
) -> list[float]:
    """How late each picture is, against the time line of the source."""
    end, late = clock.mono() + seconds, []
    while clock.mono() < end:
        source.decode = delivery.wanted_decoding()
        picture = source.read(0.5)
        if picture is not None:
            delivery.deliver(picture, source.until_key)
            late.append(clock.mono() - picture.media)
    return late


def test_a_wrong_path_is_told_from_a_dead_camera(server: RtspServer, console: Build) -> None:
    program = console(source=server.url("nothing"))
    program.wait_for(CameraState.NO_SIGNAL, 5.0)
    assert "path" in program.status.detail


@pytest.mark.parametrize("phase", ["streaming", "stalled", "opening", "pause"])
def test_a_stop_takes_less_than_a_second_in_every_phase(
    clip: Path, console: Build, phase: str
) -> None:
    with rtsp_server(clip) as server:
        if phase == "opening":
            server.fault("blackhole")
        if phase == "pause":
            server.fault("refuse")
        program = console(source=server.url("yard"))
        if phase in ("streaming", "stalled"):
            program.wait_for(_LIVE, 5.0)
        if phase == "pause":
            program.wait_for(CameraState.NO_SIGNAL, 5.0)
        if phase == "stalled":
            server.fault("stall")
            program.wait_for(CameraState.STALE, 5.0)
        assert program.close() < 1.0
    _readers_gone(5.0)  # what was left behind ends by its own deadline


def _readers_gone(seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(thread.name.startswith("reader-") for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("right", [True, False])
def test_a_password_appears_nowhere(
    clip: Path,
    console: Build,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    right: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("libav").setLevel(logging.DEBUG)
    password = _CANARY if right else _CANARY + "x"
    with rtsp_server(clip, auth="digest", user="bob", password=password) as server:
        program = console(password=_CANARY, source=server.url("yard"), user="bob")
        program.wait_for(_LIVE if right else CameraState.WRONG_PASSWORD, 5.0)
        server.fault("refuse")
        program.wait_for(CameraState.NO_SIGNAL if right else CameraState.WRONG_PASSWORD, 5.0)
        shown = repr(program.cameras.current) + repr(program.reports)
    streams = capfd.readouterr()
    for text in (caplog.text, shown, streams.out, streams.err):
        assert _CANARY not in text
        assert _ENCODED not in text


def test_the_canary_would_be_seen_if_it_leaked(
    server: RtspServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Negative control: libav's own log and its errors do carry addresses."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("libav").setLevel(logging.DEBUG)
    av.logging.set_level(av.logging.VERBOSE)
    try:
        with pytest.raises(av.FFmpegError) as error:
            av.open(server.url("nothing", f"bob:{_ENCODED}@"), timeout=2.0)
    finally:
        av.logging.set_level(None)
    assert _ENCODED in caplog.text + str(error.value)


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("live", _LIVE),
        ("page", CameraState.UNSUPPORTED),
        ("list", CameraState.UNSUPPORTED),
        ("secret", CameraState.WRONG_PASSWORD),
        ("nothing", CameraState.NO_SIGNAL),
    ],
)
def test_http_cameras(console: Build, path: str, state: CameraState) -> None:
    with mjpeg_server() as http:
        program = console(source=f"http://127.0.0.1:{http.port}/{path}")
        program.wait_for(state, 6.0)
        if state is _LIVE:
            program.wait(lambda status: status.counters.delivered >= 10, 5.0)
        program.close()
