"""A capture process as the console runs it, and a reader that takes the newest pictures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import psutil

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture_host import CaptureHost
from embereye.ingest.capture_remote import MIRRORED, RemoteCapture, Surroundings
from embereye.ingest.capture_words import Key
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CaptureCounters
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock, process_seconds
from embereye.runtime.worker import PlainThreads

VIEWER = (320, 240)  # px; runs without a window count one such viewer per camera (targets)

_RATE = 10_000.0  # 1/s; a viewer that could use every picture
_LOOK = 1 / 60  # s between two looks of the reader: a screen
_EDGE = 0.002  # s between looks for the next counters, which come four times a second
_START = 30.0  # s until all cameras deliver
_JOIN = 10.0  # s for the host to end


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in a while.

    Attributes:
        delivered, decoded: Pictures, of all cameras.
        taken: New pictures that the reader found.
        seconds: Of wall time.
        cpu: Processor seconds of the capture process.
        reader_cpu: Those of the reading process, with the thread that supervises the other one.
    """

    delivered: int
    decoded: int
    taken: int
    seconds: float
    cpu: float
    reader_cpu: float

    @property
    def rate(self) -> float:
        """Pictures delivered per processor second of the capture process."""
        return self.delivered / max(self.cpu, 1e-6)


class Rig:
    """Cameras that are read in one capture process. One thread; see `rig`."""

    def __init__(self, captures: Sequence[RemoteCapture], host: CaptureHost, views: Views) -> None:
        self._captures, self._host, self._views = captures, host, views
        self._clock = SystemClock()
        self._taken = 0
        self._shown: dict[CameraId, object] = {}

    def settle(self) -> None:
        """Wait until every camera delivers; RuntimeError after 30 s."""
        end = self._clock.mono() + _START
        while any(capture.counters.delivered == 0 for capture in self._captures):
            if self._clock.mono() > end:
                raise RuntimeError("the cameras of the benchmark deliver nothing")
            self._read(_LOOK)

    def work(self, seconds: float) -> Work:
        """Read for about `seconds` and say what that took."""
        before, cpu, own = self._edge()
        taken, begin = self._taken, self._clock.mono()
        while self._clock.mono() - begin < seconds:
            self._read(_LOOK)
        after, cpu_after, own_after = self._edge()
        return Work(
            delivered=after.delivered - before.delivered,
            decoded=after.decoded - before.decoded,
            taken=self._taken - taken,
            seconds=self._clock.mono() - begin,
            cpu=cpu_after - cpu,
            reader_cpu=own_after - own,
        )

    def _edge(self) -> tuple[CaptureCounters, float, float]:
        """The sum of fresh counters, and the processor seconds at that moment."""
        stale = [capture.counters for capture in self._captures]
        while any(c.counters is old for c, old in zip(self._captures, stale, strict=True)):
            self._read(_EDGE)
        counters = [capture.counters for capture in self._captures]
        times = psutil.Process(self._host.pid).cpu_times()
        summed = CaptureCounters(
            delivered=sum(one.delivered for one in counters),
            decoded=sum(one.decoded for one in counters),
        )
        return summed, times.user + times.system, process_seconds()

    def _read(self, pause: float) -> None:
        """Take what is newest, as the wall does at each beat of its timer."""
        for capture in self._captures:
            camera = capture.key.camera
            tile = self._views.newest(camera, *VIEWER)
            if tile is not None and tile is not self._shown.get(camera):
                self._shown[camera] = tile
                self._taken += 1
        Event().wait(pause)


@contextmanager
def rig(
    sources: Sequence[str], folder: Path, body: Callable[..., None] | None = None
) -> Iterator[Rig]:
    """One capture process reading these sources, each for one viewer of 320×240.

    Args:
        body: What runs in it; None: what always does.
    """
    views = Views()
    around = Surroundings(SystemClock(), _pass_over, lambda _: None, lambda: (folder,))
    host = CaptureHost("capture", around, body)
    cameras = [CameraId(f"c{number}") for number in range(len(sources))]
    views.demand([ViewDemand(camera, (VIEWER,), _RATE) for camera in cameras])
    captures = []
    for number, (camera, source) in enumerate(zip(cameras, sources, strict=True)):
        view = views.add(camera, Detecting(), slots=MIRRORED)
        row = Camera(id=camera, name=camera, source=source)
        key = Key(camera, Stream.MAIN, number)
        captures.append(RemoteCapture(key, row, view, CaptureCounters()))
        host.begin(captures[-1])
    stop = Event()
    thread = PlainThreads().start("capture host", partial(host.run, stop))
    try:
        yield Rig(captures, host, views)
    finally:
        stop.set()
        thread.join(_JOIN)
        for camera in cameras:
            views.remove(camera)


def _pass_over(message: object) -> None:
    """What the engine would be told; there is none."""
