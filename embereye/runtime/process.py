"""Child processes of our own that can be killed without harm to anybody else."""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import psutil

_log = logging.getLogger(__name__)

# A fresh interpreter on every platform: no inherited threads, locks or sockets. A frozen program
# must call multiprocessing.freeze_support() first thing in its main module.
_SPAWN = multiprocessing.get_context("spawn")
_KILL_WAIT = 2.0  # s; a killed process is gone in milliseconds unless the kernel holds it


_GIVE_WAY = 3  # of 19; half of what the console gets where both want all of a core


class ChildGone(Exception):
    """The child ended or was killed; start another one."""


class Child:
    """One child process and the pipe to it. Lives in one thread of the parent.

    `body(pipe, *arguments)` must be a function at the top level of a module; it must return when
    the pipe ends (`EOFError`), so that no child survives its parent.
    """

    def __init__(self, name: str, body: Callable[..., None], *arguments: Any) -> None:
        self.name = name
        self._pipe, far = _SPAWN.Pipe(duplex=True)
        self._process: BaseProcess = _SPAWN.Process(
            target=_run, args=(body, far, arguments), name=name, daemon=True
        )
        self._process.start()
        far.close()

    @property
    def pipe(self) -> Connection:
        """For `multiprocessing.connection.wait`; readable also when the child ended."""
        return self._pipe

    @property
    def pid(self) -> int | None:
        """Process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def memory(self) -> int:
        """Bytes of physical memory that it holds, shared ones included; 0 when it is gone."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def send(self, message: object) -> None:
        """Hand the child a small message.

        Raises:
            ChildGone: it is no longer there.
        """
        try:
            self._pipe.send(message)
        except (OSError, ValueError) as error:
            raise ChildGone(f"{self.name} is gone: {error}") from None

    def receive(self, timeout: float = 0.0) -> object | None:
        """The next message, or None after `timeout` s.

        Raises:
            ChildGone: it is no longer there.
        """
        try:
            return self._pipe.recv() if self._pipe.poll(timeout) else None
        except (EOFError, OSError) as error:
            raise ChildGone(f"{self.name} is gone (exit code {self._exit_code()})") from error

    def kill(self) -> None:
        """End the child at once, whatever it does."""
        self._process.kill()
        self._release(_KILL_WAIT)

    def close(self, deadline: float = 1.0) -> None:
        """End the pipe, wait `deadline` s for the child to follow, then kill it."""
        self._pipe.close()
        self._process.join(deadline)
        if self._process.is_alive():
            _log.warning("%s did not end within %.1f s and is killed", self.name, deadline)
            self._process.kill()
        self._release(_KILL_WAIT)

    def _release(self, deadline: float) -> None:
        self._pipe.close()
        self._process.join(deadline)
        if self._process.exitcode is None:
            _log.error("%s cannot be killed", self.name)
            return
        self._process.close()

    def _exit_code(self) -> int | None:
        self._process.join(0.2)
        return self._process.exitcode


def give_way(by: int = _GIVE_WAY) -> None:
    """Let the console go first where the processor is short. First thing in a child's body.

    `by`: 1–19, how far; on Windows there is only one step.

    Where cameras want more than there is, they get fewer pictures; screen, alarms and sensors must
    not wait for that. Measured with 100 cameras on 2 cores that others kept busy as well: sensor
    latency p95 160 → 30–80 ms, stalls of the screen p99 300 → 50–80 ms (with 5 instead of 3).
    """
    if sys.platform == "win32":
        try:
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        except (psutil.Error, OSError) as error:
            _log.debug("the priority stays as it is: %s", error)
    else:
        os.nice(by)


def _run(body: Callable[..., None], pipe: Connection, arguments: tuple[Any, ...]) -> None:
    # Ctrl+C in a terminal reaches the whole group; the parent decides when children end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        body(pipe, *arguments)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        _log.debug("the parent closed the pipe")
    finally:
        pipe.close()
