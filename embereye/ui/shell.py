"""The Qt application around the window: starts, shows, ends."""

import ctypes
import gc
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from embereye.model.errors import EmberEyeError
from embereye.runtime.bus import Bus
from embereye.runtime.resources import resource
from embereye.runtime.worker import Worker
from embereye.ui.bridge import Bridge, BridgeWorker
from embereye.ui.main_window import MainWindow
from embereye.ui.program_console import ProgramConsole
from embereye.ui.sign_of_life import SignOfLife
from embereye.ui.sound_output import QtSoundOutput
from embereye.ui.sounds import Sounds
from embereye.ui.style import dress
from embereye.ui.thread_host import QtThreads

_log = logging.getLogger(__name__)

_LOOK = 200  # ms between looks at what other threads ask of the window
_SIZE = (1600, 900)  # px of a window that is not full screen
_BRIDGE = "bridge"


class Running(Protocol):
    """What a window needs of the running program; `app.Program` fits."""

    @property
    def desk(self) -> ProgramConsole:
        """What screens read and ask."""

    @property
    def bus(self) -> Bus:
        """Where changes are published."""

    def supervise(self, name: str, worker: Worker) -> None:
        """Run one more worker with the program."""

    def dismiss(self, name: str) -> None:
        """End it, and wait for that."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What other threads and signals may ask of the window.

    Attributes:
        raised: Set by a second start; brings the window to the front.
        stop: Set by Ctrl+C or a polite kill; ends the program.
    """

    raised: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class Look:
    """How the window opens.

    Attributes:
        screen: Number of the screen, from 0; one that is not there means the first.
        kiosk: Full screen that the operator can neither leave nor close.
        seconds: End after this long; None: when the operator closes the window.
    """

    fullscreen: bool = False
    kiosk: bool = False
    screen: int = 0
    seconds: float | None = None


class Shell:
    """One Qt application. Make it before any thread of `threads` runs; GUI thread."""

    def __init__(self, theme: str = "dark") -> None:
        """Raises EmberEyeError where there is no display."""
        _need_display()
        found = QApplication.instance()
        self._app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
        self._app.setApplicationName("EmberEye")
        self._app.setWindowIcon(QIcon(str(resource("icons", "embereye.png"))))
        self._colours = dress(self._app, theme)
        self.threads = QtThreads()

    def run(
        self,
        program: Running,
        calls: Calls,
        look: Look,
        on_window: Callable[[MainWindow], None] | None = None,
    ) -> int:
        """Show the window until it is closed; the exit code.

        Args:
            on_window: Called once with the shown window (scripts that take pictures).
        """
        bridge = Bridge(program.bus)
        output = QtSoundOutput(program.desk.settings().sound)
        sounds = Sounds(program.desk, output)
        window = MainWindow(program.desk, bridge, sounds, self._colours)
        attendant, alive = _Attendant(window, calls), SignOfLife(program.desk)
        window.closed.connect(self._app.quit)
        if look.seconds is not None:
            QTimer.singleShot(round(look.seconds * 1000), self._app.quit)
        program.supervise(_BRIDGE, BridgeWorker(bridge))
        self._show(window, look)
        # Half a million objects of the start stay: looking through them for garbage stops the
        # screen for 100 ms each time. What is made from now on is looked through as usual.
        gc.freeze()
        if on_window is not None:
            on_window(window)
        try:
            return self._app.exec()
        finally:
            gc.unfreeze()
            attendant.close()
            alive.close()
            program.dismiss(_BRIDGE)
            bridge.close()
            sounds.close()
            window.speech.close()
            window.tray.close()
            window.hide()
            # Its timers must not go on in a process that lives longer (tests, benchmarks).
            window.deleteLater()
            self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            # A second wish to quit that came meanwhile would end the next event loop at once.
            self._app.removePostedEvents(self._app, QEvent.Type.Quit)

    def _show(self, window: MainWindow, look: Look) -> None:
        screens = self._app.screens()
        screen = screens[look.screen] if 0 <= look.screen < len(screens) else screens[0]
        room = screen.availableGeometry()
        window.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height()))
        window.move(room.center() - window.rect().center())
        window.show()
        _log.info("the window is open on %s", screen.name() or "the only screen")
        if look.fullscreen or look.kiosk:
            window.toggle_full_screen()
        if look.kiosk:
            window.lock()


class _Attendant(QObject):
    """Looks at what other threads ask of the window."""

    def __init__(self, window: MainWindow, calls: Calls) -> None:
        super().__init__()
        self._window = window
        self._calls = calls
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def close(self) -> None:
        self._timer.stop()

    @Slot()
    def _look(self) -> None:
        if self._calls.stop.is_set():
            QApplication.quit()
        if self._calls.raised.is_set():
            self._calls.raised.clear()
            self._window.showNormal() if self._window.isMinimized() else self._window.show()
            _log.info("brought to the front by a second start")
            self._window.raise_()
            self._window.activateWindow()


def _need_display() -> None:
    """Qt aborts the process when it finds no display; this says so instead."""
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or wanted.split(":")[0] in ("offscreen", "minimal", "vnc", "eglfs"):
        return
    if os.environ.get("WAYLAND_DISPLAY") or (os.environ.get("DISPLAY") and _x_answers()):
        return
    raise EmberEyeError(
        "There is no display to open a window on. Start it in a graphical session, or use "
        "`embereye demo --headless` or `embereye run --headless`."
    )


def _x_answers() -> bool:
    """Whether the X server of DISPLAY takes us; a session that ended leaves the name behind."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt itself says what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused
