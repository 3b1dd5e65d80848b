"""A slow detector beside fast ones: it gets pictures when it is free, nobody waits for it."""

import logging
from dataclasses import dataclass
from threading import Event, Thread

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.runtime.mailbox import Full, Mailbox
from embereye.vision.detector import Detector, Verdict

_log = logging.getLogger(__name__)

_WAITING = 4  # pictures; at 1 s for an answer (formats.md) an older one would be stale
_KEPT = 3.0  # s; an opinion is as old as the live deadline of 1 s, and twice missed
_PATIENCE = 5  # pictures in a row without an answer, as many as open the breaker (formats.md)
_TURN = 0.25  # s between looks whether to stop


class AsideDetector:
    """Fits the `Detector` port and never blocks: says what the inner detector said last.

    The inner detector lives in a thread of its own, everything else in the caller's. It is given
    the newest picture of each camera, one at a time; a picture too many is dropped.

    Attributes:
        trouble: Why there are no opinions at present, in words; empty while there are.
    """

    def __init__(self, inner: Detector) -> None:
        self.name = inner.name
        self.trouble = ""
        self._inner = inner
        self._asked: Mailbox[Frame | CameraId] = Mailbox(_WAITING, Full.REFUSE)
        self._answers: Mailbox[_Answer] = Mailbox(2 * _WAITING, Full.DROP_OLDEST)
        self._pending: set[CameraId] = set()
        self._opinions: dict[CameraId, tuple[float, Verdict]] = {}
        self._failures = 0
        self._stop = Event()
        self._thread = Thread(target=self._work, name="aside", daemon=True)
        self._thread.start()

    def detect(self, frame: Frame) -> Verdict:
        """The newest opinion on this camera, at most 3 s old; nothing before the first."""
        self._collect()
        if frame.camera not in self._pending and self._asked.put(frame):
            self._pending.add(frame.camera)
        said_at, verdict = self._opinions.get(frame.camera, (float("-inf"), Verdict()))
        return verdict if frame.at.mono - said_at <= _KEPT else Verdict()

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._opinions.pop(camera, None)
        self._asked.put(camera)  # when it is refused, the next picture follows an older memory

    def close(self) -> None:
        """Stop; an answer that is still being waited for is not waited for."""
        self._stop.set()
        self._asked.wake()

    def _collect(self) -> None:
        for answer in self._answers.take_all(0.0):
            self._pending.discard(answer.camera)
            if answer.verdict is not None:
                self._failures, self.trouble = 0, ""
                self._opinions[answer.camera] = answer.at, answer.verdict
                continue
            self._failures += 1
            if self._failures >= _PATIENCE:
                self.trouble = answer.problem

    def _work(self) -> None:
        while not self._stop.is_set():
            for asked in self._asked.take_all(_TURN, most=1):
                if isinstance(asked, Frame):
                    self._answers.put(self._answer(asked))
                else:
                    self._inner.forget(asked)

    def _answer(self, frame: Frame) -> "_Answer":
        try:
            verdict = self._inner.detect(frame)
        except DetectorError as error:
            return _Answer(frame.camera, frame.at.mono, None, str(error))
        except Exception:  # noqa: BLE001 - outermost in its thread: others go on, with a traceback
            _log.exception("%s failed on a picture of %s", self.name, frame.camera)
            problem = f"{self.name} has a fault of its own; see the log."
            return _Answer(frame.camera, frame.at.mono, None, problem)
        return _Answer(frame.camera, frame.at.mono, verdict)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the inner detector said about a picture taken `at`; None: nothing, see `problem`."""

    camera: CameraId
    at: float
    verdict: Verdict | None
    problem: str = ""
