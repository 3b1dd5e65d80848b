"""Take the pictures in docs/images from the running demonstration.

    .venv/bin/python tools/screenshots.py

Runs the real program on the embedded clips and simulated devices, offscreen, and grabs the
window when there is something to see. Nothing is retouched.
"""

import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QAbstractButton, QApplication

from embereye.app import Program
from embereye.demo.run import Wish, staged
from embereye.model.alarm import AlarmKind, Priority
from embereye.model.ids import CameraId, DeviceId
from embereye.runtime.clock import SystemClock
from embereye.ui.alignment_dialog import AlignmentDialog
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page
from embereye.ui.shell import Calls, Look, Shell

_TARGET = Path(__file__).resolve().parents[1] / "docs" / "images"
_SIZE = (1920, 1080)
_LOOK = 250  # ms between looks at whether the next picture can be taken
_SETTLE = 1500  # ms for a page to fill before it is grabbed
_LONGEST = 180.0  # s

Step = tuple[str, Callable[[], bool], Callable[[], None]]


class Photographer(QObject):
    """Walks through the steps: wait until `ready`, arrange, let it settle, grab."""

    def __init__(self, window: MainWindow, program: Program) -> None:
        super().__init__()
        self._window, self._desk = window, program.desk
        self._thermal = next(d for d in self._desk.settings().devices if d.camera)
        self._steps: list[Step] = [
            ("wall", self._all_live, lambda: None),
            ("alarm", self._fire, lambda: None),
            ("thermal", self._hot, self._maximise_thermal),
            ("trend", lambda: True, self._show_trend),
            ("list", self._several, self._show_list),
            ("devices", lambda: True, lambda: self._window.show_page(Page.DEVICES)),
            ("regions", lambda: True, self._show_regions),
            ("alignment", lambda: True, self._show_alignment),
            ("playback", self._has_history, self._show_playback),
            ("security", self._refuse_somebody, lambda: self._window.show_page(Page.SECURITY)),
        ]
        self._dialog: AlignmentDialog | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(_LOOK)

    @Slot()
    def _look(self) -> None:
        name, ready, arrange = self._steps[0]
        if not ready():
            return
        self._timer.stop()
        arrange()
        self._name = name
        QTimer.singleShot(_SETTLE, self._grab)

    @Slot()
    def _grab(self) -> None:
        path = _TARGET / f"{self._name}.png"
        (self._dialog or self._window).grab().save(str(path))
        print(path)
        del self._steps[0]
        if self._steps:
            self._timer.start(_LOOK)
        else:
            QApplication.quit()

    def _all_live(self) -> bool:
        cameras = self._desk.cameras().cameras
        frames = all(camera.counters.delivered > 30 for camera in cameras)
        heat = [
            d for d in self._desk.devices().devices if d.thermal and d.thermal.celsius is not None
        ]
        return bool(cameras) and frames and len(heat) >= 3

    def _fire(self) -> bool:
        return any(
            alarm.key.kind is AlarmKind.FIRE
            and alarm.priority is Priority.EMERGENCY
            and len(alarm.reasons) > 1
            and alarm.cameras
            for alarm in self._desk.alarms().alarms
        )

    def _hot(self) -> bool:
        """Everything is acknowledged, as an operator would have done, and it is getting hot."""
        self._window.wishes.acknowledge(self._desk.alarms().alarms)
        device = next(d for d in self._desk.devices().devices if d.id == self._thermal.id)
        return device.thermal is not None and (device.thermal.max_celsius or 0) > 150

    def _several(self) -> bool:
        return len(self._desk.alarms().alarms) >= 3

    def _maximise_thermal(self) -> None:
        self._window.wall.canvas.toggle_maximised(CameraId(self._thermal.camera))

    def _show_trend(self) -> None:
        self._window.wall.canvas.toggle_maximised(CameraId(self._thermal.camera))
        self._window.show_page(Page.TRENDS)
        self._window.trends.show_device(DeviceId(self._thermal.id))
        for button in self._window.trends.findChildren(QAbstractButton):
            if button.text() == "1 min":
                button.click()

    def _show_list(self) -> None:
        self._window.show_page(Page.ALARMS)

    def _show_regions(self) -> None:
        """Regions of the turbine deck, with one of them selected."""
        device = next(d for d in self._desk.devices().devices if d.id == "1310")
        pages = self._window.pages
        pages.devices.regions_asked.emit(device)
        pages.regions.canvas.select("bearing-2")

    def _show_alignment(self) -> None:
        device = next(d for d in self._desk.devices().devices if d.id == self._thermal.id)
        self._window.show_page(Page.DEVICES)
        self._window.pages.device_actions.align(device)
        self._dialog = self._window.findChild(AlignmentDialog)

    def _has_history(self) -> bool:
        """A minute of pictures is on the disk."""
        if self._dialog is not None:
            self._dialog.close()
            self._dialog = None
        return self._desk.history.stored_until(DeviceId(self._thermal.id)) > 0

    def _show_playback(self) -> None:
        self._window.show_page(Page.PLAYBACK)
        self._window.pages.playback.show_device(DeviceId(self._thermal.id))

    def _refuse_somebody(self) -> bool:
        """Somebody on the network who speaks no protocol, and one who pretends to be a device."""
        port = self._desk.server.port
        for text in (b"GET / HTTP/1.0\r\n!" * 30, b"#Sensor4711:ADC1=5,ADC2=6!"):
            with socket.create_connection(("127.0.0.1", port)) as peer:
                peer.sendall(text)
                peer.settimeout(1.0)
                with suppress(OSError):
                    peer.recv(64)
        return True


def main() -> int:
    """Take all pictures; the exit status."""
    _TARGET.mkdir(parents=True, exist_ok=True)
    shell = Shell()
    kept: list[Photographer] = []

    def begin(window: MainWindow, program: Program) -> None:
        window.resize(*_SIZE)
        kept.append(Photographer(window, program))

    with staged(Wish(), shell.threads, SystemClock()) as stage:
        shell.run(
            stage.program,
            Calls(),
            Look(seconds=_LONGEST),
            lambda window: begin(window, stage.program),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
