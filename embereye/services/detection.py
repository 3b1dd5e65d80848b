"""Which camera is looked at next: the feeder between newest frames and the detector pool."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event

from embereye.model.detection import DetectionResult, Verification
from embereye.model.frame import Frame, FrameSource
from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock
from embereye.runtime.frames import remove_leftovers
from embereye.vision.looks import Looks
from embereye.vision.motion import MotionGate
from embereye.vision.pool import DetectorPool, PoolState
from embereye.vision.pool_child import PoolOptions

_log = logging.getLogger(__name__)

_TICK = 0.01  # s; longest sleep, so a fresh frame waits 5 ms on average
_QUIET_GATE = 0.25  # s between looks of the motion gate at a quiet camera
_AFTER_MOTION = 4.0  # s at the full rate after motion: flicker needs 1–3 s of pictures
_BURST_PERIOD = 10.0  # s; a quiet camera also gets a burst this often, for flames too small …
_BURST = 2.0  # s … for the gate: long enough to judge flicker
_SELDOM = 0.5  # s between pictures that come by key frames only: a machine that must save …
_SELDOM_PERIOD = 30.0  # s … decodes everything for a burst only this often
_SUSPICION = 0.3  # score that keeps the full rate
_NOTHING_WANTED = 0.1  # s between looks for the first camera
_SNAPSHOT = 0.5  # s between two snapshots
_RATE_SPAN = 2.0  # s over which the rate is counted


@dataclass(frozen=True, slots=True)
class FeederOptions:
    """How often to look.

    Attributes:
        rate: Pictures a second and camera while something moves.
        floor_period: Seconds between two looks at a still picture; never zero looks.
    """

    rate: float = 8.0
    floor_period: float = 2.0


@dataclass(frozen=True, slots=True)
class CameraDetection:
    """How one camera is looked at.

    Attributes:
        rate: Verdicts a second over the last two seconds.
        latency: Seconds from decoding to the newest verdict, None before the first.
        active: Whether it is looked at with the full rate.
        seen_at: When the newest verdict came, monotonic seconds; None before the first.
        fire, smoke: Newest scores.
    """

    camera: CameraId
    rate: float
    seen_at: float | None
    latency: float | None
    active: bool
    fire: float
    smoke: float


@dataclass(frozen=True, slots=True)
class DetectionState:
    """All cameras and the pool; a frozen snapshot, at most half a second old."""

    revision: int = 0
    cameras: tuple[CameraDetection, ...] = ()
    pool: PoolState | None = None


class DetectionFeeder:
    """Gives the pool the newest frame of the camera that waited longest. Runs in its own thread.

    `current` may be read from any thread; `watch` and `hurry` are for one other thread (the
    engine's). `sink` is called in the feeder's thread and must not block (a mailbox's post).
    """

    def __init__(
        self,
        source: FrameSource,
        sink: Callable[[DetectionResult], None],
        clock: Clock,
        options: FeederOptions,
        pool: Callable[[], DetectorPool],
    ) -> None:
        self._source, self._sink, self._clock = source, sink, clock
        self._options, self._new_pool = options, pool
        self._wanted: tuple[CameraId, ...] = ()
        self._times: dict[CameraId, Verification] = {}  # replaced, never changed
        self._chosen = Looks()
        self._assigned: Looks | None = None  # what the pool was told last
        self._hurried: dict[CameraId, float] = {}  # replaced, never changed
        self._looks: dict[CameraId, _Look] = {}
        self._gate = MotionGate()
        self._current = DetectionState()
        self._snapshot_at = 0.0

    @property
    def current(self) -> DetectionState:
        """The newest snapshot."""
        return self._current

    def watch(self, cameras: tuple[CameraId, ...]) -> None:
        """Look at these cameras from now on, and at no others."""
        self._wanted = cameras

    def apply(self, options: FeederOptions) -> None:
        """Look at other rates from now on."""
        self._options = options

    def verify(self, times: Mapping[CameraId, Verification]) -> None:
        """How long the evidence of each camera must last from now on; the default for others."""
        self._times = dict(times)

    def assign(self, looks: Looks) -> None:
        """Look at cameras with these detectors from now on, without a pause for the others."""
        self._chosen = looks

    def hurry(self, camera: CameraId, seconds: float = 10.0) -> None:
        """Look at a camera with the full rate for a while: a hot spot, an alarm, an operator."""
        until = self._clock.mono() + seconds
        self._hurried = {**self._hurried, camera: until}
        self._source.attend(camera, until)

    def run(self, stop: Event) -> None:
        """Feed until `stop` is set; ends within 1 s of that with all children gone."""
        while not self._wanted:  # a site without cameras needs no detector processes
            if stop.wait(_NOTHING_WANTED):
                return
        if left := remove_leftovers():
            _log.info("removed the shared memory of %d killed processes", len(left))
        pool = self._new_pool()
        self._assigned = None
        self._follow_choice(pool)
        pool.start()
        try:
            while not stop.is_set():
                self.turn(pool, _TICK)
        finally:
            pool.close()

    def turn(self, pool: DetectorPool, timeout: float) -> None:
        """One round: hand out verdicts, then frames. For the feeder's thread (and tests)."""
        self._follow_wishes(pool)
        self._follow_choice(pool)
        for result in pool.collect(timeout):
            look = self._looks.get(result.camera)
            if look is not None:
                look.take(result)
                self._sink(result)
        now = self._clock.mono()
        for camera, look in sorted(self._looks.items(), key=lambda item: item[1].fed):
            if now >= look.next_look and pool.idle(camera):
                self._feed(pool, camera, look, now)
        if now - self._snapshot_at >= _SNAPSHOT:
            self._publish(pool, now)

    def _feed(self, pool: DetectorPool, camera: CameraId, look: "_Look", now: float) -> None:
        frame = self._source.take(camera)
        if frame is None:
            if now >= look.burst_at:  # key frames alone may come more seldom than that
                look.active_until = now + _BURST
                look.burst_at = now + look.burst_period
                self._source.attend(camera, look.active_until)
            return
        if look.frame_at and now >= look.active_until:
            look.seldom = frame.at.mono - look.frame_at > _SELDOM
        look.frame_at = frame.at.mono
        if camera in self._times:
            frame = replace(frame, verification=self._times[camera])
        if self._due(look, frame, now) and pool.submit(frame):
            look.fed = now
        active = now < look.active_until
        if active:
            self._source.attend(camera, look.active_until)
        # From the planned moment on, not from now: waiting for a frame must not lower the rate.
        period = 1 / self._options.rate if active else min(_QUIET_GATE, self._options.floor_period)
        look.next_look = max(look.next_look + period, now + period / 2)

    def _due(self, look: "_Look", frame: Frame, now: float) -> bool:
        if self._gate.moved(frame):
            look.active_until = max(look.active_until, now + _AFTER_MOTION)
        if self._hurried.get(frame.camera, 0.0) > now:
            look.active_until = max(look.active_until, now + 1.0)
        if now >= look.active_until and now >= look.burst_at:
            look.active_until = now + _BURST
        if now < look.active_until:
            look.burst_at = now + look.burst_period
            return True
        return now - look.fed >= self._options.floor_period

    def _follow_choice(self, pool: DetectorPool) -> None:
        chosen = self._chosen
        if chosen != (self._assigned or Looks()):
            pool.assign(chosen)
            self._assigned = chosen

    def _follow_wishes(self, pool: DetectorPool) -> None:
        wanted = self._wanted
        if len(wanted) == len(self._looks) and all(camera in self._looks for camera in wanted):
            return
        gone = [camera for camera in self._looks if camera not in wanted]
        pool.forget(gone)
        for camera in gone:
            del self._looks[camera]
            self._gate.forget(camera)
        for camera in wanted:
            if camera not in self._looks:
                self._looks[camera] = _Look(burst_at=self._clock.mono() + _BURST_PERIOD)

    def _publish(self, pool: DetectorPool, now: float) -> None:
        self._snapshot_at = now
        cameras = tuple(look.summary(camera, now) for camera, look in self._looks.items())
        self._current = DetectionState(self._current.revision + 1, cameras, pool.state)


@dataclass(slots=True)
class _Look:
    """What the feeder knows of one camera; all times monotonic seconds."""

    burst_at: float
    fed: float = 0.0
    next_look: float = 0.0
    active_until: float = 0.0
    frame_at: float = 0.0  # of the newest picture
    seldom: bool = False  # whether pictures come by key frames only while nothing moves
    newest: DetectionResult | None = None
    times: deque[float] = field(default_factory=lambda: deque(maxlen=64))

    @property
    def burst_period(self) -> float:
        """Seconds between two bursts while nothing moves."""
        return _SELDOM_PERIOD if self.seldom else _BURST_PERIOD

    def take(self, result: DetectionResult) -> None:
        self.newest = result
        self.times.append(result.at.mono)
        if max(result.fire, result.smoke) >= _SUSPICION:
            self.active_until = max(self.active_until, result.at.mono + _AFTER_MOTION)

    def summary(self, camera: CameraId, now: float) -> CameraDetection:
        while self.times and now - self.times[0] > _RATE_SPAN:
            self.times.popleft()
        newest = self.newest
        return CameraDetection(
            camera=camera,
            rate=len(self.times) / _RATE_SPAN,
            seen_at=newest.at.mono if newest else None,
            latency=newest.at.mono - newest.frame_at.mono if newest else None,
            active=now < self.active_until,
            fire=newest.fire if newest else 0.0,
            smoke=newest.smoke if newest else 0.0,
        )


def pool_options(processes: int, provider: str, cores: int) -> PoolOptions:
    """The pool for the settings; `processes` 0 means one less than cores, at least 1, at most 4."""
    return PoolOptions(processes or min(4, max(1, cores - 1)), provider=provider)
