"""The console's end of one capture process: keeps it working, whatever happens in it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread

from embereye.ingest.capture_child import serve
from embereye.ingest.capture_remote import RemoteCapture, Surroundings, of_sub
from embereye.ingest.capture_words import (
    Asked,
    Begin,
    Counted,
    End,
    Key,
    Logged,
    Moved,
    Password,
    Retry,
    Told,
    Want,
)
from embereye.ingest.views import Stream
from embereye.model.errors import EmberEyeError
from embereye.model.messages import WorkerFailed
from embereye.runtime.newest import remove_all_of
from embereye.runtime.process import Child, ChildGone

_log = logging.getLogger(__name__)

_TURN = 0.03  # s; a wish of the wall waits at most this long
_MUTE = 3.0  # s without a sign of life, which come four times a second
# What is sent between two signs of life: a hung process must not block this thread. Weights by
# size: 120 wishes are 36 KB, 24 beginnings 96 KB; Linux takes 208 KB.
_UNHEARD, _BEGIN_WEIGHT = 120, 5
_BIRTH = 20.0  # s until the first one: a busy machine starts slowly
_BACKOFF = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # s before each restart; the last one repeats
_HEALTHY = 60.0  # s of work after which the back-off starts again


@dataclass(slots=True)
class _Sent:
    """What the process was told of one stream."""

    want: Want | None = None
    retries: int = 0


class CaptureHost:
    """One capture process. `run` is hosted in a thread; the rest is for any thread.

    A process that is killed, crashes or gives no sign of life for 3 s is replaced; its cameras
    are begun anew and all others notice nothing.

    Attributes:
        name: For the log and for people.
        restarts: Times the process was replaced.
    """

    def __init__(
        self, name: str, around: Surroundings, body: Callable[..., None] | None = None
    ) -> None:
        self.name = name
        self.restarts = 0
        self._around = around
        self._clock = around.clock
        self._body = body or serve
        self._lock = Lock()
        self._captures: dict[Key, RemoteCapture] = {}
        self._sent: dict[Key, _Sent] = {}
        self._pid: int | None = None
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._answers: SimpleQueue[Password] = SimpleQueue()
        self._failed: dict[str, WorkerFailed] = {}  # in the process, not yet taken back
        self._sign: float | None = None
        self._unheard = 0  # messages since then
        self._born = 0.0
        self._failures = 0

    @property
    def captures(self) -> tuple[RemoteCapture, ...]:
        """What is read here."""
        with self._lock:
            return tuple(self._captures.values())

    @property
    def pid(self) -> int | None:
        """The process, None while there is none."""
        return self._pid

    def begin(self, capture: RemoteCapture) -> None:
        """Read one more stream."""
        with self._lock:
            self._captures[capture.key] = capture

    def end(self, capture: RemoteCapture) -> None:
        """Do not read it any more."""
        capture.leave()
        with self._lock:
            self._captures.pop(capture.key, None)

    def run(self, stop: Event) -> None:
        """Keep the process working until `stop` is set; ends within 1 s of that."""
        asker = Thread(target=self._answer, name=f"{self.name} passwords", daemon=True)
        asker.start()
        try:
            while not stop.is_set():
                self._attempt(stop)
        finally:
            self._asked.put(None)
            asker.join(0.1)  # a key ring may hold it; it has a deadline of its own

    def _attempt(self, stop: Event) -> None:
        """One life of the process, and the pause after it."""
        child = Child(self.name, self._body)
        self._pid = child.pid
        self._born = self._clock.mono()
        try:
            while not stop.is_set():
                self._turn(child)
        except ChildGone as error:
            child.kill()
            self._forget()
            if not stop.is_set():
                self._mourn(error, stop)
        except BaseException:  # a bug of ours: the supervisor begins anew, with another process
            child.kill()
            self._forget()
            raise
        else:
            child.close()
            self._forget()

    def _turn(self, child: Child) -> None:
        message = child.receive(_TURN)
        while message is not None:
            self._take(message)
            message = child.receive()
        while not self._answers.empty():
            child.send(self._answers.get())
        self._tell(child)
        self._check()

    def _check(self) -> None:
        now = self._clock.mono()
        since, limit = (self._born, _BIRTH) if self._sign is None else (self._sign, _MUTE)
        if now - since > limit:
            raise ChildGone(f"{self.name} gave no sign of life for {limit:.0f} s")
        if now - self._born > _HEALTHY:
            self._failures = 0

    def _mourn(self, error: ChildGone, stop: Event) -> None:
        pause = _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
        self._failures += 1
        self.restarts += 1
        _log.error("%s; it is replaced in %.0f s", error, pause)
        for capture in self.captures:
            capture.leave_chip()
        stop.wait(pause)

    def _forget(self) -> None:
        """Nothing of the process is left: its memory neither."""
        pid, self._pid = self._pid, None
        if pid is not None:
            remove_all_of(pid)
        for told in self._failed.values():
            text = f"{told.name} ended with its process"
            self._around.post(WorkerFailed(told.name, text, recovered=True, at=self._clock.now()))
        self._failed.clear()
        self._sent.clear()
        self._sign = None
        self._unheard = 0

    # --- to the process ------------------------------------------------------------------------

    def _tell(self, child: Child) -> None:
        """Bring the process up to date with what is wanted."""
        with self._lock:
            captures = dict(self._captures)
        for key in self._sent.keys() - captures.keys():
            if not self._send(child, End(key)):
                return
            del self._sent[key]
        for key, capture in captures.items():
            sent = self._sent.get(key)
            if sent is None:
                retries, folders = capture.retries, tuple(self._around.folders())
                if not self._send(child, Begin(key, capture.camera, folders, capture.counted)):
                    return
                sent = self._sent[key] = _Sent(retries=retries)
            want = capture.want()
            if want != sent.want and self._send(child, want):
                sent.want = want
            if (retries := capture.retries) != sent.retries and self._send(child, Retry(key)):
                sent.retries = retries

    def _send(self, child: Child, message: object) -> bool:
        """Send it; False: it must wait until the process shows that it reads."""
        if self._sign is None or self._unheard >= _UNHEARD:
            return False
        self._unheard += _BEGIN_WEIGHT if isinstance(message, Begin) else 1
        child.send(message)
        return True

    # --- from the process ----------------------------------------------------------------------

    def _take(self, message: object) -> None:
        if isinstance(message, Counted):
            self._count(message)
        elif isinstance(message, Moved):
            self._move(message)
        elif isinstance(message, Told):
            self._pass_on(message)
        elif isinstance(message, Asked):
            self._asked.put(message)
        elif isinstance(message, Logged):
            logging.getLogger(message.name).log(message.level, "%s", message.text)

    def _pass_on(self, told: Told) -> None:
        capture = None if told.key is None else self._captures.get(told.key)
        if isinstance(told.message, WorkerFailed):
            if told.message.recovered:
                self._failed.pop(told.message.name, None)
            else:
                self._failed[told.message.name] = told.message
        if told.key is None:
            self._around.post(told.message)
        elif capture is not None and capture.reports:
            sub = told.key.stream is Stream.SUB
            self._around.post(of_sub(told.message) if sub else told.message)

    def _count(self, counted: Counted) -> None:
        self._sign = self._clock.mono()
        self._unheard = 0
        for key, counters in counted.rows:
            capture = self._captures.get(key)
            if capture is not None:
                capture.count(counters)

    def _move(self, moved: Moved) -> None:
        capture = self._captures.get(moved.key)
        if capture is not None:
            capture.move(moved.where)

    def _answer(self) -> None:
        """The thread that reads passwords: key rings may take seconds."""
        while (asked := self._asked.get()) is not None:
            self._answers.put(self._password(asked))

    def _password(self, asked: Asked) -> Password:
        try:
            return Password(asked.number, self._around.passwords(asked.camera))
        except EmberEyeError as error:
            return Password(asked.number, None, str(error))
