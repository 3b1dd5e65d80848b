"""How one camera is looked at: when next, how often lately, and what was seen."""

from collections import deque
from dataclasses import dataclass, field

from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId
from embereye.rules.scene_pause import ScenePause
from embereye.services.standing_verdict import StandingVerdict, suspicious

AFTER_MOTION = 4.0  # s at the full rate after motion: flicker needs 1–3 s of pictures
BURST = 2.0  # s at the full rate now and then: long enough to judge flicker

_BURST_PERIOD = 10.0  # s; a quiet camera gets a burst this often, for flames too small for the gate
_SELDOM_PERIOD = 30.0  # s; the same where a machine that must save decodes key frames only
_RATE_SPAN = 2.0  # s over which the rate is counted


@dataclass(frozen=True, slots=True)
class CameraDetection:
    """How one camera is looked at.

    Attributes:
        rate: Verdicts of detectors a second over the last two seconds.
        latency: Seconds from decoding to the newest of those, None before the first.
        active: Whether it is looked at with the full rate.
        seen_at: When the newest verdict came, monotonic seconds; None before the first.
        fire, smoke: Newest scores.
        looked: Verdicts of detectors since the camera is watched.
        cached: Verdicts that stood for an unchanged picture, since then.
        gated: Pictures left out because nothing moved in them, since then.
        paused: Whether it is left alone because its whole picture has just changed.
    """

    camera: CameraId
    rate: float
    seen_at: float | None
    latency: float | None
    active: bool
    fire: float
    smoke: float
    looked: int = 0
    cached: int = 0
    gated: int = 0
    paused: bool = False


@dataclass(slots=True)
class CameraLook:
    """What the feeder knows of one camera; all times monotonic seconds.

    Attributes:
        fed: When it was looked at last.
        next_look: Not before then.
        active_until: End of the full rate.
        burst_at: When a quiet camera gets its next burst.
        frame_at: Time of the newest picture.
        seldom: Whether pictures come by key frames only while nothing moves.
        standing: The verdict on its newest picture that was judged.
        pause: After its whole picture changed.
    """

    burst_at: float
    fed: float = 0.0
    next_look: float = 0.0
    active_until: float = 0.0
    frame_at: float = 0.0
    seldom: bool = False
    standing: StandingVerdict = field(default_factory=StandingVerdict)
    pause: ScenePause = field(default_factory=ScenePause)
    gated: int = 0
    _looked: int = 0
    _cached: int = 0
    _suspected_until: float = 0.0
    _newest: DetectionResult | None = None
    _latency: float | None = None
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=64))

    @classmethod
    def begun(cls, now: float) -> "CameraLook":
        """A camera that is watched from now on."""
        return cls(burst_at=now + _BURST_PERIOD)

    def stay_active(self, until: float) -> None:
        """Look at the full rate at least until then."""
        self.active_until = max(self.active_until, until)

    def burst(self, now: float) -> None:
        """Look at the full rate for a little while."""
        self.active_until = now + BURST
        self.postpone_burst(now)

    def postpone_burst(self, now: float) -> None:
        """It is looked at well enough at `now`."""
        self.burst_at = now + (_SELDOM_PERIOD if self.seldom else _BURST_PERIOD)

    def suspected(self, now: float) -> bool:
        """Whether detectors have seen something lately."""
        return now < self._suspected_until

    def take(self, result: DetectionResult) -> None:
        """A verdict of detectors, or one that stood."""
        self._newest = result
        if result.cached:
            self._cached += 1
            return
        self._looked += 1
        self._times.append(result.at.mono)
        self._latency = result.at.mono - result.frame_at.mono
        self.standing.take(result)
        if suspicious(result):
            self._suspected_until = result.at.mono + AFTER_MOTION
            self.stay_active(self._suspected_until)

    def summary(self, camera: CameraId, now: float) -> CameraDetection:
        """How it stands at `now`."""
        while self._times and now - self._times[0] > _RATE_SPAN:
            self._times.popleft()
        newest = self._newest
        return CameraDetection(
            camera=camera,
            rate=len(self._times) / _RATE_SPAN,
            seen_at=newest.at.mono if newest else None,
            latency=self._latency,
            active=now < self.active_until,
            fire=newest.fire if newest else 0.0,
            smoke=newest.smoke if newest else 0.0,
            looked=self._looked,
            cached=self._cached,
            gated=self.gated,
            paused=self.pause.holds(now),
        )
