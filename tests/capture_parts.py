"""Cameras in capture processes, without an engine: what is posted is collected."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture_host import CaptureHost
from embereye.ingest.capture_remote import Surroundings
from embereye.ingest.opener import opener_of
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CameraState
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.capture_place import Running
from embereye.services.capture_site import Capture, CaptureSite

SIZE = (160, 120)
_PAUSE = Event()  # never set


class ProcessSite:
    """A capture site with processes.

    Attributes:
        posted: Messages for the engine.
        asked: Cameras whose password was asked for.
        password: What is stored.
        refusals: What the key ring raises before it answers, one at a time.
    """

    def __init__(self, processes: int, folder: Path) -> None:
        self.clock = SystemClock()
        self.views = Views()
        self.posted: list[object] = []
        self.asked: list[str] = []
        self.password: str | None = None
        self.refusals: list[Exception] = []
        self.supervisor = Supervisor(PlainThreads(), self.clock, self.posted.append)
        self._folder = folder
        around = Surroundings(self.clock, self.posted.append, self._password, lambda: (folder,))
        capture = Capture(self.supervisor, self.views, self._opener_of, processes, around)
        self.site = CaptureSite(capture, self.clock, self.posted.append)
        self.site.expect(1)

    @property
    def host(self) -> CaptureHost:
        """The first process."""
        return self.site.hosts[0]

    def start(
        self, name: str, source: str, stream: Stream = Stream.MAIN, **fields: object
    ) -> Running:
        camera = Camera.model_validate({"id": name, "name": name, "source": source, **fields})
        return self.site.start(camera, Detecting(rate=8.0), stream)[1]

    def demand(self, *names: str, size: tuple[int, int] = SIZE, rate: float = 25.0) -> None:
        self.views.demand([ViewDemand(CameraId(name), (size,), rate) for name in names])

    def states(self, name: str) -> list[CameraState]:
        """What was said of a camera, in order."""
        found = [m for m in self.posted if isinstance(m, CaptureChanged)]
        return [message.state for message in found if message.camera == name]

    def seq(self, name: str, size: tuple[int, int] = SIZE) -> int:
        """Number of the newest picture, −1 before the first."""
        tile = self.views.newest(CameraId(name), *size)
        return -1 if tile is None else tile.seq

    def wait(self, condition: Callable[[], object], seconds: float = 15.0) -> float:
        """Seconds until it holds; the site looks after itself meanwhile."""
        begin = self.clock.mono()
        while not condition():
            assert self.clock.mono() - begin < seconds, "it did not happen in time"
            self.site.look()
            _PAUSE.wait(0.005)
        return self.clock.mono() - begin

    def _password(self, camera: str) -> str | None:
        self.asked.append(camera)
        if self.refusals:
            raise self.refusals.pop(0)
        return self.password

    def _opener_of(self, camera: Camera):  # type: ignore[no-untyped-def]
        return opener_of(camera, (self._folder,), lambda _: self.password, self.clock)


@contextmanager
def process_site(processes: int, folder: Path) -> Iterator[ProcessSite]:
    """A site whose processes and memory are gone afterwards."""
    made = ProcessSite(processes, folder)
    try:
        yield made
    finally:
        assert made.supervisor.stop_all() == []
        for name in list(made.views._views):
            made.views.remove(name)
