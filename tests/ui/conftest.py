"""One dressed application, one fake console, one window when asked for."""

import os
from collections.abc import Callable, Iterator

# The Qt Multimedia plug-ins tell at start which sound servers they did not find.
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false;default.debug=false")

import pytest
from consoles import FakeConsole
from fakes import FakeClock
from figure_plant import Plant
from PySide6.QtWidgets import QApplication, QWidget

from embereye.runtime.bus import Bus
from embereye.ui import style
from embereye.ui.bridge import Bridge
from embereye.ui.camera_actions import CameraActions
from embereye.ui.cameras_page import CamerasPage
from embereye.ui.main_window import MainWindow
from embereye.ui.sound_child import Heard, Proved
from embereye.ui.sounds import Sounds
from embereye.ui.theme import DARK, Tokens


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says this for each window with a least size, or that is brought to
    the front; it means nothing."""
    for item in items:
        if "/ui/" in item.nodeid:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", "support raise"))


class SilentOutput:
    """A loudspeaker that notes what it should play."""

    def __init__(self, problem: str = "") -> None:
        self.trouble = problem
        self.played: list[tuple[str, bool]] = []
        self.stopped = 0
        self.call: Callable[[], None] | None = None
        self.proofs = 0
        self.confirm: Callable[[Heard | Proved], None] = print

    def problem(self) -> str:
        return self.trouble

    def play(self, name: str, endless: bool) -> None:
        self.played.append((name, endless))

    def stop(self) -> None:
        self.stopped += 1

    def close(self) -> None:
        self.stopped += 1

    def when_changed(self, call: Callable[[], None]) -> None:
        self.call = call

    def prove(self) -> None:
        self.proofs += 1

    def when_heard(self, call: Callable[[Heard | Proved], None]) -> None:
        self.confirm = call


@pytest.fixture
def colours(qapp: QApplication) -> Tokens:
    if not qapp.styleSheet():
        style.dress(qapp, "dark")
    return DARK


@pytest.fixture
def console(clock: FakeClock) -> FakeConsole:
    return FakeConsole(clock)


@pytest.fixture
def output() -> SilentOutput:
    return SilentOutput()


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge(Bus())
    yield made
    made.close()


@pytest.fixture
def window(
    console: FakeConsole, bridge: Bridge, output: SilentOutput, colours: Tokens, qtbot: object
) -> Iterator[MainWindow]:
    sounds = Sounds(console, output)
    made = MainWindow(console, bridge, sounds, colours)
    made.resize(1920, 1080)
    yield made
    bridge.close()
    made.close()
    made.deleteLater()
    sounds.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete


@pytest.fixture
def plant(
    console: FakeConsole, clock: FakeClock, colours: Tokens, bridge: Bridge, qtbot: object
) -> Iterator[Plant]:
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    page = CamerasPage(console, colours, CameraActions(console, bridge, window, colours))
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.resize(1900, 900)
    page.show()
    yield Plant(page, console, clock)
    window.close()
