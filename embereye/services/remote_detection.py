"""Asks a detector on another machine about the cameras that name it, beside the detector pool."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from embereye.config.vision_options import RemoteDetector
from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.remote import RemoteState, RemoteSuspected
from embereye.rules.risk_limits import VISION_AGE
from embereye.runtime.clock import Clock
from embereye.runtime.http_service import Endpoint
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.slot import LatestSlot
from embereye.runtime.worker import Hosted, PlainThreads
from embereye.services.remote_question import RemoteOutcome, RemoteQuestions
from embereye.services.remote_setup import RemoteSetup
from embereye.services.remote_standing import RemoteStanding

_AT_ONCE = 4  # requests; source: design of the remote detector (HTTP contract)
_TICK = 0.02  # s; a picture waits 10 ms on average
_IDLE = 0.25  # s between looks whether it was switched on
# s; a still picture is looked at every 2 s, and 0.25 s may pass until one comes: an object that
# stands still must not be lost between two looks.
_STILL = 2.5
_STALE = 0.5  # of the live deadline: what is left would not be enough for an answer
_SNAPSHOT = 0.5  # s between two snapshots
_SUSPICION = 0.3  # confidence that keeps the camera's full rate, as the feeder's
_END = 0.5  # s for requests under way at the stop; they look four times a second


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What it said about a picture of the moment `at`, monotonic s."""

    at: float
    boxes: tuple[Detection, ...]
    source: tuple[int, int]


