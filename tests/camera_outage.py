"""Cameras that fail all at once, each in its own way, and come back together."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from camera_parts import RtspServer, rtsp_server
from camera_wall import CameraWall
from coded_pictures import coded_clip

from embereye.config.schema import Camera
from embereye.model.camera import CameraState

# No picture comes through, or none that may be shown; see servers/rtsp_server.py.
GONE = (
    "stall", "garbage", "truncate", "blackhole", "slow", "slower", "codec", "audio", "shut", "bare",
    "unknown", "lie:new", "huge", "endless",
)  # fmt: skip
# The picture goes on, after a new connection at most.
BORNE = (
    "reset", "ahead", "behind", "zero", "backwards", "show:big", "lie:big", "profile", "rate",
)  # fmt: skip
REFUSED = ("deny", "expire")
HELD = ("burst", "starved")  # for two seconds
HOLD = 2.0  # s

_PASSWORD = "open sesame"
_LOOK = 0.05  # s between looks at whether something has come
_PAUSE = threading.Event()


def camera_id(fault: str) -> str:
    """The camera that has this fault."""
    return fault.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Round:
    """One outage, monotonic s.

    Attributes:
        begin, end: Of the faults.
        freed: When what was held went on.
        watched: The end of the round; all are back or were waited for in vain.
        states: Of each camera at `end`, with what was said about it.
    """

    begin: float
    freed: float
    end: float
    watched: float
    states: dict[str, tuple[CameraState, str]]


class OutageSite:
    """Three servers (usual, with passwords, one to be frozen) and a wall with all their cameras.

    Attributes:
        epochs: When the video of each camera began.
    """

    def __init__(
        self,
        usual: RtspServer,
        guarded: RtspServer,
        freezing: RtspServer,
        processes: int = 0,
    ) -> None:
        self._usual, self._guarded, self._freezing = usual, guarded, freezing
        self.epochs: dict[str, float] = {}
        cameras = [self._camera(usual, fault) for fault in (*GONE, *BORNE, *HELD)]
        cameras += [self._camera(usual, fault) for fault in ("show:new", "fine")]
        cameras += [self._camera(usual, "loss", transport="udp")]
        cameras += [self._camera(guarded, fault, user="bob") for fault in REFUSED]
        cameras += [self._camera(freezing, "frozen")]
        passwords = {camera_id(fault): _PASSWORD for fault in REFUSED}
        self.wall = CameraWall(cameras, passwords, processes)

    def outage(self, seconds: float, back: float) -> Round:
        """All faults for `seconds`, then up to `back` seconds until all cameras are live."""
        begin = self._all(begin=True)
        self._hold()
        freed = self.wall.clock.mono()
        self.rest(begin + seconds - freed)
        states = {
            camera: (status.state, status.detail) for camera, status in self.wall.statuses().items()
        }
        end = self._all(begin=False)
        self.rest(1.0)  # those that are live although they are not back must notice
        self.rest(back - 1.0, self.all_live)
        return Round(begin, freed, end, self.wall.clock.mono(), states)

    def rest(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let everything run for so long, or until something has come."""
        end = self.wall.clock.mono() + seconds
        while self.wall.clock.mono() < end and not until():
            _PAUSE.wait(_LOOK)

    def all_live(self) -> bool:
        statuses = self.wall.statuses()
        return len(statuses) == len(self.epochs) and all(
            status.state is CameraState.LIVE for status in statuses.values()
        )

    def _all(self, *, begin: bool) -> float:
        os.kill(self._freezing.pid, signal.SIGSTOP if begin else signal.SIGCONT)
        for fault in (*GONE, *BORNE, "show:new", "loss"):
            self._usual.fault(fault if begin else "ok", f"yard.{camera_id(fault)}")
        for fault in REFUSED:
            self._guarded.fault(fault if begin else "ok", f"yard.{camera_id(fault)}")
        return self.wall.clock.mono()

    def _hold(self) -> None:
        self._usual.fault("burst", "yard.burst")
        self.wall.running["starved"].clear()
        self.rest(HOLD)
        self.wall.running["starved"].set()
        self._usual.fault("ok", "yard.burst")

    def _camera(self, server: RtspServer, fault: str, **options: str) -> Camera:
        name = camera_id(fault)
        self.epochs[name] = server.epoch
        fields = {"id": name, "name": name, "source": server.url(f"yard.{name}"), **options}
        return Camera.model_validate(fields)


@contextmanager
def outage_site(folder: Path, processes: int = 0) -> Iterator[OutageSite]:
    """A site with servers of its own; all cameras are live as soon as they can be.

    `processes`: Capture processes; 0: threads. A reader is starved only in a thread.
    """
    yard = coded_clip(folder / "yard.mp4")
    clips = (
        yard,
        coded_clip(folder / "big.mp4", (640, 480)),
        coded_clip(folder / "new.mp4", codec="libx265"),
    )
    guard = {"auth": "digest", "user": "bob", "password": _PASSWORD}
    with (
        rtsp_server(*clips) as usual,
        rtsp_server(yard, **guard) as guarded,
        rtsp_server(yard) as freezing,
    ):
        site = OutageSite(usual, guarded, freezing, processes)
        try:
            yield site
        finally:
            for event in site.wall.running.values():
                event.set()
            os.kill(freezing.pid, signal.SIGCONT)
            late = site.wall.close()
        assert not late
