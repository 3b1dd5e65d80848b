"""From a real camera and the whole program to the figures and the clock that screens show."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import av
import pytest
from camera_parts import make_clip, rtsp_server
from onvif_parts import LOGIN, simulator

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Capture, Detection, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.camera_clock import CheckClockAsked
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads

pytestmark = pytest.mark.paced  # real time: two samples of 2 s each

_ONE, _CARD = CameraId("one"), CameraId("card")


class _Running:
    """The program without windows, on one RTSP camera and one test card."""

    def __init__(self, folder: Path, source: str, onvif: str) -> None:
        self.clock = SystemClock()
        self.kbps = 0.0
        store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        cameras = (
            Camera(id="one", name="One", source=source, onvif=onvif, user=LOGIN.user),
            Camera(id="card", name="Card", source="testcard:640x360"),
        )
        parts = {"cameras": cameras, "detection": Detection(enabled=False, processes=1)}
        more = {"sensors": Sensors(port=0), "capture": Capture(processes=0)}
        store.save({**parts, **more}, 0)
        FileSecrets(folder).write("camera/one", LOGIN.password)
        site = Site(folder, store, FileSecrets(folder), PlainThreads(), self.clock)
        self.program = Program(site)
        self.desk = self.program.desk
        self.program.start()
        self.desk.demand([ViewDemand(camera, ((320, 240),), 15.0) for camera in (_ONE, _CARD)])

    def until(self, met: Callable[[], bool], seconds: float = 30.0) -> None:
        tick, end = Event(), self.clock.mono() + seconds
        while not met():
            assert self.clock.mono() < end, f"not within {seconds} s; {self.desk.camera_pasts()}"
            tick.wait(0.05)


def _bit_rate(clip: Path) -> float:
    """Of its video, kbit/s."""
    with av.open(str(clip)) as container:
        sizes = [packet.size for packet in container.demux(video=0)]
        return sum(sizes) * 8 / 1000 / (float(container.duration or 0) / av.time_base)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[_Running]:
    clip = make_clip(tmp_path / "one.mp4")
    with (
        rtsp_server(clip) as server,
        simulator("--offset", "-190", "--auth", "token", login=LOGIN) as camera,
    ):
        made = _Running(tmp_path, server.url("one.mp4"), camera.address)
        made.kbps = _bit_rate(clip)
        yield made
        made.program.stop()


def test_figures_and_clock_of_a_real_camera(running: _Running) -> None:
    def settled(camera: CameraId) -> bool:
        past = running.desk.camera_pasts().get(camera)
        return past is not None and len(past.mono) > 3 and (past.newest.rate or 0) > 5

    running.until(lambda: settled(_ONE) and settled(_CARD))
    one = running.desk.camera_pasts()[_ONE]
    assert one.newest.rate == pytest.approx(15.0, rel=0.25)  # the clip has 15 pictures a second
    assert one.totals.delivered > 15
    assert one.newest.kbps == pytest.approx(running.kbps, rel=0.3)
    assert 0 < (one.newest.decode_ms or math.inf) < 100
    assert 0 < (one.newest.core or math.inf) < 100
    running.until(lambda: _ONE in running.desk.camera_clocks().checks)  # by itself
    check = running.desk.camera_clocks().checks[_ONE]
    assert check.offset == pytest.approx(-190, abs=2)
    running.desk.ask(CheckClockAsked(_CARD, "operator"))
    running.until(lambda: _CARD in running.desk.camera_clocks().checks)
    assert "no network camera" in running.desk.camera_clocks().checks[_CARD].problem
