"""Measures the real wall with real capture workers, for `embereye bench wall`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtWidgets import QApplication

from embereye.config.schema import Camera, Settings, Wall
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Outlet
from embereye.ingest.opener import opener_of
from embereye.ingest.views import Views
from embereye.model.alarm import AlarmTable
from embereye.model.camera import CameraState, CameraStatus, CameraTable, CaptureCounters
from embereye.model.detection import DetectionResult
from embereye.model.frame import Tile, ViewDemand
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.reading import DeviceTable
from embereye.model.remote import RemoteState
from embereye.model.sighting import Followed
from embereye.model.status import StatusLine
from embereye.model.trend import Trend
from embereye.runtime.clock import SystemClock, thread_seconds
from embereye.runtime.metrics import Samples
from embereye.runtime.worker import Hosted
from embereye.ui import style
from embereye.ui.demands import Demands
from embereye.ui.findings_bench import Findings
from embereye.ui.stall import Beats, spin
from embereye.ui.thread_host import QtThreads
from embereye.ui.wall_page import WallPage

_WARM_UP = 2.0  # s left out: opening files, first layout
_JOIN = 3.0  # s for a capture worker to end


@dataclass(frozen=True, slots=True)
class WallFigures:
    """One run.

    Attributes:
        worst_fps, median_fps: New pictures painted per second of the worst and the median tile.
        stall_p95, stall_max: Seconds by which the GUI thread's beats came late.
        age_p95: Seconds from the end of decoding to painting.
        gui_cores: CPU seconds of the GUI thread per second.
        live: Tiles that showed a live picture at the end.
    """

    worst_fps: float
    median_fps: float
    stall_p95: float
    stall_max: float
    age_p95: float
    gui_cores: float
    live: int


def measure(
    clip: Path, tiles: int, seconds: float, size: tuple[int, int], found: bool = False
) -> WallFigures:
    """Show `tiles` cameras, all playing `clip`, offscreen on a wall of `size` px.

    `found`: with a fire, smoke and a person who walks in each of them, drawn with all overlays.
    Call it in the main thread; one application at a time.
    """
    app = QApplication.instance() or QApplication(["embereye", "-platform", "offscreen"])
    if not isinstance(app, QApplication):
        raise TypeError("the wall needs a QApplication")
    console = _BenchConsole(tiles, found)
    page = WallPage(console, Demands(console, 25.0), style.dress(app, "dark"))
    page.resize(*size)
    stop = Event()
    threads = _start(clip, console, stop)
    try:
        page.show()
        return _run(page, seconds)
    finally:
        page.close()
        page.deleteLater()
        stop.set()
        for thread in threads:
            thread.join(_JOIN)


class _BenchConsole:
    """Cameras that are live, and perhaps what is found in them. Fills `ui.console.Console`."""

    def __init__(self, tiles: int, found: bool) -> None:
        self.clock = SystemClock()
        self.views = Views()
        at = self.clock.now()
        self._settings = Settings(wall=Wall(layout=0))
        self._cameras = CameraTable(
            1,
            tuple(
                CameraStatus(
                    CameraId(f"c{i:03d}"),
                    f"Camera {i + 1}",
                    PlaceId(f"c{i:03d}"),
                    "",
                    "clip",
                    CameraState.LIVE,
                    "",
                    at,
                    CaptureCounters(fps=25.0, interval=0.04),
                )
                for i in range(tiles)
            ),
        )
        self._alarms, self._devices = AlarmTable(), DeviceTable()
        ids = [camera.id for camera in self._cameras.cameras]
        self._findings = Findings(ids) if found else None

    def settings(self) -> Settings:
        return self._settings

    def alarms(self) -> AlarmTable:
        return self._alarms

    def cameras(self) -> CameraTable:
        return self._cameras

    def devices(self) -> DeviceTable:
        return self._devices

    def detections(self) -> Mapping[CameraId, DetectionResult]:
        if self._findings is None:
            return {}
        self._findings.renew(self.clock.now())
        return self._findings.results

    def followed(self) -> Mapping[CameraId, tuple[Followed, ...]]:
        return {} if self._findings is None else self._findings.followed

    def tile(self, camera: CameraId, width: int, height: int) -> Tile | None:
        return self.views.newest(camera, width, height)

    def demand(self, demands: Sequence[ViewDemand]) -> None:
        self.views.demand(demands)

    def trend(self, device: DeviceId, channel: str, seconds: float) -> Trend:
        raise NotImplementedError("the wall shows no trends")

    def remote_detector(self) -> RemoteState:
        raise NotImplementedError("the wall shows no detectors")

    def status(self) -> StatusLine:
        return StatusLine(True, None, 0, "")

    def ask(self, request: object) -> None:
        raise NotImplementedError("nobody operates a benchmark")


def _start(clip: Path, console: _BenchConsole, stop: Event) -> list[Hosted]:
    host = QtThreads()
    threads: list[Hosted] = []
    for status in console.cameras().cameras:
        view = console.views.add(status.id, Detecting())
        camera = Camera(id=status.id, name=status.name, source=str(clip))
        _, opener = opener_of(camera, (clip.parent,), lambda _: None, console.clock)
        worker = CaptureWorker(opener, Outlet(view, lambda _: None), console.clock)
        threads.append(host.start(f"capture {status.id}", partial(worker.run, stop)))
    return threads


def _run(page: WallPage, seconds: float) -> WallFigures:
    canvas = page.canvas
    spin(_WARM_UP)
    before, canvas.ages = dict(canvas.painted), Samples(1_000_000)
    clock = SystemClock()
    beats = Beats(clock)
    cpu, started = thread_seconds(), clock.mono()
    spin(seconds)
    used, passed = thread_seconds() - cpu, clock.mono() - started
    beats.stop()
    shown = canvas.cameras_shown()
    rates = sorted((canvas.painted.get(c, 0) - before.get(c, 0)) / passed for c in shown)
    looks = [canvas.look_of(camera) for camera in shown]
    return WallFigures(
        worst_fps=rates[0],
        median_fps=rates[len(rates) // 2],
        stall_p95=beats.late.percentile(95) or 0.0,
        stall_max=beats.late.percentile(100) or 0.0,
        age_p95=canvas.ages.percentile(95) or 0.0,
        gui_cores=used / passed,
        live=sum(look is not None and look.live for look in looks),
    )
