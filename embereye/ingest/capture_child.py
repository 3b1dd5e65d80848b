"""What runs inside a capture process: reads cameras, publishes pictures, says how it goes."""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

import cv2

from embereye.config.schema import Camera
from embereye.ingest.camera_view import CameraView, Demands, Detecting, SlotKind
from embereye.ingest.capture import CaptureWorker, Opener, Outlet
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
from embereye.ingest.opener import Passwords, opener_of
from embereye.ingest.shared_slot import SharedSlot, SlotPlace
from embereye.ingest.source import Source
from embereye.model.camera import CameraState
from embereye.model.errors import CameraUnreachable, SourceError
from embereye.model.frame import Frame, Tile, ViewDemand
from embereye.model.messages import CaptureChanged
from embereye.runtime.clock import Clock, SystemClock
from embereye.runtime.logs import REDACTION
from embereye.runtime.process import give_way
from embereye.runtime.supervisor import Supervisor
from embereye.runtime.worker import PlainThreads

_log = logging.getLogger(__name__)

_TURN = 0.02  # s; a wish of the console waits at most this long
_COUNTED = 0.25  # s between signs of life; cameras are judged as often
_AGAIN = 5.0  # s between looks for a source that is missing
_ANSWER = 5.0  # s for a password; key rings have a deadline of 3 s
_LINES = 1000  # messages that wait for the console; beyond them no line of the log is added
_STOP = 0.8  # s for all cameras together
_NOTHING = Detecting()  # until the first `Want`


OpenerOf = Callable[[Camera, Iterable[Path], Passwords, Clock], tuple[Source, Opener]]


def serve(pipe: Connection, opener: OpenerOf = opener_of) -> None:
    """Read cameras until the pipe ends. The body of a child process.

    `opener` makes a source of a camera; a benchmark reads files faster than they play.
    """
    give_way()  # before any thread, which inherits it
    cv2.setNumThreads(1)  # processes are made as many as cores
    house = _House(pipe, opener)
    try:
        house.run()
    finally:
        house.close()


@dataclass(slots=True)
class _Read:
    """One stream that is read."""

    view: CameraView
    worker: CaptureWorker
    wishes: list[Demands]  # the newest one; shared with the view


class _House:
    """All streams of this process. Its methods belong to the main thread unless they say else."""

    def __init__(self, pipe: Connection, opener: OpenerOf) -> None:
        self._pipe = pipe
        self._opener_of = opener
        self._clock: Clock = SystemClock()
        self._out: deque[object] = deque()  # filled by any thread
        self._passwords = _Passwords(self._out.append)
        self._supervisor = Supervisor(PlainThreads(), self._clock, self._tell)
        self._reads: dict[Key, _Read] = {}
        self._unusable: dict[Key, Begin] = {}  # tried again: a disk may come back
        self._tried = 0.0
        self._wants: dict[Key, Want] = {}
        self._forward = _Forward(self._out.append, self._out.__len__)
        logging.getLogger().addHandler(self._forward)
        logging.getLogger().setLevel(logging.INFO)

    def run(self) -> None:
        counted = 0.0
        while True:
            if self._pipe.poll(_TURN):
                self._take(self._pipe.recv())
            now = self._clock.mono()
            if now - counted >= _COUNTED:
                counted = now
                rows = tuple((key, read.worker.counters) for key, read in self._reads.items())
                self._out.append(Counted(rows))
                self._supervisor.look()
                if self._unusable and now - self._tried >= _AGAIN:
                    self._tried = now
                    for begin in tuple(self._unusable.values()):
                        self._begin(begin)
            while self._out:
                self._pipe.send(self._out.popleft())

    def close(self) -> None:
        logging.getLogger().removeHandler(self._forward)
        self._passwords.close()
        for read in self._reads.values():
            read.worker.leave()
        self._supervisor.stop_all(_STOP)
        for read in self._reads.values():
            read.view.close()

    def _take(self, message: object) -> None:
        if isinstance(message, Begin):
            self._begin(message)
        elif isinstance(message, Password):
            self._passwords.answer(message)
        elif isinstance(message, End | Retry | Want):
            if isinstance(message, Want):
                self._wants[message.key] = message
            read = self._reads.get(message.key)
            if read is None:
                if isinstance(message, End):
                    self._unusable.pop(message.key, None)
                    self._wants.pop(message.key, None)
                elif isinstance(message, Retry) and message.key in self._unusable:
                    self._begin(self._unusable[message.key])
                return
            if isinstance(message, End):
                self._end(message.key, read)
            elif isinstance(message, Retry):
                read.worker.retry()
            else:
                _want(read, message)

    def _begin(self, begin: Begin) -> None:
        key, camera = begin.key, begin.camera
        try:
            _, opener = self._opener_of(camera, begin.folders, self._passwords.of, self._clock)
        except SourceError as error:  # the console checked it: a file that was removed meanwhile
            now = self._clock.now()
            changed = CaptureChanged(key.camera, CameraState.UNSUPPORTED, str(error), now)
            if key not in self._unusable:
                self._out.append(Told(key, changed))
            self._unusable[key] = begin
            return
        self._unusable.pop(key, None)
        wishes: list[Demands] = [{}]
        view = CameraView(key.camera, lambda: wishes[0], _NOTHING, self._slots(key))

        def post(message: object) -> None:
            self._out.append(Told(key, message))

        worker = CaptureWorker(opener, Outlet(view, post), self._clock, before=begin.before)
        read = self._reads[key] = _Read(view, worker, wishes)
        if key in self._wants:
            _want(read, self._wants[key])
        self._supervisor.start(_name(key), worker)

    def _end(self, key: Key, read: _Read) -> None:
        read.worker.leave()
        self._supervisor.dismiss(_name(key))
        read.view.close()
        del self._reads[key]
        self._wants.pop(key, None)

    def _slots(self, key: Key) -> SlotKind:
        def told(where: SlotPlace) -> None:
            self._out.append(Moved(key, where))

        camera = key.camera
        return SlotKind(
            lambda size: SharedSlot[Tile](camera, size, told),
            lambda: SharedSlot[Frame](camera, None, told),
        )

    def _tell(self, message: object) -> None:
        self._out.append(Told(None, message))