class RemoteDetection:
    """A worker. Each question has a thread of its own, at most four at once and one a camera.

    `consult` belongs to the feeder's thread and never blocks; `apply` to the engine's.

    Attributes:
        current: A frozen snapshot; any thread.
    """

    def __init__(
        self, clock: Clock, key: Callable[[], str], suspect: Callable[[RemoteSuspected], None]
    ) -> None:
        """`key`: the API key, "" without one; may block. `suspect`: is told of fire and smoke."""
        self.current = RemoteState()
        self._clock, self._key, self._suspect = clock, key, suspect
        self._setup = RemoteSetup()
        self._slots: Mapping[CameraId, LatestSlot[Frame]] = {}
        self._opinions: Mapping[CameraId, _Opinion] = {}
        self._threads = PlainThreads()
        self._box: Mailbox[RemoteOutcome] = Mailbox(4 * _AT_ONCE, Full.DROP_OLDEST)
        self._over = Event()
        self._standing = RemoteStanding(self._setup, 0.0)
        self._questions = self._asking(0)
        self._endpoint: Endpoint | None = None
        self._asked: dict[CameraId, float] = {}
        self._flying: dict[CameraId | None, Hosted] = {}
        self._snapshot_at = 0.0

    def apply(self, setup: RemoteSetup) -> None:
        """Work with these settings from now on. Another key is found by the next probe."""
        if setup == self._setup:
            return
        before = self._slots
        self._slots = {c: before.get(c) or LatestSlot() for c in setup.cameras}
        self._setup = setup

    def consult(self, frame: Frame) -> Frame:
        """Offer a frame that is about to be judged; it comes back with the newest opinion."""
        slot = self._slots.get(frame.camera)
        if slot is None:
            return frame
        slot.put(frame)
        opinion = self._opinions.get(frame.camera)
        if opinion is None or frame.at.mono - opinion.at > _kept(self._setup.section):
            return frame
        source = (frame.source_width, frame.source_height)
        return replace(frame, opinion=_in_pixels_of(source, opinion))

    def run(self, stop: Event) -> None:
        """Ask until `stop` is set; questions that are under way end by themselves."""
        self._over = stop
        self._questions = self._asking(self._questions.number)
        while not stop.is_set():
            self.turn(_TICK if self._slots else _IDLE)
        end = self._clock.mono() + _END
        for hosted in self._flying.values():
            hosted.join(max(0.0, end - self._clock.mono()))

    def turn(self, timeout: float) -> None:
        """One round: take answers, then ask. For the worker's thread (and tests)."""
        ended = [who for who, hosted in self._flying.items() if hosted.join(0.0)]
        outcomes = self._box.take_all(timeout)
        for outcome in outcomes:
            self._take(outcome)
        now = self._clock.mono()
        if any(who in self._flying for who in ended):
            self._flying = {who: h for who, h in self._flying.items() if who not in ended}
            self._begin_anew(now)
            raise RuntimeError("a question to the remote detector ended without an answer")
        changed = self._standing.setup is not self._setup
        if changed:
            self._begin_anew(now)
        if None not in self._flying and self._standing.probe_due(now):
            self._start(None, self._questions.how)
        self._ask_about_cameras(now)
        if changed or outcomes or now - self._snapshot_at >= _SNAPSHOT:
            self._snapshot_at = now
            self.current = self._standing.state(now)

    def _begin_anew(self, now: float) -> None:
        self._standing = RemoteStanding(self._setup, now)
        self._questions = self._asking(self._questions.number + 1)
        self._endpoint = None
        self._opinions = {}
        self._asked = {c: at for c, at in self._asked.items() if c in self._slots}

    def _ask_about_cameras(self, now: float) -> None:
        section = self._standing.setup.section
        waiting = sorted(self._slots.items(), key=lambda item: self._asked.get(item[0], 0.0))
        for camera, slot in waiting:
            if len(self._flying) - (None in self._flying) >= _AT_ONCE:
                return
            due = now - self._asked.get(camera, float("-inf")) >= section.period
            if due and camera not in self._flying and slot.fresh:
                self._ask_about(camera, slot.take(), now)

    def _ask_about(self, camera: CameraId, frame: Frame | None, now: float) -> None:
        endpoint, deadline = self._endpoint, self._standing.setup.section.live_deadline
        if frame is None or endpoint is None:
            return
        if now - frame.at.mono > _STALE * deadline:
            self._standing.stale += 1
        elif self._standing.admits(now):
            self._asked[camera] = now
            self._start(camera, partial(self._questions.about, frame, endpoint))

    def _start(self, who: CameraId | None, ask: Callable[[], RemoteOutcome]) -> None:
        box = self._box
        self._flying[who] = self._threads.start("remote detector", lambda: _put(box, ask))

    def _asking(self, number: int) -> RemoteQuestions:
        return RemoteQuestions(number, self._setup, self._clock, self._key, self._over)

    def _take(self, outcome: RemoteOutcome) -> None:
        frame, now = outcome.frame, self._clock.mono()
        self._flying.pop(None if frame is None else frame.camera, None)
        if outcome.number != self._questions.number:
            return
        if frame is None:
            self._take_health(outcome, now)
        elif outcome.error is not None:
            self._standing.failed(outcome.error, now)
        else:
            self._standing.answered(now - frame.at.mono)
            self._note(frame, outcome.boxes)

    def _take_health(self, outcome: RemoteOutcome, now: float) -> None:
        self._endpoint = outcome.endpoint
        if outcome.health is not None:
            self._standing.healthy(outcome.health, now)
        elif outcome.error is not None:
            self._standing.unwell(str(outcome.error), now)

    def _note(self, frame: Frame, boxes: tuple[Detection, ...]) -> None:
        source = (frame.source_width, frame.source_height)
        kept = {c: o for c, o in self._opinions.items() if c in self._slots}
        self._opinions = {**kept, frame.camera: _Opinion(frame.at.mono, boxes, source)}
        if any(b.label in (FIRE, SMOKE) and b.confidence >= _SUSPICION for b in boxes):
            self._suspect(RemoteSuspected(frame.camera, self._clock.now()))


def _kept(section: RemoteDetector) -> float:
    """Seconds for which an opinion is evidence: until the next one can be there."""
    return max(_STILL, min(section.period + section.live_deadline, VISION_AGE))


def _put(box: Mailbox[RemoteOutcome], ask: Callable[[], RemoteOutcome]) -> None:
    box.put(ask())


def _in_pixels_of(source: tuple[int, int], opinion: _Opinion) -> tuple[Detection, ...]:
    """Its boxes in pixels of another stream of the same camera, where that is another one."""
    if source == opinion.source:
        return opinion.boxes
    x, y = source[0] / opinion.source[0], source[1] / opinion.source[1]
    return tuple(
        replace(b, x=b.x * x, y=b.y * y, width=b.width * x, height=b.height * y)
        for b in opinion.boxes
    )
