"""Is everything that must work working? One line each, faults first."""

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from embereye.model.alarm import Cause
from embereye.model.camera import CameraState
from embereye.model.incident import LlmCondition
from embereye.model.reading import DeviceState
from embereye.model.remote import RemoteCondition
from embereye.ui import incident_words, notify_words
from embereye.ui.incident_console import IncidentConsole
from embereye.ui.notify_console import NotifyConsole
from embereye.ui.remote_words import remote_words, remote_works
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.self_test_console import SelfTestConsole
from embereye.ui.self_test_words import chain_lines, self_test_line
from embereye.ui.theme import Tokens

_REFRESH = 1000  # ms
_QUEUE_FAULT = "worker queue of"  # how the sources of faults of queues begin


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is watched."""

    subject: str
    good: bool
    text: str


class HealthConsole(NotifyConsole, IncidentConsole, SelfTestConsole, Protocol):
    """The program as this page sees it. GUI thread; no method blocks."""


class HealthPage(QWidget):
    """What is supervised, in words. GUI thread; `sound_problem` is told from outside.

    Signals:
        remote_asked: () the settings of the remote detector are wanted
        notify_asked: () the targets of notices are wanted
        test_asked: () a self-test is wanted now
    """

    remote_asked = Signal()
    notify_asked = Signal()
    test_asked = Signal()

    def __init__(self, console: HealthConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._colours = colours
        self._sound = ""
        self.model: Rows[Check] = Rows(self._fields(), lambda check: check.subject, self)
        title = QLabel(self.tr("Health"))
        title.setProperty("role", "title")
        remote = QPushButton(self.tr("Remote detector …"))
        remote.clicked.connect(self.remote_asked)
        notices = QPushButton(self.tr("Notifications …"))
        notices.clicked.connect(self.notify_asked)
        self.test_button = QPushButton(self.tr("Run self-test"))
        self.test_button.setToolTip(
            self.tr("Send one marked test event through every chain and measure it.")
        )
        self.test_button.clicked.connect(self.test_asked)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.test_button)
        head.addWidget(notices)
        head.addWidget(remote)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(rows_view(self.model, self.tr("Health"), RowDelegate(colours, self)), 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    def sound_problem(self, text: str) -> None:
        """Why no sound can be heard, empty while it works."""
        self._sound = text

    @Slot()
    def refresh(self) -> None:
        """Judge everything anew."""
        checks = [self._recording(), self._disk(), self._speaker(), self._listener()]
        checks += self._self_tests() + self._queues()
        checks += self._notices() + self._remote() + self._language_model()
        checks += self._cameras() + self._devices()
        self.model.show(sorted(checks, key=lambda check: check.good))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _fields(self) -> list[Field[Check]]:
        fault = self._colours.fault
        return [
            Field(self.tr("Subject"), lambda c: c.subject, 260),
            Field(
                self.tr("State"),
                lambda c: self.tr("ok") if c.good else self.tr("△ FAULT"),
                110,
                colour=lambda c: "" if c.good else fault,
            ),
            Field(self.tr("Remarks"), lambda c: c.text, 0),
        ]

    def _self_tests(self) -> list[Check]:
        tests = self._console.self_tests()
        self.test_button.setEnabled(tests.running is None)
        good, text = self_test_line(tests, self._console.clock.now().utc)
        return [
            Check(self.tr("Self-test"), good, text),
            *(
                Check(self.tr("Self-test: {0}").format(chain), works, stages)
                for chain, works, stages in chain_lines(tests.last)
            ),
        ]

    def _queues(self) -> list[Check]:
        waiting = self._console.waiting()
        if not waiting:
            return []
        text = " · ".join(f"{name}: {count}" for name, count in waiting.items())
        faults = [a for a in self._console.alarms().alarms if a.cause is Cause.ACTIVE]
        good = not any(a.key.source.startswith(_QUEUE_FAULT) for a in faults)
        return [Check(self.tr("Waiting"), good, text)]

    def _recording(self) -> Check:
        good = self._console.status().recording and self._console.alarms().recording
        text = (
            self.tr("Alarms are written to disk.")
            if good
            else self.tr("Alarms are shown but not written. Free space or repair the disk.")
        )
        return Check(self.tr("Recording of alarms"), good, text)

    def _disk(self) -> Check:
        status = self._console.status()
        good = status.disk_free_mib >= self._console.settings().storage.low_disk
        text = self.tr("{0:.1f} GiB free").format(status.disk_free_mib / 1024)
        if status.disk_days is not None:
            text += self.tr(", enough for {0:.0f} days").format(status.disk_days)
        return Check(self.tr("Disk space"), good, text)

    def _speaker(self) -> Check:
        text = self._sound or self.tr("Sirens can be heard through the chosen device.")
        return Check(self.tr("Sound"), not self._sound, text)

    def _listener(self) -> Check:
        address = self._console.status().sensor_address
        good = address.rpartition(":")[2].isdigit() or not self._console.settings().sensors.enabled
        return Check(self.tr("Sensor listener"), good, address)

    def _notices(self) -> list[Check]:
        good, text = notify_words.health(self._console.notifications())
        return [Check(self.tr("Notifications"), good, text)]

    def _language_model(self) -> list[Check]:
        state = self._console.language_model()
        if state.condition is LlmCondition.OFF:
            return []
        good = state.condition is not LlmCondition.UNUSABLE
        return [Check(self.tr("Language model"), good, incident_words.health_line(state))]

    def _remote(self) -> list[Check]:
        state = self._console.remote_detector()
        if state.condition is RemoteCondition.OFF:
            return []
        return [Check(self.tr("Remote detector"), remote_works(state), remote_words(state))]

    def _cameras(self) -> list[Check]:
        fine = (CameraState.LIVE, CameraState.CONNECTING, CameraState.DISABLED)
        return [
            Check(
                self.tr("Camera {0}").format(camera.name),
                camera.state in fine,
                camera.detail or camera.state.value,
            )
            for camera in self._console.cameras().cameras
        ]

    def _devices(self) -> list[Check]:
        wrong = (DeviceState.SILENT, DeviceState.SUSPECT)
        return [
            Check(
                self.tr("Device {0}").format(device.name or device.id),
                # A stranger that went away is no fault; nobody expects it.
                device.state not in wrong or not device.assigned,
                device.note or device.state.value,
            )
            for device in self._console.devices().devices
        ]
