"""Writes keys into devices over serial ports while a screen looks on."""

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from threading import Event

from embereye.ingest.serial_enrolment import SerialEnrolment, serial_ports
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import Clock
from embereye.runtime.worker import ThreadHost

_log = logging.getLogger(__name__)


class Writing(Enum):
    """How far the present write is."""

    IDLE = "idle"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WriterState:
    """A snapshot.

    Attributes:
        ports: Serial ports of this machine; None until they are known.
        problem: Why it failed and what to do.
    """

    ports: tuple[str, ...] | None = None
    writing: Writing = Writing.IDLE
    problem: str = ""


class KeyWriter:
    """One write at a time, each in a thread of its own; ports and drivers block.

    `look`, `write` and `close` belong to one thread, which reads `current` at its own pace.
    """

    def __init__(self, threads: ThreadHost, clock: Clock) -> None:
        self._threads = threads
        self._clock = clock
        self._stop = Event()
        self.current = WriterState()

    def look(self) -> None:
        """Find the serial ports of this machine."""
        self._start("serial ports", self._look)

    def write(self, port: str, text: str) -> None:
        """Write an enrolment text into the device at `port`; ignored while one is being written."""
        if self.current.writing is Writing.RUNNING:
            return
        self.current = WriterState(self.current.ports, Writing.RUNNING)
        self._start("serial enrolment", lambda: self._write(port, text))

    def close(self) -> None:
        """Take no interest any more; what runs ends by itself, a wait for the device within 0.2 s.

        Nobody waits for it here: a driver may hold on to its port for seconds.
        """
        self._stop.set()

    def _start(self, name: str, body: Callable[[], None]) -> None:
        if not self._stop.is_set():
            self._threads.start(name, body)

    def _look(self) -> None:
        try:
            ports = serial_ports()
        except OSError as error:
            _log.warning("the serial ports cannot be listed: %s", error)
            ports = ()
        self.current = WriterState(ports, self.current.writing, self.current.problem)

    def _write(self, port: str, text: str) -> None:
        result = WriterState(self.current.ports, Writing.DONE)
        try:
            with closing(SerialEnrolment(port, self._clock)) as line:
                line.write(text, self._stop)
        except EmberEyeError as error:
            result = WriterState(self.current.ports, Writing.FAILED, str(error))
        except Exception:  # noqa: BLE001 - outermost frame of this thread: drivers raise anything
            _log.exception("bug while writing a key over a serial port")
            problem = "The program itself failed; see the log."
            result = WriterState(self.current.ports, Writing.FAILED, problem)
        self.current = result
