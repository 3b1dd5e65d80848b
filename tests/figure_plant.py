"""Cameras whose figures the real history keeps, and the page that shows them."""

from dataclasses import replace

from consoles import FakeConsole, camera
from fakes import FakeClock

from embereye.model.camera import CameraState, CameraStatus, CameraTable, CaptureCounters
from embereye.model.ids import CameraId
from embereye.runtime.engine import Engine
from embereye.services.camera_history import PERIOD, CameraHistory
from embereye.services.camera_look import CameraDetection
from embereye.services.detection import DetectionState
from embereye.ui.cameras_page import CamerasPage


class Plant:
    """A page with cameras that tests switch on and let run."""

    def __init__(self, page: CamerasPage, console: FakeConsole, clock: FakeClock) -> None:
        self.page = page
        self.console = console
        self.clock = clock
        self.engine = Engine(clock)
        self.detection = DetectionState()
        self.history = CameraHistory(self.engine, console.cameras, lambda: self.detection)
        self.rates: dict[str, int] = {}

    def put(self, decoder: str = "h264", **rates: int) -> None:
        """Cameras that deliver so many pictures a second; a rate below 0: no signal."""
        self.rates |= rates
        states = {
            n: CameraState.LIVE if r >= 0 else CameraState.NO_SIGNAL for n, r in rates.items()
        }
        plain = CaptureCounters(width=640, height=480, decoder=decoder)
        made = [camera(n, self.clock, state, counters=plain) for n, state in states.items()]
        self.console.show_cameras(*self.console.camera_table.cameras, *made)

    def detect(self, name: str, rate: float, *counts: int, latency: float = 0.045) -> None:
        """A camera that detectors look at; `counts`: pictures judged, known and at rest."""
        at = self.clock.mono()
        seen = CameraDetection(CameraId(name), rate, at, latency, True, 0.0, 0.0, *counts)
        others = tuple(one for one in self.detection.cameras if one.camera != name)
        self.detection = DetectionState(1, (*others, seen))

    def run(self, looks: int) -> None:
        for _ in range(looks):
            at = self.clock.advance(PERIOD)
            cameras = [self._grown(c, at) for c in self.console.camera_table.cameras]
            self.console.camera_table = CameraTable(1, tuple(cameras))
            self.engine.step()
        self.console.pasts = dict(self.history.current)
        self.page.refresh()

    def _grown(self, status: CameraStatus, at: object) -> CameraStatus:
        rate = self.rates[status.id]
        if rate < 0:
            return status
        more, old = round(rate * PERIOD), status.counters
        grown = replace(
            old,
            due=old.due + more,
            delivered=old.delivered + more,
            decoded=old.decoded + more,
            received=old.received + rate * 1000,
            cpu=old.cpu + rate * 0.002,
            last_frame=at,  # type: ignore[arg-type]
        )
        return replace(status, counters=grown)

    def names(self) -> list[str]:
        model = self.page.model
        return [model.data(model.index(row, 0)) for row in range(model.rowCount())]

    def cell(self, name: str, title: str) -> str:
        column = [field.title for field in self.page.model.fields].index(title)
        index = self.page.model.index(self.names().index(name), column)
        return str(self.page.model.data(index))

    def choose(self, name: str) -> None:
        self.page.table.setCurrentIndex(self.page.model.index(self.names().index(name), 0))

    def chosen(self) -> str:
        selection = self.page.selection()
        return "" if selection is None else selection.name
