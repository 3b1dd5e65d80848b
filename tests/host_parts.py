"""One capture process without a site around it, and facts about processes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture_host import CaptureHost
from embereye.ingest.capture_remote import MIRRORED, RemoteCapture, Surroundings
from embereye.ingest.capture_words import Key
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CaptureCounters
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock

_PAUSE = Event()  # never set


class HostBench:
    """A capture process with the console's parts that it talks to.

    Attributes:
        posted: Messages for the engine.
        password: Tells passwords; may raise or wait.
        post: Takes messages; a test puts something faulty in.
        stop: Ends the host's thread.
    """

    def __init__(self, body: Callable[..., None] | None, folder: Path) -> None:
        self.clock = SystemClock()
        self.views = Views()
        self.posted: list[object] = []
        self.post: Callable[[object], None] = self.posted.append
        self.password: Callable[[str], str | None] = lambda _camera: None
        around = Surroundings(
            self.clock,
            lambda message: self.post(message),
            lambda camera: self.password(camera),
            lambda: (folder,),
        )
        self.host = CaptureHost("capture 1", around, body)
        self.stop = Event()
        self.thread: Thread | None = None

    def start(self) -> None:
        """Run it in a thread of its own."""
        self.thread = Thread(target=self.host.run, args=(self.stop,), daemon=True)
        self.thread.start()

    def end(self, seconds: float) -> float:
        """Stop it; seconds until its thread ended, at most `seconds`."""
        assert self.thread is not None
        begin = self.clock.mono()
        self.stop.set()
        self.thread.join(seconds)
        return self.clock.mono() - begin

    def begin(self, name: str, source: str = "testcard:320x240") -> RemoteCapture:
        camera = Camera.model_validate({"id": name, "name": name, "source": source})
        view = self.views.add(CameraId(name), Detecting(rate=8.0), Stream.MAIN, MIRRORED)
        key = Key(CameraId(name), Stream.MAIN, len(self.host.captures) + 1)
        capture = RemoteCapture(key, camera, view, CaptureCounters())
        self.host.begin(capture)
        return capture

    def demand(self, size: tuple[int, int], *names: str) -> None:
        self.views.demand([ViewDemand(CameraId(name), (size,), 25.0) for name in names])

    def wait(self, condition: Callable[[], object], seconds: float = 10.0) -> float:
        """Seconds until it holds."""
        begin = self.clock.mono()
        while not condition():
            assert self.clock.mono() - begin < seconds, f"it did not happen: {self.posted}"
            _PAUSE.wait(0.005)
        return self.clock.mono() - begin


@contextmanager
def host_bench(folder: Path, body: Callable[..., None] | None = None) -> Iterator[HostBench]:
    """A process whose thread and memory are gone afterwards."""
    bench = HostBench(body, folder)
    try:
        yield bench
    finally:
        if bench.thread is not None:
            bench.end(5.0)
            assert not bench.thread.is_alive()
        for name in list(bench.views._views):
            bench.views.remove(name)


def blocks_of(pid: int | None) -> list[Path]:
    """Shared memory of a process."""
    return list(Path("/dev/shm").glob(f"embereye-{pid}-*"))
