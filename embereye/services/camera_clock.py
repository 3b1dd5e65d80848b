"""How the clocks of cameras stand: asked each hour, and when somebody wants to know."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from embereye.config.schema import Camera, Settings
from embereye.ingest.onvif_clock import ask_clock, clock_address
from embereye.ingest.source import Login, parse
from embereye.model.camera import CameraState, CameraStatus, CameraTable
from embereye.model.camera_clock import CheckClockAsked, ClockCheck, ClockTable
from embereye.model.errors import CameraRefused, EmberEyeError
from embereye.model.ids import CameraId
from embereye.model.messages import CameraPasswordAsked
from embereye.rules.camera_clock import ClockVerdict, is_due, judged
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.worker import PlainThreads

_log = logging.getLogger(__name__)

_WAITING = 500  # cameras in the settings; each waits once
_IDLE = 0.5  # s between looks for a camera that is due
_LOOK = 0.1  # s between looks for an answer

Passwords = Callable[[str], str | None]
Asked = CheckClockAsked | CameraPasswordAsked


@dataclass(frozen=True, slots=True)
class _Question:
    """One question to a camera.

    Attributes:
        row: Its settings at that time: what is known of another address, or user, says nothing.
        at: Monotonic seconds.
        good: Whether it was answered.
    """

    row: Camera
    at: float
    good: bool = False

    def concerns(self, row: Camera) -> bool:
        mine, other = self.row, row
        return (mine.source, mine.onvif, mine.user) == (other.source, other.onvif, other.user)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of a question; `refused` is the login that the camera rejected."""

    check: ClockCheck
    refused: Login | None = None


class CameraClocks:
    """A worker. `ask` may be called from any thread and returns at once.

    By itself it asks live cameras whose ONVIF address stands in the settings, or that answered
    before: each hour, and when one comes back. One camera is asked at a time. A login that a
    camera refused is not sent again until one is entered.

    Attributes:
        current: The newest check of each camera; any thread.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Callable[[], Settings],
        cameras: Callable[[], CameraTable],
        passwords: Passwords,
    ) -> None:
        self.current = ClockTable()
        self._clock = clock
        self._settings = settings
        self._cameras = cameras
        self._passwords = passwords
        self._threads = PlainThreads()
        self._box: Mailbox[Asked] = Mailbox(_WAITING, Full.DROP_OLDEST)
        self._waiting: dict[CameraId, None] = {}
        self._asked: dict[CameraId, _Question] = {}
        self._refused: dict[CameraId, Login] = {}

    def ask(self, asked: Asked) -> None:
        """Ask this camera next, or use its login again since somebody entered it."""
        self._box.put(asked)

    def run(self, stop: Event) -> None:
        """Ask cameras until `stop` is set; the question of that moment is left to end by itself."""
        while not stop.is_set():
            self._take(0.0 if self._waiting else _IDLE)
            self._forget()
            row = self._next()
            if row is not None:
                self._check(row, stop)

    def _take(self, timeout: float) -> None:
        fresh = self._box.take_all(timeout)
        for asked in fresh:
            if isinstance(asked, CheckClockAsked):
                self._waiting[asked.camera] = None
            else:
                self._refused.pop(asked.camera, None)
        if fresh:
            self._show(dict(self.current.checks))

    def _forget(self) -> None:
        """What is known of cameras that are gone, or other ones now."""
        rows = {CameraId(row.id): row for row in self._settings().cameras}
        old = [c for c, q in self._asked.items() if c not in rows or not q.concerns(rows[c])]
        for camera in old:
            del self._asked[camera]
        if old:
            self._show({c: k for c, k in self.current.checks.items() if c not in old})

    def _next(self) -> Camera | None:
        """Whom to ask: whoever somebody wants to know of, else the first that is due."""
        rows = {CameraId(row.id): row for row in self._settings().cameras if row.enabled}
        while self._waiting:
            camera = next(iter(self._waiting))
            if camera in rows:
                return rows[camera]
            self._answered(camera, None)
        live = (c for c in self._cameras().cameras if c.state is CameraState.LIVE)
        return next((rows[c.id] for c in live if c.id in rows and self._due(rows[c.id], c)), None)

    def _due(self, row: Camera, status: CameraStatus) -> bool:
        last = self._asked.get(status.id)
        if not row.onvif and not (last is not None and last.good):
            return False
        asked = None if last is None else last.at
        return is_due(asked, status.since.mono, self._clock.mono())

    def _check(self, row: Camera, stop: Event) -> None:
        """Ask in a thread of its own, since connecting and looking up names cannot be ended."""
        camera = CameraId(row.id)
        answers: Mailbox[_Answer] = Mailbox(1, Full.DROP_OLDEST)
        hosted = self._threads.start("camera clock", lambda: self._answer(row, stop, answers))
        while not hosted.join(_LOOK):
            if stop.is_set():
                return
            self._take(0.0)
        answer = next(iter(answers.take_all(0.0)), None)
        if answer is None:
            raise RuntimeError("the question for a camera's clock ended without an answer")
        if answer.refused is not None:
            self._refused[camera] = answer.refused
        self._asked[camera] = _Question(row, self._clock.mono(), not answer.check.problem)
        self._answered(camera, answer.check)

    def _answer(self, row: Camera, stop: Event, answers: Mailbox[_Answer]) -> None:
        used: list[Login] = []

        def login() -> Login | None:
            known = self._login(row)
            used.extend([] if known is None else [known])
            return known

        try:
            check = ask_clock(clock_address(row), login, self._clock, stop.is_set)
            answers.put(_Answer(check))
        except EmberEyeError as error:
            refused = used[0] if used and isinstance(error, CameraRefused) else None
            answers.put(_Answer(ClockCheck(self._clock.now(), problem=str(error)), refused))

    def _login(self, row: Camera) -> Login | None:
        """That of the camera's source; CameraRefused when it is known to be wrong."""
        camera = CameraId(row.id)
        known = parse(row.source, login_known=True)[1]
        if row.user:
            password = self._passwords(row.id)
            known = known if password is None else Login(row.user, password)
        states = {status.id: status.state for status in self._cameras().cameras}
        wrong = states.get(camera) is CameraState.WRONG_PASSWORD
        if known is not None and (wrong or known == self._refused.get(camera)):
            # Cameras lock accounts after a few wrong logins.
            raise CameraRefused("The camera rejects the user name or password. Enter them again.")
        return known

    def _answered(self, camera: CameraId, check: ClockCheck | None) -> None:
        self._waiting.pop(camera, None)
        checks = dict(self.current.checks)
        if check is not None:
            self._note(camera, checks.get(camera), check)
            checks[camera] = check
        self._show(checks)

    def _note(self, camera: CameraId, before: ClockCheck | None, check: ClockCheck) -> None:
        """Log when a clock begins to be wrong, or is right again."""
        tolerance = self._settings().capture.clock_tolerance
        was, now = judged(before, tolerance), judged(check, tolerance)
        if now is ClockVerdict.WRONG and was is not now:
            _log.warning("the clock of camera %s is %+.0f s off", camera, check.offset)
        elif was is ClockVerdict.WRONG and now in (ClockVerdict.RIGHT, ClockVerdict.OFF):
            _log.info("the clock of camera %s is within %.0f s again", camera, tolerance)

    def _show(self, checks: dict[CameraId, ClockCheck]) -> None:
        self.current = ClockTable(checks, frozenset(self._waiting))
