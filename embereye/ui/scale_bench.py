"""The real window of a running program under measurement, for `embereye bench p0` … `p5`."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer

from embereye.model.ids import CameraId
from embereye.runtime.clock import Clock, thread_seconds
from embereye.runtime.histogram import Histogram
from embereye.runtime.worker import ThreadHost
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page
from embereye.ui.shell import Calls, Look, Running, Shell
from embereye.ui.stall import Beats, spin

_SIZE = (1920, 1080)  # px
_SLICES, _SHORTEST = 60, 2.0  # parts of a measurement whose ages are compared; s of one


@dataclass(frozen=True, slots=True)
class Seen:
    """What an operator saw in a while.

    Attributes:
        seconds: Of wall time.
        painted: New pictures painted of each camera that was on the wall.
        live: Cameras whose tile looked live at the end.
        ages: From the end of decoding to painting, seconds.
        trend: Ages (p95) of each slice of the time, with the end of it: (monotonic s, s).
        late: By which the GUI thread's beats came late, seconds.
        gui_cpu: Processor seconds of the GUI thread.
    """

    seconds: float
    painted: dict[CameraId, int]
    live: int
    ages: Histogram
    trend: tuple[tuple[float, float], ...]
    late: Histogram
    gui_cpu: float


class WatchedWindow:
    """The window, moved about by a script instead of an operator. GUI thread."""

    def __init__(self, window: MainWindow, clock: Clock) -> None:
        self._window, self._clock = window, clock

    def arrange(self, layout: int, group: str = "") -> None:
        """Show the wall's first page with `layout`² tiles (0: fit) of a group ("": all)."""
        self._window.show_page(Page.WALL)
        wall = self._window.wall
        wall.canvas.order.choose_group(group)
        wall.choose_layout(layout)

    def leave_wall(self) -> None:
        """Bring another page to the front."""
        self._window.show_page(Page.HEALTH)

    def alarms_page(self) -> AlarmsPage:
        """The page of alarms, brought to the front."""
        self._window.show_page(Page.ALARMS)
        return self._window.alarms

    def hide(self) -> None:
        """Take the window off the screen; the program goes on."""
        self._window.hide()

    def show(self) -> None:
        """Put it back, with the wall in front."""
        self._window.show()
        self._window.show_page(Page.WALL)

    def shown(self) -> list[CameraId]:
        """Cameras on the wall."""
        return self._window.wall.canvas.cameras_shown()

    def wait(self, seconds: float) -> None:
        """Let the program work."""
        spin(seconds)

    def watch(self, seconds: float) -> Seen:
        """Let the program work and say what was seen."""
        canvas = self._window.wall.canvas
        before, beats = dict(canvas.painted), Beats(self._clock)
        cpu, begin = thread_seconds(), self._clock.mono()
        ages, trend = self._ages(seconds)
        used, passed = thread_seconds() - cpu, self._clock.mono() - begin
        beats.stop()
        shown = canvas.cameras_shown()
        looks = [canvas.look_of(camera) for camera in shown]
        return Seen(
            seconds=passed,
            painted={c: canvas.painted.get(c, 0) - before.get(c, 0) for c in shown},
            live=sum(look is not None and look.live for look in looks),
            ages=ages,
            trend=trend,
            late=beats.late,
            gui_cpu=used,
        )

    def _ages(self, seconds: float) -> tuple[Histogram, tuple[tuple[float, float], ...]]:
        """Ages of what is painted during `seconds`, all together and slice by slice."""
        total, trend = Histogram(), []
        slices = max(1, min(_SLICES, int(seconds / _SHORTEST)))
        for _ in range(slices):
            one = Histogram()
            self._window.wall.canvas.ages = one
            spin(seconds / slices)
            total.merge(one)
            if (p95 := one.percentile(95)) is not None:
                trend.append((self._clock.mono(), p95))
        return total, tuple(trend)


def with_window(
    start: Callable[[ThreadHost], Running], script: Callable[[WatchedWindow], None], clock: Clock
) -> None:
    """Start a program, show its window of 1920×1080 and run `script` in the GUI thread.

    Offscreen where there is no display. What the script raises is raised here; stopping the
    program is left to the caller.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    shell = Shell()
    failed: list[Exception] = []

    def play(window: MainWindow) -> None:
        window.resize(*_SIZE)
        try:
            script(WatchedWindow(window, clock))
        except Exception as error:  # noqa: BLE001 - raised again when the window is gone
            failed.append(error)
        QTimer.singleShot(0, window.close)

    program = start(shell.threads)
    shell.run(program, Calls(), Look(), play)
    if failed:
        raise failed[0]
