"""Where cameras are read: in threads of the console, or in processes of their own."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture import CaptureWorker, Opener, Outlet
from embereye.ingest.capture_host import CaptureHost
from embereye.ingest.capture_remote import MIRRORED, RemoteCapture, Surroundings, of_sub
from embereye.ingest.capture_words import Key
from embereye.ingest.source import Kind, Source
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CaptureCounters
from embereye.model.ids import CameraId
from embereye.rules.capture_balance import move, processes_for
from embereye.runtime.clock import Clock
from embereye.runtime.supervisor import Supervisor
from embereye.services.capture_place import Place as _Place
from embereye.services.capture_place import Running

_LOOK = 10.0  # s over which costs are measured; the load of a moment moves no camera
_SETTLE = 30.0  # s after a move before the next one

OpenerOf = Callable[[Camera], tuple[Source, Opener]]


@dataclass(frozen=True, slots=True)
class Capture:
    """What cameras are captured with.

    Attributes:
        supervisor: Hosts the workers.
        views: Receives the pictures.
        opener_of: Checks a camera's source; raises SourceError.
        processes: Capture processes; 0: none, −1: by the number of cameras.
        around: What the processes need; None: no processes.
    """

    supervisor: Supervisor
    views: Views
    opener_of: OpenerOf
    processes: int = 0
    around: Surroundings | None = None


class CaptureSite:
    """Starts, stops and moves what reads cameras. Engine thread."""

    def __init__(self, capture: Capture, clock: Clock, post: Callable[[object], None]) -> None:
        self._capture = capture
        self._clock = clock
        self._post = post
        self._hosts: list[CaptureHost] = []
        self._wanted = 0
        self._places: dict[tuple[CameraId, Stream], _Place] = {}
        self._numbers = count(1)
        self._looked: float | None = None
        self._moved = float("-inf")

    @property
    def hosts(self) -> tuple[CaptureHost, ...]:
        """The capture processes."""
        return tuple(self._hosts)

    def expect(self, cameras: int) -> None:
        """So many cameras will be read; what runs already stays where it is."""
        if self._capture.around is not None:
            cores = os.cpu_count() or 1
            self._wanted = processes_for(self._capture.processes, cameras, cores)

    def check(self, camera: Camera) -> Source:
        """The source of a camera; SourceError when it cannot be used."""
        return self._capture.opener_of(camera)[0]

    def start(
        self, camera: Camera, detecting: Detecting, stream: Stream = Stream.MAIN
    ) -> tuple[Source, Running]:
        """Read a stream of a camera; `camera.source` is that stream's. What was checked comes too.

        Raises:
            SourceError: its source cannot be used.
        """
        source, opener = self._capture.opener_of(camera)
        name = CameraId(camera.id)
        host = self._host(source)
        if host is None:
            view = self._capture.views.add(name, detecting, stream)
            worker = CaptureWorker(opener, Outlet(view, self._poster(stream)), self._clock)
            self._capture.supervisor.start(_worker_name(name, stream), worker)
            place = _Place(worker, None)
        else:
            view = self._capture.views.add(name, detecting, stream, MIRRORED)
            remote = RemoteCapture(self._key(name, stream), camera, view, CaptureCounters())
            host.begin(remote)
            place = _Place(remote, host)
        self._places[name, stream] = place
        return source, place

    def stop(self, camera: CameraId, stream: Stream = Stream.MAIN) -> None:
        """Do not read a stream any more; harmless when it is not read. Its slots are forgotten."""
        place = self._places.pop((camera, stream), None)
        if place is None:
            return
        place.leave()
        if place.host is None:
            self._capture.supervisor.dismiss(_worker_name(camera, stream))
        view = self._capture.views.of(camera, stream)
        if view is not None:
            view.clear()
        self._capture.views.remove(camera, stream)

    def move(self, camera: CameraId, host: CaptureHost, stream: Stream = Stream.MAIN) -> bool:
        """Let another process read a stream; it is seen without a gap. Whether that begins now.

        The new process connects while the old one still delivers, and takes over with its first
        picture. A camera that allows no second connection stays where it is.
        """
        place = self._places.get((camera, stream))
        now = self._clock.mono()
        if place is None or place.host is host or not place.may_move(now):
            return False
        place.begin_move(host, self._key(camera, stream), now)
        return True

    def look(self) -> None:
        """Finish moves and even out the load; call about four times a second."""
        now = self._clock.mono()
        for place in self._places.values():
            place.finish_move(now)
        if self._looked is None:
            self._looked = now
        elif now - self._looked >= _LOOK:
            for place in self._places.values():
                place.weigh(now - self._looked)
            self._looked = now
            if now - self._moved >= _SETTLE:
                self._even_out(now)

    def _poster(self, stream: Stream) -> Callable[[object], None]:
        return self._post if stream is Stream.MAIN else self._post_of_sub

    def _post_of_sub(self, message: object) -> None:
        self._post(of_sub(message))

    def _host(self, source: Source) -> CaptureHost | None:
        """The process for one more camera: the one with the fewest."""
        if self._capture.around is None or source.kind is Kind.FOLDER:
            return None  # upload folders belong to the console
        while len(self._hosts) < self._wanted:
            host = CaptureHost(f"capture {len(self._hosts) + 1}", self._capture.around)
            self._hosts.append(host)
            self._capture.supervisor.start(host.name, host)
        return min(self._hosts, key=lambda host: len(host.captures), default=None)

    def _even_out(self, now: float) -> None:
        loads: dict[CaptureHost, dict[tuple[CameraId, Stream], float]] = {}
        fixed: dict[CaptureHost, float] = {}
        for host in self._hosts:
            loads[host], fixed[host] = {}, 0.0
        for key, place in self._places.items():
            if place.host is None:
                continue
            if place.may_move(now):
                loads[place.host][key] = place.cost
            else:
                fixed[place.host] += place.cost
        found = move(loads, fixed)
        if found is not None and self.move(found[0][0], found[2], found[0][1]):
            self._moved = now

    def _key(self, camera: CameraId, stream: Stream) -> Key:
        return Key(camera, stream, next(self._numbers))


def _worker_name(camera: CameraId, stream: Stream) -> str:
    return f"camera-{camera}" if stream is Stream.MAIN else f"camera-{camera}-sub"
