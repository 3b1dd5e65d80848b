"""Which device and which stretch of time is played."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QDate, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from embereye.model.ids import DeviceId
from embereye.model.reading import DeviceStatus
from embereye.ui.elided import keep_narrow
from embereye.ui.local_time import local_day

_ZOOMS = ((86_400, "24 h"), (3600, "1 h"), (600, "10 min"))


class PlaybackHead(QWidget):
    """The row above a recorded picture. GUI thread.

    Signals:
        device_chosen: () read `device`
        day_chosen: (date) local
        zoom_chosen: (int) seconds of the time line
    """

    device_chosen = Signal()
    day_chosen = Signal(object)
    zoom_chosen = Signal(int)

    def __init__(self, zoom: int) -> None:
        super().__init__()
        self.devices = QComboBox()
        keep_narrow(self.devices, 24)
        self.devices.setAccessibleName(self.tr("Device"))
        self.devices.currentIndexChanged.connect(self.device_chosen)
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setMinimumWidth(128)
        self.day.setAccessibleName(self.tr("Day"))
        self.day.dateChanged.connect(self._choose_day)
        self.zooms = QButtonGroup(self)
        self.zooms.idClicked.connect(self.zoom_chosen)
        self._lay_out(zoom)

    @property
    def device(self) -> DeviceId | None:
        """The chosen device."""
        chosen = self.devices.currentData()
        return None if chosen is None else DeviceId(str(chosen))

    def list_devices(self, devices: Sequence[DeviceStatus]) -> None:
        """Offer these devices; the chosen one stays."""
        shown = [self.devices.itemData(i) for i in range(self.devices.count())]
        if shown == [device.id for device in devices]:
            return
        chosen = self.devices.currentData()
        self.devices.blockSignals(True)
        self.devices.clear()
        for device in devices:
            self.devices.addItem(device.name or device.id, device.id)
        self.devices.setCurrentIndex(max(0, self.devices.findData(chosen)))
        self.devices.blockSignals(False)

    def choose_device(self, device: DeviceId) -> bool:
        """Choose a device as the operator would; False when it is not offered."""
        index = self.devices.findData(device)
        if index >= 0:
            self.devices.setCurrentIndex(index)
        return index >= 0

    def show_day(self, utc: float) -> None:
        """Show the local day of a moment, without choosing it."""
        day = local_day(utc)
        self.day.blockSignals(True)
        self.day.setDate(QDate(day.year, day.month, day.day))
        self.day.blockSignals(False)

    @Slot()
    def _choose_day(self) -> None:
        chosen = self.day.date()
        self.day_chosen.emit(date(chosen.year(), chosen.month(), chosen.day()))

    @Slot()
    def _other_day(self) -> None:
        button = self.sender()
        if button is not None:
            self.day.setDate(self.day.date().addDays(int(button.property("direction"))))

    def _lay_out(self, zoom: int) -> None:
        title = QLabel(self.tr("Playback"))
        title.setProperty("role", "title")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(title)
        row.addSpacing(12)
        row.addWidget(self.devices)
        row.addSpacing(12)
        row.addWidget(self._day_button("‹", self.tr("Day before"), -1))
        row.addWidget(self.day)
        row.addWidget(self._day_button("›", self.tr("Day after"), 1))
        row.addStretch(1)
        for seconds, caption in _ZOOMS:
            button = QToolButton()
            button.setText(caption)
            button.setCheckable(True)
            button.setChecked(seconds == zoom)
            self.zooms.addButton(button, seconds)
            row.addWidget(button)

    def _day_button(self, text: str, tip: str, direction: int) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setMinimumSize(32, 32)
        button.setProperty("direction", direction)
        button.clicked.connect(self._other_day)
        return button
