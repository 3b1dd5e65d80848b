"""Backtests for screens, each in a child process that gives way to everything else."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

from embereye.model.backtest import BacktestProgress, BacktestResult
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.runtime.process import Child, ChildGone, give_way
from embereye.services.backtest import Backtest, BacktestAsked

Reply = Callable[[object], object]

_IDLE = 0.5  # s between two looks at `stop`
_LOOK = 0.1  # s between two looks whether it is still wanted
_WAITING = 4  # questions; the newest counts
_TELL = 0.2  # s between two words about the progress
_GIVE_WAY = 15  # of 19: cameras and alarms come first, also before detection
_GONE = "The backtest ended before it was done. Try a shorter time; the log may say why."


class BacktestDesk:
    """Answers `BacktestAsked`; a worker. `ask` and `cancel`: any thread, return at once.

    A replay takes all of a core for minutes: in a thread of the console it would hold up alarms
    and screen. A newer question ends the one that runs.
    """

    def __init__(self, folder: Path, body: Callable[..., None] | None = None) -> None:
        """`body`: what the child runs; None: `play`."""
        self._folder = folder
        self._body = body or play
        self._numbers = count(1)
        self._newest = 0  # what is smaller is not wanted any more
        self._box: Mailbox[tuple[int, BacktestAsked, Reply]] = Mailbox(_WAITING, Full.DROP_OLDEST)

    def ask(self, asked: BacktestAsked, reply: Reply) -> int:
        """Call `reply` in this worker's thread: `BacktestProgress` now and then, at last a result.

        Returns:
            The number of the question, which is in its answers.
        """
        number = next(self._numbers)
        self._newest = number
        self._box.put((number, asked, reply))
        return number

    def cancel(self) -> None:
        """End the one that runs; its result says so."""
        self._newest = next(self._numbers)

    def run(self, stop: Event) -> None:
        """Answer until `stop` is set."""
        while not stop.is_set():
            for number, asked, reply in self._box.take_all(_IDLE, most=1):
                self._answer(number, asked, reply, stop)

    def _answer(self, number: int, asked: BacktestAsked, reply: Reply, stop: Event) -> None:
        nothing = BacktestResult(number, asked.since, asked.until, asked.tried is None)
        if self._newest > number:
            reply(replace(nothing, cancelled=True))
            return
        child = Child("backtest", self._body, self._folder, asked, number)
        try:
            result = self._followed(child, number, reply, stop)
        except ChildGone:
            result = replace(nothing, problem=_GONE)
        finally:
            child.kill()
        if not stop.is_set():
            reply(replace(nothing, cancelled=True) if result is None else result)

    def _followed(
        self, child: Child, number: int, reply: Reply, stop: Event
    ) -> BacktestResult | None:
        """The result of a child; None when it is not wanted any more."""
        while not stop.is_set() and self._newest <= number:
            message = child.receive(_LOOK)
            if isinstance(message, BacktestResult):
                return message
            if message is not None:
                reply(message)
        return None


def play(pipe: Connection, folder: Path, asked: BacktestAsked, number: int) -> None:
    """The body of the child: words about the progress, then the result."""
    give_way(_GIVE_WAY)
    clock = SystemClock()
    due = 0.0

    def progress(utc: float) -> bool:
        nonlocal due
        now = clock.mono()
        if now >= due:
            due = now + _TELL
            length = max(1e-9, asked.until - asked.since)
            share = min(1.0, max(0.0, (utc - asked.since) / length))
            pipe.send(BacktestProgress(number, share, utc))
        return True

    pipe.send(Backtest(folder, clock).run(asked, progress, number))
