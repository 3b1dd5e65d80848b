"""One place of the pool: a child process, its picture slot and what it is doing."""

import logging
from collections.abc import Callable
from multiprocessing.connection import Connection

from embereye.model.detection import DetectionResult
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock
from embereye.runtime.frames import FrameBlock
from embereye.runtime.process import Child, ChildGone
from embereye.vision.looks import Looks
from embereye.vision.pool_child import (
    Assign,
    Begun,
    Forget,
    Look,
    Near,
    PoolOptions,
    Ready,
    Seen,
    serve,
)
from embereye.vision.seat_models import SeatModels
from embereye.vision.seat_wear import SeatWear

_log = logging.getLogger(__name__)

_BACKOFF = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # s before each restart; the last one repeats
_HEALTHY = 60.0  # s of work after which the back-off starts again
_PAGE = 1 << 20  # bytes; blocks grow in these steps


class Seat:
    """Keeps one child working. Lives in the pool's thread.

    Attributes:
        cameras: Whose pictures go here.
        detector: Name of the child's detector, empty while it starts.
        restarts, lost: Children replaced, pictures lost with them.
        providers: What runs each model, as the settings call it.
    """

    def __init__(
        self, name: str, options: PoolOptions, clock: Clock, body: Callable[..., None] | None
    ) -> None:
        self.name = name
        self.cameras: set[CameraId] = set()
        self.detector = ""
        self.restarts = self.lost = 0
        self.providers: dict[str, str] = {}
        self._models = SeatModels()
        self._wear = SeatWear(name, options.memory)
        self._looks, self._given = Looks(), Looks()
        self._number = self._ready = 0  # of the newest table, and of the one the child works with
        self._options, self._clock, self._body = options, clock, body or serve
        self._child: Child | None = None
        self._block: FrameBlock | None = None
        self._since = 0.0  # start of the child, or of its work on the present picture
        self._started = 0.0
        self._frame: Frame | None = None
        self._job = 0
        self._failures = 0
        self._again: float | None = None

    @property
    def pipe(self) -> Connection | None:
        """Readable when there is something to collect."""
        return self._child.pipe if self._child else None

    @property
    def idle(self) -> bool:
        """Whether it takes a picture now."""
        return self._child is not None and not self._starting and self._frame is None

    @property
    def troubles(self) -> dict[str, str]:
        """What the child must do without, by the model's name."""
        return self._models.troubles

    @property
    def remark(self) -> str:
        """What the operator should know of the child processes themselves; empty: nothing."""
        return self._wear.remark(self._clock.mono())

    @property
    def _starting(self) -> bool:
        return not self.detector or self._ready != self._number

    def start(self) -> None:
        """Start the child."""
        self._again = None
        self._given = self._models.allowed(self._looks)
        self._number = self._ready = 0
        self._child = Child(self.name, self._body, self._options, self._given)
        self._since = self._started = self._clock.mono()

    def assign(self, looks: Looks) -> None:
        """Look at the seat's cameras in this way from now on; the child keeps its memory."""
        self._looks = looks
        given = self._models.allowed(looks)
        if given == self._given:
            return
        self._given = given
        if self._child is None:
            return
        self._number += 1
        if self._frame is None:
            self._since = self._clock.mono()
        try:
            self._child.send(Assign(self._number, given))
        except ChildGone as error:
            self._replace(str(error))

    def submit(self, frame: Frame) -> bool:
        """Copy a frame into the slot and tell the child; False when it cannot take one."""
        if not self.idle or self._child is None:
            return False
        self._job += 1
        closeup = frame.closeup
        block = self._roomy(max(frame.pixels.nbytes, closeup.pixels.nbytes if closeup else 0))
        picture = block.put(0, frame.pixels)
        look = Look(
            self._job,
            frame.camera,
            picture,
            frame.seq,
            frame.at,
            frame.media,
            frame.source_width,
            frame.source_height,
            None if closeup is None else _near(closeup, block),
            frame.verification,
            frame.opinion,
        )
        try:
            self._child.send(look)
        except ChildGone as error:
            self._replace(str(error))
            return False
        self._frame, self._since = frame, self._clock.mono()
        return True

    def collect(self) -> list[DetectionResult]:
        """The verdicts that have arrived."""
        results = []
        try:
            while self._child is not None and (message := self._child.receive()) is not None:
                if isinstance(message, Ready):
                    self._greet(message)
                elif isinstance(message, Begun):
                    self._models.begin(message.model, loading=message.loading)
                    self._since = self._clock.mono() if message.loading else self._since
                elif isinstance(message, Seen) and message.job == self._job and self._frame:
                    results.append(self._result(self._frame, message))
                    self._frame = None
        except ChildGone as error:
            self._replace(str(error))
        return results

    def check(self) -> None:
        """Replace a child that hangs or grows; start the next one when its pause is over."""
        now = self._clock.mono()
        if self._child is None:
            if self._again is not None and now >= self._again:
                self.start()
            return
        if now - self._started > _HEALTHY:
            self._failures = 0
            self._models.healthy()
        looking = self._frame is not None
        limit = self._options.deadline if looking else self._options.start_deadline
        if (looking or self._starting) and now - self._since > limit:
            self._replace(f"{self.name} did not answer within {limit:.0f} s")
        elif reason := self._wear.outgrown(self._child, now, looking=looking):
            self._replace(reason)

    def forget(self, camera: CameraId) -> None:
        """Drop a camera that is gone."""
        self.cameras.discard(camera)
        self.renew(camera)

    def renew(self, camera: CameraId) -> None:
        """Let the child forget what it saw at a camera."""
        if self._child is not None:
            try:
                self._child.send(Forget(camera))
            except ChildGone as error:
                self._replace(str(error))

    def close(self, deadline: float) -> None:
        """End the child and free the slot."""
        if self._child is not None:
            self._child.close(deadline)
            self._child = None
        self._again = None
        if self._block is not None:
            self._block.close()
            self._block = None

    def _greet(self, ready: Ready) -> None:
        self.detector = ready.detector
        self._ready = ready.number
        self.providers = dict(ready.providers)
        self._models.done(ready.troubles)

    def _result(self, frame: Frame, seen: Seen) -> DetectionResult:
        self.detector = seen.detector
        self._models.done(seen.troubles)
        return DetectionResult(
            camera=frame.camera,
            frame_seq=frame.seq,
            frame_at=frame.at,
            at=self._clock.now(),
            detections=seen.verdict.detections,
            fire=seen.verdict.fire,
            smoke=seen.verdict.smoke,
            moving=seen.verdict.moving,
            detector=seen.detector,
            seconds=seen.seconds,
            source=(frame.source_width, frame.source_height),
            suspicion=seen.verdict.suspicion,
        )

    def _replace(self, reason: str) -> None:
        pause = _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
        _log.error("%s; it is replaced in %.0f s", reason, pause)
        if self._child is not None:
            self._child.kill()
            self._child = None
        self.restarts += 1
        self.lost += self._frame is not None
        self._frame = None
        self.detector = ""
        self._models.lost(reason)
        self._failures += 1
        self._wear.replaced(self._clock.mono(), reason)
        self._again = self._clock.mono() + pause

    def _roomy(self, size: int) -> FrameBlock:
        """Slots for a picture and a closeup, larger ones where needed; the child follows."""
        if self._block is None or self._block.capacity < size:
            if self._block is not None:
                self._block.close()
            self._block = FrameBlock(2, -(-size // _PAGE) * _PAGE)
        return self._block


def _near(closeup: Closeup, block: FrameBlock) -> Near:
    where = block.put(1, closeup.pixels)
    return Near(where, closeup.x, closeup.y, closeup.width, closeup.height)
