"""What a running program did between two moments: pictures, packets, processor time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embereye.bench.rtsp_load import LoadFigures
from embereye.bench.scale_costs import processor_seconds, spent
from embereye.bench.scale_site import Scene
from embereye.model.camera import CaptureCounters
from embereye.model.ids import CameraId

_FRESH = 2.0  # s; counters are up to 1.3 s old, so older pictures mean that none come
_STEP = 0.02  # s between two looks for a new snapshot; there is one each second


@dataclass(frozen=True, slots=True)
class Look:
    """One moment; counters are those of the newest snapshot."""

    at: float
    cameras: Mapping[CameraId, CaptureCounters]
    cpu: Mapping[str, float]
    load: LoadFigures
    packets: int


@dataclass(frozen=True, slots=True)
class Between:
    """Two moments.

    Attributes:
        cores: Processor seconds per second, by part of the program.
    """

    first: Look
    last: Look

    @property
    def seconds(self) -> float:
        return self.last.at - self.first.at

    @property
    def cores(self) -> dict[str, float]:
        used = spent(self.first.cpu, self.last.cpu)
        return {part: seconds / self.seconds for part, seconds in used.items()}

    def sum(self, name: str) -> float:
        """How much a counter of all cameras together grew."""
        return float(
            sum(getattr(new, name) - getattr(old, name) for _, old, new in self._cameras())
        )

    def kept(self, camera: CameraId, due: float) -> float:
        """Share of the `due` frames (1/s) of a camera that were delivered, at most 1.

        Counters come in steps. So frames are counted from the newest picture of one step to the
        newest of the other, unless pictures stopped to come.
        """
        old, new = self.first.cameras[camera], self.last.cameras[camera]
        span = self.seconds
        if old.last_frame is not None and new.last_frame is not None:
            fresh = self.last.at - new.last_frame.mono < _FRESH
            fresh = fresh and self.first.at - old.last_frame.mono < _FRESH
            span = new.last_frame.mono - old.last_frame.mono if fresh else span
        if span <= 0:
            return 0.0
        return min(1.0, (new.delivered - old.delivered) / (span * due))

    @property
    def sent(self) -> int:
        """Pictures that the load server sent."""
        return self._load("sent")

    @property
    def dropped(self) -> int:
        """Pictures that it left out, since the program did not take them."""
        return self._load("dropped")

    @property
    def late(self) -> int:
        """Pictures that it sent too late by its own fault."""
        return self._load("late")

    @property
    def packets(self) -> float:
        """Sensor packets per second."""
        return (self.last.packets - self.first.packets) / self.seconds

    def _load(self, name: str) -> int:
        old, new = self.first.load.mounts, self.last.load.mounts
        return sum(getattr(new[mount], name) - getattr(old[mount], name) for mount in new)

    def _cameras(self) -> list[tuple[CameraId, CaptureCounters, CaptureCounters]]:
        old = self.first.cameras
        return [(key, old[key], new) for key, new in self.last.cameras.items() if key in old]


def look(scene: Scene, wait: Callable[[float], None]) -> Look:
    """The present moment, as soon as there is a new snapshot of the counters.

    `wait` lets the program work for so many seconds.
    """
    desk = scene.program.desk
    stale, limit = desk.cameras(), scene.arrivals.clock.mono() + _FRESH
    while desk.cameras() is stale and scene.arrivals.clock.mono() < limit:
        wait(_STEP)
    return Look(
        at=scene.arrivals.clock.mono(),
        cameras={c.id: c.counters for c in desk.cameras().cameras},
        cpu=processor_seconds(),
        load=scene.load.figures(),
        packets=scene.arrivals.count,
    )
