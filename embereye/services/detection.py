"""Which camera is looked at next: the feeder between newest frames and the detector pool."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Event

from embereye.model.detection import DetectionResult, Verification
from embereye.model.frame import Frame, FrameSource
from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock
from embereye.runtime.frames import remove_leftovers
from embereye.services.camera_look import AFTER_MOTION, CameraDetection, CameraLook
from embereye.vision.looks import Looks
from embereye.vision.motion import MotionGate
from embereye.vision.pool import DetectorPool, PoolState
from embereye.vision.pool_child import PoolOptions

_log = logging.getLogger(__name__)

_TICK = 0.01  # s; longest sleep, so a fresh frame waits 5 ms on average
_QUIET_GATE = 0.25  # s between looks of the motion gate at a quiet camera
_SELDOM = 0.5  # s between pictures that come by key frames only
_ADVANTAGE = 0.5  # of the floor period, for what is suspected; the rest is what others wait at most
_NOTHING_WANTED = 0.1  # s between looks for the first camera
_SNAPSHOT = 0.5  # s between two snapshots


@dataclass(frozen=True, slots=True)
class FeederOptions:
    """How often to look.

    Attributes:
        rate: Pictures a second and camera while something moves.
        floor_period: Seconds between two looks at a still picture; never zero looks.
        cache_age: Longest time in seconds for which such a look may repeat the verdict on an
            unchanged picture; 0: never.
    """

    rate: float = 8.0
    floor_period: float = 2.0
    cache_age: float = 10.0


@dataclass(frozen=True, slots=True)
class DetectionState:
    """All cameras and the pool; a frozen snapshot, at most half a second old."""

    revision: int = 0
    cameras: tuple[CameraDetection, ...] = ()
    pool: PoolState | None = None


class DetectionFeeder:
    """Gives the pool the newest frame of the camera that waited longest. Runs in its own thread.

    Where there is more to look at than the pool manages, cameras take turns. What is hurried or
    suspected goes first, and others wait at most about the floor period for that; nothing queues.
    `current` may be read from any thread; all other methods are for one other thread (the
    engine's). `sink` is called in the feeder's thread and must not block (a mailbox's post).
    """

    def __init__(
        self,
        source: FrameSource,
        sink: Callable[[DetectionResult], None],
        clock: Clock,
        options: FeederOptions,
        pool: Callable[[], DetectorPool],
        consult: Callable[[Frame], Frame] | None = None,
    ) -> None:
        """`consult` adds what others think of a frame that is about to be judged; never blocks."""
        self._source, self._sink, self._clock = source, sink, clock
        self._consult = consult or (lambda frame: frame)
        self._options, self._new_pool = options, pool
        self._wanted: tuple[CameraId, ...] = ()
        self._times: dict[CameraId, Verification] = {}  # replaced, never changed
        self._chosen = Looks()
        self._assigned: Looks | None = None  # what the pool was told last
        self._hurried: dict[CameraId, float] = {}  # replaced, never changed
        self._pauses: dict[CameraId, float] = {}  # replaced, never changed
        self._followed = self._wishes  # as the looks know them
        self._looks: dict[CameraId, CameraLook] = {}
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
        """Look at other rates from now on; no verdict from before stands any longer."""
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

    def pause(self, camera: CameraId, until: float) -> None:
        """Its whole picture has just changed: leave it alone until then, monotonic s, and forget.

        Neither for long nor often (`ScenePause`), and never where it is hurried or suspected.
        """
        now = self._clock.mono()
        recent = {known: end for known, end in self._pauses.items() if end > now}
        self._pauses = {**recent, camera: until}

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
        self._follow_events(pool, now)
        for camera, look in self._in_turn(now):
            if now >= look.next_look and pool.idle(camera):
                self._feed(pool, camera, look, now)
        if now - self._snapshot_at >= _SNAPSHOT:
            self._publish(pool, now)

    def _in_turn(self, now: float) -> list[tuple[CameraId, CameraLook]]:
        """Who waited longest comes first; what is urgent, as though it had waited longer."""
        advantage = _ADVANTAGE * self._options.floor_period
        order = []
        for camera, look in self._looks.items():
            urgent = self._urgent(camera, look, now)
            if urgent or not look.pause.holds(now):
                order.append((look.fed - advantage * urgent, camera, look))
        order.sort(key=lambda one: one[0])
        return [(camera, look) for _, camera, look in order]

    def _urgent(self, camera: CameraId, look: CameraLook, now: float) -> bool:
        return self._hurried.get(camera, 0.0) > now or look.suspected(now)

    def _feed(self, pool: DetectorPool, camera: CameraId, look: CameraLook, now: float) -> None:
        frame = self._source.take(camera)
        if frame is None:
            if now >= look.burst_at:  # key frames alone may come more seldom than that
                look.burst(now)
                self._source.attend(camera, look.active_until)
            return
        if look.frame_at and now >= look.active_until:
            look.seldom = frame.at.mono - look.frame_at > _SELDOM
        look.frame_at = frame.at.mono
        if camera in self._times:
            frame = replace(frame, verification=self._times[camera])
        if not self._due(look, frame, now):
            look.gated += 1
        elif not self._stands(look, frame, now):
            self._ask(pool, look, frame, now)
        active = now < look.active_until
        if active:
            self._source.attend(camera, look.active_until)
        # From the planned moment on, not from now: waiting for a frame must not lower the rate.
        period = 1 / self._options.rate if active else min(_QUIET_GATE, self._options.floor_period)
        look.next_look = max(look.next_look + period, now + period / 2)

    def _due(self, look: CameraLook, frame: Frame, now: float) -> bool:
        if self._gate.moved(frame):
            look.stay_active(now + AFTER_MOTION)
        if self._hurried.get(frame.camera, 0.0) > now:
            look.stay_active(now + 1.0)
        if now >= look.active_until and now >= look.burst_at:
            look.burst(now)
        if now < look.active_until:
            look.postpone_burst(now)
            return True
        return now - look.fed >= self._options.floor_period

    def _stands(self, look: CameraLook, frame: Frame, now: float) -> bool:
        """Whether a still picture needs no look, since the verdict on it is known and told."""
        if now < look.active_until:
            return False
        known = look.standing.answer(frame, self._clock.now(), self._options.cache_age)
        if known is None:
            return False
        look.fed = now
        look.take(known)
        self._sink(known)
        return True

    def _ask(self, pool: DetectorPool, look: CameraLook, frame: Frame, now: float) -> None:
        if not pool.submit(self._consult(frame)):
            return
        look.fed = now
        # The verdict can stand only for what comes when the full rate is over: a fingerprint of
        # each picture would cost as much as its way to the child.
        if look.active_until - now < 2 / self._options.rate:
            look.standing.asked(frame)
        else:
            look.standing.drop()

    def _follow_events(self, pool: DetectorPool, now: float) -> None:
        """Take over other options, and pauses that somebody asked for."""
        before, self._followed = self._followed, self._wishes
        options, chosen, pauses = self._followed
        if options is not before[0] or chosen is not before[1]:
            for look in self._looks.values():
                look.standing.drop()
        if pauses is not before[2]:
            self._begin_pauses(pool, before[2], pauses, now)

    @property
    def _wishes(self) -> tuple[FeederOptions, Looks, dict[CameraId, float]]:
        return self._options, self._chosen, self._pauses

    def _begin_pauses(
        self,
        pool: DetectorPool,
        before: dict[CameraId, float],
        asked: dict[CameraId, float],
        now: float,
    ) -> None:
        for camera, until in asked.items():
            look = self._looks.get(camera)
            if look is None or until == before.get(camera) or self._urgent(camera, look, now):
                continue
            begins = look.pause.ask(now, until)
            if look.pause.holds(now):
                look.stay_active(look.pause.until + AFTER_MOTION)
            if begins:
                _log.info("camera %s shows another scene and is left alone for a while", camera)
                look.standing.drop()
                pool.renew(camera)

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
                self._looks[camera] = CameraLook.begun(self._clock.mono())

    def _publish(self, pool: DetectorPool, now: float) -> None:
        self._snapshot_at = now
        cameras = tuple(look.summary(camera, now) for camera, look in self._looks.items())
        self._current = DetectionState(self._current.revision + 1, cameras, pool.state)


def pool_options(processes: int, provider: str, cores: int, memory: int = 2048) -> PoolOptions:
    """The pool for the settings; `processes` 0 means one less than cores, at least 1, at most 4.

    `memory`: MiB for each of them.
    """
    count = processes or min(4, max(1, cores - 1))
    return PoolOptions(count, provider=provider, memory=memory)
