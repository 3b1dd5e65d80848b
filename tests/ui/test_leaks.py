"""R17: opening and closing for weeks must not grow the console."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest
import shiboken6
from consoles import FakeConsole, alarm, camera, device, thermal
from fakes import FakeClock
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication, QWidget

from embereye.config.schema import Camera, Device, Settings, ThermalRegion, ThermalRule
from embereye.model.camera import CameraState
from embereye.model.ids import CameraId, DeviceId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.services.key_writer import KeyWriter
from embereye.ui.alarm_popup import AlarmPopup
from embereye.ui.alignment_dialog import AlignmentDialog
from embereye.ui.beside import FileChooser, Question
from embereye.ui.bridge import Bridge
from embereye.ui.camera_form import CameraForm
from embereye.ui.demands import Demands
from embereye.ui.device_actions import DeviceActions
from embereye.ui.device_form import DeviceForm
from embereye.ui.devices_page import DevicesPage
from embereye.ui.dialogs import AssignDialog, PasswordDialog
from embereye.ui.enrol_dialog import EnrolDialog, KeyStep
from embereye.ui.firmware_dialog import FirmwareDialog
from embereye.ui.live_view import LiveView
from embereye.ui.playback_page import PlaybackPage
from embereye.ui.security_page import SecurityPage
from embereye.ui.theme import Tokens
from embereye.ui.thermal_editor import ThermalEditor
from embereye.ui.wishes import Wishes

CYCLES = 1_500
HEAVY = 150  # openings of what takes 20 to 130 ms to open
WARM_UP = 150
BYTES_PER_CYCLE = 2_048
# PySide and the fake console's own records keep up to two small objects a cycle (8 to 300 bytes).
PYTHON_PER_CYCLE = 4


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds.

    Attributes:
        python: Objects that the garbage collector tracks. Memory alone hides a leak in a process
            that was larger before.
    """

    memory: int
    python: int
    objects: int
    threads: int
    descriptors: int


def held() -> Held:
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
    gc.collect()
    wrappers = sum(isinstance(o, QObject) for o in shiboken6.getAllValidWrappers())
    process = psutil.Process()
    return Held(
        process.memory_info().rss,
        len(gc.get_objects()),
        wrappers,
        threading.active_count(),
        len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
    )


@pytest.fixture(autouse=True)
def _no_pixmaps_kept(qapp: QApplication) -> Iterator[None]:
    """Qt keeps up to 10 MiB of pixmaps that it made, which takes some thousand openings."""
    before = QPixmapCache.cacheLimit()
    QPixmapCache.setCacheLimit(0)
    yield
    QPixmapCache.setCacheLimit(before)


class Plant(QObject):
    """What lives longer than any popup.

    Signals:
        changed: ()
    """

    changed = Signal()


Open = Callable[[], QWidget]


@pytest.fixture
def openers(
    console: FakeConsole, clock: FakeClock, colours: Tokens, bridge: Bridge, qtbot: object
) -> dict[str, Open]:
    rule = ThermalRule(measure="max", alarm=85)
    bearing = ThermalRegion(id="bearing", name="Bearing", shape="frame", rules=(rule,))
    row = Device(id="d1", name="Device 1", regions=(bearing,))
    console.configured = Settings(devices=(row,))
    console.show_cameras(camera("gate", clock, CameraState.WRONG_PASSWORD))
    console.put_picture("gate")
    console.show_devices(device("d1", clock, camera=CameraId("gate"), thermal=thermal("d1", clock)))
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    window.resize(1280, 720)
    window.show()
    demands, wishes = Demands(console, 25.0), Wishes(console)
    status = console.cameras().cameras[0]
    fire = alarm(1, clock, cameras=("gate",))
    actions = DeviceActions(console, bridge, demands, colours, window)
    gate = Camera(id="gate", name="Gate", source="rtsp://10.1.2.3/1")

    def tile() -> QWidget:
        view = LiveView(console, demands, colours)
        view.setParent(window)
        view.show_camera(status.id)
        return view

    def alignment() -> QWidget:
        console.demands.clear()  # the fake keeps all of them
        seen = console.devices().devices[0]
        return AlignmentDialog(console, bridge, demands, colours, seen, window)

    def playback() -> QWidget:
        console.past.questions.clear()  # the fake keeps what nobody answered
        return shown(PlaybackPage(console, colours), window)

    return {
        "popup": lambda: AlarmPopup(window, console, demands, colours, wishes, fire),
        "tile": tile,
        "password dialog": lambda: PasswordDialog(status, "", wishes, window),
        "camera form": lambda: CameraForm(console, bridge, PlainThreads(), gate, window),
        "assign dialog": lambda: AssignDialog(
            console, console.devices().devices[0], wishes, window
        ),
        "enrol dialog": lambda: EnrolDialog(
            console,
            bridge,
            KeyWriter(PlainThreads(), SystemClock()),
            DeviceId("d1"),
            "Device 1",
            KeyStep.ENROL,
            window,
        ),
        "device form": lambda: DeviceForm(console, bridge, row, window),
        "alignment dialog": alignment,
        "firmware dialog": lambda: FirmwareDialog(console, bridge, colours, window),
        "question": lambda: asked(window),
        "file chooser": lambda: FileChooser("Import", window, "*.csv"),
        "regions": lambda: edited(console, bridge, colours, window),
        "playback page": playback,
        "security page": lambda: shown(SecurityPage(console, colours), window),
        "devices page": lambda: shown(
            DevicesPage(console, colours, actions),
            window,
        ),
    }