class _Passwords:
    """Asks the console for passwords. `of` is called in capture threads."""

    def __init__(self, send: Callable[[object], None]) -> None:
        self._send = send
        # A late answer to the process before this one must fit no question of this one.
        self._numbers = count(os.getpid() << 32)
        self._waiting: dict[int, tuple[Event, list[Password]]] = {}
        self._closed = False

    def of(self, camera: str) -> str | None:
        """The password of a camera, None when none is stored."""
        number, done, answer = next(self._numbers), Event(), list[Password]()
        self._waiting[number] = (done, answer)
        self._send(Asked(number, camera))
        answered = done.wait(_ANSWER)
        self._waiting.pop(number, None)
        if not answered or self._closed:
            raise CameraUnreachable("The stored password could not be read in time.")
        if answer[0].error:
            raise CameraUnreachable(answer[0].error)
        password = answer[0].text
        if password:
            REDACTION.learn(password)
        return password

    def answer(self, message: Password) -> None:
        waiting = self._waiting.get(message.number)
        if waiting is not None:
            waiting[1].append(message)
            waiting[0].set()

    def close(self) -> None:
        self._closed = True
        for done, _ in list(self._waiting.values()):
            done.set()


class _Forward(logging.Handler):
    """Hands log records to the console, without secrets; none while it does not listen."""

    def __init__(self, send: Callable[[object], None], waiting: Callable[[], int]) -> None:
        super().__init__(logging.INFO)
        self._send, self._waiting = send, waiting

    def emit(self, record: logging.LogRecord) -> None:
        if self._waiting() > _LINES:
            return
        text = REDACTION.clean(self.format(record))
        self._send(Logged(record.name, record.levelno, text))


def _want(read: _Read, want: Want) -> None:
    camera = want.key.camera
    wish = ViewDemand(camera, want.sizes, want.rate)
    read.view.detecting, read.view.closely = want.detecting, want.closely
    read.view.attended = want.attended
    read.wishes[0] = {"console": {camera: wish}}
    # The console made new slots for sizes that it did not want for a moment. Where no packet came
    # in that moment, the old ones go on here.
    for _, slot in read.view.tiles:
        if isinstance(slot, SharedSlot):
            slot.tell_again()


def _name(key: Key) -> str:
    return f"camera-{key.camera}-{key.stream.value}-{key.number}"
