"""Many cameras through the real chain (workers, register, engine), and what a person would see."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import cast

import numpy as np
import psutil
from coded_pictures import SIZE, age_of, number_of

from embereye.config.schema import Camera, Settings
from embereye.ingest.capture import Opener
from embereye.ingest.capture_remote import Surroundings
from embereye.ingest.opener import opener_of
from embereye.ingest.picture import Picture, PictureSource
from embereye.ingest.source import Source
from embereye.ingest.views import Views
from embereye.model.alarm import Cause, Report
from embereye.model.camera import CameraState, CameraStatus
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import RetryCameraAsked
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.metrics import percentile
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads
from embereye.services.cameras import Cameras
from embereye.services.capture_site import Capture

_NOBODY: Mapping[str, str] = {}
_LONGEST_STARVATION = 30.0  # s
_LOOK = 0.02  # s between looks; a picture comes each 67 ms
_MEASURE = 0.1  # s between looks at the memory
_KEPT = 5.0  # s between those that are remembered for hours
_LIVE = CameraState.LIVE


class CameraWall:
    """Engine, register and capture on real threads, for cameras of which all tiles are visible.

    Attributes:
        passwords: By camera id; asked at each connection.
        running: By camera id; while cleared, the reader of that camera gets no processor time.
        reports: What the alarm desk heard, with the monotonic second.

    Args:
        processes: Capture processes; 0: the cameras are read in threads.
    """

    def __init__(
        self,
        cameras: Sequence[Camera],
        passwords: Mapping[str, str] = _NOBODY,
        processes: int = 0,
    ) -> None:
        self.clock = SystemClock()
        self.passwords = dict(passwords)
        self.running: dict[str, threading.Event] = {}
        self._sources: dict[str, _Starved] = {}  # the newest one of each camera
        self.reports: list[tuple[float, Report]] = []
        self.views = Views()
        self.engine = Engine(self.clock)
        self.workers = Supervisor(PlainThreads(), self.clock, lambda _: None)
        around = Surroundings(self.clock, self.engine.post, self.passwords.get, lambda: ())
        capture = Capture(
            self.workers, self.views, self._opener_of, processes, around if processes else None
        )
        self.cameras = Cameras(self.engine, capture, self, lambda _: None)
        self.views.demand([ViewDemand(CameraId(c.id), (SIZE,), 15.0) for c in cameras])
        self.cameras.apply(Settings(cameras=tuple(cameras)))
        self._core = Supervisor(PlainThreads(), self.clock, lambda _: None)
        self._core.start("engine", self.engine)

    def report(self, report: Report) -> None:
        self.reports.append((self.clock.mono(), report))

    def statuses(self) -> dict[str, CameraStatus]:
        return {str(status.id): status for status in self.cameras.current.cameras}

    def retry(self, camera: str) -> None:
        self.engine.post(RetryCameraAsked(CameraId(camera), "ann"))

    def hang(self, camera: str) -> threading.Event:
        """Let the present native call of a camera never return, until the event is set."""
        release = threading.Event()
        self._sources[camera].hang(release)
        return release

    def close(self) -> list[str]:
        """Stop everything; the names of workers that did not end in time."""
        late = self.workers.stop_all()
        return late + self._core.stop_all()

    def first_fault(self, camera: str, begin: float, words: str) -> float | None:
        """Seconds from `begin` until a fault was reported that says `words`; None: never."""
        for at, report in self.reports:
            ours = report.key.source == camera and report.cause is Cause.ACTIVE
            if at > begin and ours and any(words in reason for reason in report.reasons):
                return at - begin
        return None

    def _opener_of(self, camera: Camera) -> tuple[Source, Opener]:
        source, opener = opener_of(camera, (), self.passwords.get, self.clock)
        running = self.running.setdefault(camera.id, threading.Event())
        running.set()

        def build(wait: Callable[[float], object]) -> PictureSource:
            self._sources[camera.id] = made = _Starved(opener(wait), running)
            return cast(PictureSource, made)

        return source, build


class _Starved:
    """A source that is read only while its reader runs, or that hangs."""

    def __init__(self, source: PictureSource, running: threading.Event) -> None:
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "_running", running)

    def hang(self, release: threading.Event) -> None:
        """Let `read` return no more until `release` is set."""
        object.__setattr__(self, "_running", release)

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._source, name, value)

    def read(self, timeout: float) -> Picture | None:
        self._running.wait(_LONGEST_STARVATION)
        return self._source.read(timeout)  # type: ignore[no-any-return]


@dataclass(slots=True)
class Sighting:
    """What stood on one tile over time.

    Attributes:
        epoch: When the video of its camera began, monotonic s.
        states: Each change, with the monotonic second.
        ages: While LIVE: (moment, seconds since the shown picture was sent).
        damaged: Moments at which a picture looked live that the camera never sent.
        spoilt: Numbers of those pictures, by the order of decoding.
        new: Moments at which a new good picture appeared.
        counted: With each new picture, how many were decoded so far.
    """

    epoch: float
    states: list[tuple[float, CameraState]] = field(default_factory=list)
    ages: list[tuple[float, float]] = field(default_factory=list)
    damaged: list[float] = field(default_factory=list)
    spoilt: set[int] = field(default_factory=set)
    new: list[float] = field(default_factory=list)
    counted: list[tuple[float, int]] = field(default_factory=list)
    _seq: int = -1
    _number: int | None = None

    def look(self, now: float, state: CameraState, seq: int, pixels: object) -> None:
        if not self.states or self.states[-1][1] is not state:
            self.states.append((now, state))
        fresh = seq != self._seq
        if fresh:
            self._seq = seq
            self._number = number_of(pixels)  # type: ignore[arg-type]
        if state is not _LIVE:
            return
        if self._number is None:
            self.damaged.append(now)
            self.spoilt.add(seq)
            return
        self.ages.append((now, age_of(self._number, self.epoch, now)))
        if fresh:
            self.new.append(now)
            self.counted.append((now, seq))

    def forget(self, before: float) -> None:
        """Drop what was seen before a moment, except damage."""
        self.ages = [each for each in self.ages if each[0] >= before]
        self.new = [at for at in self.new if at >= before]
        self.counted = [each for each in self.counted if each[0] >= before]
        self.states = self.states[-1:]

    def not_live_after(self, begin: float) -> float | None:
        """Seconds from `begin` until it stopped looking live; None: it never did."""
        before = [state for at, state in self.states if at <= begin]
        if before and before[-1] is not _LIVE:
            return 0.0
        later = (at for at, state in self.states if at > begin and state is not _LIVE)
        return next((at - begin for at in later), None)

    def back_after(self, begin: float) -> float | None:
        """Seconds from `begin` to the first new picture that looked live; None: none came."""
        return next((at - begin for at in self.new if at > begin), None)

    def last_new(self, begin: float, end: float) -> float:
        """Seconds from `begin` to the last new good picture before `end`; 0.0: none came."""
        return max((at - begin for at in self.new if begin < at < end), default=0.0)

    def longest_gap(self, begin: float, end: float) -> float:
        """The longest time without a new picture that looked live, s."""
        moments = [begin, *(at for at in self.new if begin < at < end), end]
        return max(later - earlier for earlier, later in pairwise(moments))

    def rate(self, begin: float, end: float) -> float:
        """Pictures decoded a second, also those that were replaced before anybody looked."""
        counted = [each for each in self.counted if begin < each[0] < end]
        if len(counted) < 2:
            return 0.0
        (first_at, first), (last_at, last) = counted[0], counted[-1]
        return (last - first) / (last_at - first_at)

    def age(self, begin: float, end: float, percent: float = 95.0) -> float | None:
        """A percentile of the age of what was shown as live."""
        return percentile([age for at, age in self.ages if begin < at < end], percent)

    def slope(self, begin: float, end: float) -> float:
        """How fast the age grows, s per s."""
        return slope([(at, age) for at, age in self.ages if begin < at < end])


class Observer:
    """Looks at all tiles all the time, as a person does. One thread of its own."""

    def __init__(self, wall: CameraWall, epochs: Mapping[str, float]) -> None:
        self.seen = {camera: Sighting(epoch) for camera, epoch in epochs.items()}
        self.memory: list[tuple[float, float]] = []  # (monotonic s, resident MB)
        self._wall = wall
        self._process = psutil.Process()
        self._measured = 0.0
        self._stop = threading.Event()

    def run(self) -> None:
        while not self._stop.wait(_LOOK):
            self._look()

    def stop(self) -> None:
        self._stop.set()

    def forget(self, before: float) -> None:
        """Drop what was seen before a moment, except damage; for runs of hours. Any thread."""
        old = [each for each in self.memory if each[0] < before]
        kept = [each for each, later in pairwise(old) if each[0] // _KEPT != later[0] // _KEPT]
        self.memory = kept + [each for each in self.memory if each[0] >= before]
        for sighting in self.seen.values():
            sighting.forget(before)

    def _look(self) -> None:
        now = self._wall.clock.mono()
        if now - self._measured >= _MEASURE:
            self._measured = now
            self.memory.append((now, self._process.memory_info().rss / 1e6))
        states = {camera: status.state for camera, status in self._wall.statuses().items()}
        for camera, sighting in self.seen.items():
            tile = self._wall.views.newest(CameraId(camera), *SIZE)
            if tile is not None and camera in states:
                sighting.look(self._wall.clock.mono(), states[camera], tile.seq, tile.pixels)


@contextmanager
def observed(wall: CameraWall, epochs: Mapping[str, float]) -> Iterator[Observer]:
    """An observer for the length of a block."""
    observer = Observer(wall, epochs)
    thread = threading.Thread(target=observer.run)
    thread.start()
    try:
        yield observer
    finally:
        observer.stop()
        thread.join(5)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line through (x, y) that fits best; 0 for fewer than three."""
    if len(points) < 3:
        return 0.0
    moments, values = np.array(points).T
    return float(np.polyfit(moments - moments[0], values, 1)[0])
