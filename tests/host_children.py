"""Bodies of capture processes with faults; spawn needs them in a module of their own."""

import os
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread

from embereye.ingest import capture_child
from embereye.ingest.capture_child import _Passwords
from embereye.ingest.capture_words import Counted, Password, Told
from embereye.model.messages import WorkerFailed
from embereye.runtime.clock import SystemClock

_SIGN = Counted(())
_PAUSE = 0.1  # s between signs of life
_NEVER = Event()


def mute(pipe: Connection) -> None:
    """Says that it lives, once, then reads nothing and says nothing."""
    pipe.send(_SIGN)
    _NEVER.wait(60)


def impatient(pipe: Connection) -> None:
    """A real one that looks for missing sources twice a second."""
    capture_child._AGAIN = 0.5
    capture_child.serve(pipe)


def failing(pipe: Connection) -> None:
    """Tells that one of its workers failed, and dies."""
    pipe.send(_SIGN)
    failed = WorkerFailed("camera-yard-main-1", "failed 5 times", False, SystemClock().now())
    pipe.send(Told(None, failed))
    pipe.close()
    os._exit(1)


def asking(pipe: Connection, first: Path) -> None:
    """Asks for the password of "old" and dies; the next one asks for that of "new".

    `first`: A file that exists from the first life on. The answer that "new" got is told.
    """
    passwords = _Passwords(pipe.send)
    pipe.send(_SIGN)
    if not first.exists():
        first.touch()
        Thread(target=passwords.of, args=("old",), daemon=True).start()
        if not pipe.poll(_PAUSE):  # the question is on its way
            os._exit(1)
    answers: list[str | None] = []
    asker = Thread(target=lambda: answers.append(passwords.of("new")), daemon=True)
    asker.start()
    pipe.send(Told(None, "the next one asks"))
    while not answers:
        message = pipe.recv() if pipe.poll(_PAUSE) else None
        if isinstance(message, Password):
            passwords.answer(message)
            asker.join(_PAUSE)
        pipe.send(_SIGN)
    pipe.send(Told(None, f"answer: {answers[0]}"))
    while not pipe.poll(_PAUSE):
        pipe.send(_SIGN)
