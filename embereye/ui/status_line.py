"""The line at the bottom: is everything that must work working?"""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from embereye.model.camera import CameraState
from embereye.model.reading import DeviceState
from embereye.ui import words
from embereye.ui.console import Console

_PERIOD = 1000  # ms
_FEW_DAYS = 3.0  # d until the disk is full that are shown as a fault
_NOTICE = 8000  # ms that a notice stays


class StatusLine(QFrame):
    """Facts, yellow only where something is wrong. GUI thread."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setFixedHeight(30)
        self._console = console
        self._sound = ""
        self._labels = [QLabel() for _ in range(6)]
        self._notice = QLabel()
        self._notice.setTextFormat(Qt.TextFormat.PlainText)
        self._notice.setProperty("role", "fault")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(24)
        for label in self._labels[:5]:
            row.addWidget(label)
        row.addWidget(self._notice, 1)
        row.addWidget(self._labels[5])
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(_NOTICE)
        self._forget.timeout.connect(self._notice.clear)
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    def notice(self, text: str) -> None:
        """Tell the operator something for a while, for instance why a request was refused."""
        self._notice.setText(text)
        self._notice.setToolTip(words.tip(text))
        self._forget.start()

    def sound_problem(self, text: str) -> None:
        """Why no sound can be heard, empty while it works."""
        self._sound = text
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        status = self._console.status()
        texts = (
            (
                self.tr("● Recording") if status.recording else self.tr("△ Not recording"),
                not status.recording,
            ),
            self._disk(status.disk_days, status.disk_free_mib),
            (self.tr("△ No sound") if self._sound else self.tr("Sound ok"), bool(self._sound)),
            self._cameras(),
            self._devices(),
            (self._console.settings().operator, False),
        )
        for label, (text, wrong) in zip(self._labels, texts, strict=True):
            label.setText(text)
            role = "fault" if wrong else "muted"
            if label.property("role") != role:
                label.setProperty("role", role)
                label.style().polish(label)
        self._labels[2].setToolTip(self._sound)
        self._labels[4].setToolTip(self.tr("Devices connect to {0}").format(status.sensor_address))

    def _disk(self, days: float | None, free_mib: int) -> tuple[str, bool]:
        low = free_mib < self._console.settings().storage.low_disk
        if days is None:
            return self.tr("Disk {0:.1f} GiB free").format(free_mib / 1024), low
        return self.tr("Disk {0:.0f} days").format(days), low or days < _FEW_DAYS

    def _cameras(self) -> tuple[str, bool]:
        cameras = self._console.cameras().cameras
        stale = sum(c.state is CameraState.STALE for c in cameras)
        faults = sum(
            c.state in (CameraState.NO_SIGNAL, CameraState.WRONG_PASSWORD, CameraState.UNSUPPORTED)
            for c in cameras
        )
        parts = [
            self.tr("%n camera(s)", "", len(cameras)).replace("(s)", "s" * (len(cameras) != 1))
        ]
        if stale:
            parts.append(self.tr("{0} stale").format(stale))
        if faults:
            parts.append(_faults(faults))
        return " · ".join(parts), bool(stale or faults)

    def _devices(self) -> tuple[str, bool]:
        devices = self._console.devices().devices
        # A stranger that went away is no fault; nobody expects it.
        faults = sum(d.state is DeviceState.SILENT and d.assigned for d in devices)
        parts = [
            self.tr("%n device(s)", "", len(devices)).replace("(s)", "s" * (len(devices) != 1))
        ]
        if faults:
            parts.append(_faults(faults))
        return " · ".join(parts), bool(faults)


def _faults(count: int) -> str:
    return f"{count} fault" if count == 1 else f"{count} faults"