def asked(window: QWidget) -> QWidget:
    question = Question("Remove", "Remove it?", "Remove", window)
    question.agreed.connect(window.update)
    return question


def edited(console: FakeConsole, bridge: Bridge, colours: Tokens, window: QWidget) -> QWidget:
    editor = ThermalEditor(console, bridge, colours)
    editor.edit(DeviceId("d1"))
    editor.canvas.select("bearing")
    return shown(editor, window)


def shown(page: QWidget, window: QWidget) -> QWidget:
    page.setParent(window)
    page.resize(window.size())
    return page


def cycle(make: Open, times: int, also: Callable[[QWidget], None] | None = None) -> None:
    """Open, paint and close."""
    for number in range(times):
        widget = make()
        if also is not None:
            also(widget)
        widget.show()
        if number % 10 == 0:
            widget.grab()
            QApplication.processEvents()  # else what windows tell each other piles up
        widget.hide()
        widget.close()
        widget.deleteLater()
        del widget
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def growth(make: Open, times: int, also: Callable[[QWidget], None] | None = None) -> Held:
    cycle(make, min(WARM_UP, times // 2), also)
    before = held()
    cycle(make, times, also)
    after = held()
    return Held(
        (after.memory - before.memory) // times,
        (after.python - before.python) // times,
        after.objects - before.objects,
        after.threads - before.threads,
        after.descriptors - before.descriptors,
    )


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("popup", CYCLES),
        ("tile", CYCLES),
        ("password dialog", CYCLES),
        ("camera form", HEAVY),
        ("assign dialog", CYCLES),
        ("enrol dialog", CYCLES),
        ("alignment dialog", CYCLES),
        ("question", CYCLES),
        ("device form", HEAVY),
        ("firmware dialog", HEAVY),
        ("file chooser", HEAVY),
        ("regions", HEAVY),
        ("playback page", HEAVY),
        ("security page", HEAVY),
        ("devices page", HEAVY),
    ],
)
def test_opening_again_and_again_leaves_nothing_behind(
    openers: dict[str, Open], qtlog: object, kind: str, times: int
) -> None:
    with qtlog.disabled():  # type: ignore[attr-defined]  # it keeps what Qt says at each opening
        grown = growth(openers[kind], times)
    assert grown.objects == 0
    assert grown.python < PYTHON_PER_CYCLE
    assert grown.threads == 0
    assert grown.descriptors <= 0  # fewer: Qt looks after fewer folders than at first
    # The heap settles by some hundred KiB, whatever the number of openings is.
    assert grown.memory < BYTES_PER_CYCLE * CYCLES / times


def test_a_lambda_slot_that_captures_the_widget_is_found(openers: dict[str, Open]) -> None:
    plant = Plant()

    def capture(widget: QWidget) -> None:
        plant.changed.connect(lambda: widget.update())

    grown = growth(openers["popup"], CYCLES // 5, capture)
    assert grown.python >= PYTHON_PER_CYCLE
