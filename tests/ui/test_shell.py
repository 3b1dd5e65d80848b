"""The shell around the window: it lives as long as the window, and says so."""

import gc
from threading import Event, Thread

from consoles import FakeConsole
from PySide6.QtWidgets import QApplication

from embereye.config.schema import Settings, Sound
from embereye.model.window import WindowAlive, WindowClosed
from embereye.runtime.bus import Bus
from embereye.runtime.worker import Worker
from embereye.ui.shell import Calls, Look, Shell


class Running:
    """A program without anything in it."""

    def __init__(self, console: FakeConsole) -> None:
        self.desk, self.bus = console, Bus()
        self._stop = Event()
        self._threads: list[Thread] = []

    def supervise(self, _name: str, worker: Worker) -> None:
        self._threads.append(Thread(target=worker.run, args=(self._stop,)))
        self._threads[-1].start()

    def dismiss(self, _name: str) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(5.0)


def test_the_engine_hears_of_the_window_from_its_beginning_to_its_end(qapp: QApplication) -> None:
    console = FakeConsole(settings=Settings(sound=Sound(enabled=False)))
    Shell().run(Running(console), Calls(), Look(seconds=0.2))
    signs = [type(m) for m in console.asked if isinstance(m, WindowAlive | WindowClosed)]
    assert signs[0] is WindowAlive
    assert signs[-1] is WindowClosed


def test_what_the_start_made_is_not_searched_for_garbage_while_the_window_lives(
    qapp: QApplication,
) -> None:
    console = FakeConsole(settings=Settings(sound=Sound(enabled=False)))
    frozen: list[int] = []
    before = gc.get_freeze_count()
    Shell().run(
        Running(console),
        Calls(),
        Look(seconds=0.1),
        lambda _window: frozen.append(gc.get_freeze_count()),
    )
    assert frozen[0] > before + 10_000
    assert gc.get_freeze_count() <= before
