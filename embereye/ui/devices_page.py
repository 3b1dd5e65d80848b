"""Every sensor device: state, age, rate, temperatures, and its thermal picture."""

from PySide6.QtCore import QModelIndex, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.ids import DeviceId
from embereye.model.reading import DeviceState, DeviceStatus, Profile
from embereye.services.places import places_of
from embereye.ui import palette, words
from embereye.ui.console import Console
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Tokens
from embereye.ui.thermal_view import ThermalView

_REFRESH = 500  # ms


class DevicesPage(QWidget):
    """Table and details. GUI thread.

    Signals:
        assign_asked: (DeviceStatus)
        trend_asked: (DeviceId)
    """

    assign_asked = Signal(object)
    trend_asked = Signal(object)

    def __init__(self, console: Console, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._colours = colours
        self._wanted: DeviceId | None = None
        self.model: Rows[DeviceStatus] = Rows(self._fields(), lambda device: device.id, self)
        self.table = rows_view(self.model, self.tr("Devices"), RowDelegate(colours, self))
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Filter: name, place, address …"))
        self.search.setAccessibleName(self.tr("Filter devices"))
        self.search.setFixedWidth(300)
        self.search.textChanged.connect(self.refresh)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._picture = ThermalView(colours, console.settings().wall.palette)
        self._palette = QComboBox()
        self._palette.addItems(palette.PALETTES)
        self._palette.setCurrentText(console.settings().wall.palette)
        self._palette.setAccessibleName(self.tr("Thermal colours"))
        self._palette.currentTextChanged.connect(self._recolour)
        self._name, self._facts = QLabel(), QLabel()
        self._name.setProperty("role", "title")
        self._facts.setWordWrap(True)
        self.assign_button = QPushButton(self.tr("Assign …"))
        self.assign_button.setProperty("role", "primary")
        self.assign_button.clicked.connect(self._assign)
        self.trend_button = QPushButton(self.tr("Trend"))
        self.trend_button.clicked.connect(self._trend)
        self._lay_out()
        self._places = places_of(console.settings())
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        devices = self._console.devices().devices
        self._places = places_of(self._console.settings())
        text = self.search.text().casefold()
        shown = [d for d in devices if text in self._words(d).casefold()]
        scroll = self.table.verticalScrollBar().value()
        if self.model.show(shown):
            row = self.model.number_of(self._wanted) if self._wanted else None
            if row is None and shown:
                row = 0
            if row is not None:
                self.table.setCurrentIndex(self.model.index(row, 0))
            self.table.verticalScrollBar().setValue(scroll)
        waiting = sum(not d.assigned for d in devices)
        faults = sum(d.state is DeviceState.SILENT and d.assigned for d in devices)
        self._summary.setText(
            self.tr("{0} devices · {1} silent · {2} unassigned").format(
                len(devices), faults, waiting
            )
            if devices
            else self.tr("No device has connected yet. Devices connect to {0}.").format(
                self._console.status().sensor_address
            )
        )
        self._show(self.selection())

    def selection(self) -> DeviceStatus | None:
        return self.model.row(self.table.currentIndex().row())

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self._pane.width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()
        self.table.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot(QModelIndex, QModelIndex)
    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        device = self.model.row(current.row())
        if device is not None:
            self._wanted = device.id
        self._show(device)

    @Slot(str)
    def _recolour(self, name: str) -> None:
        self._picture.palette_name = name
        self._picture.update()

    @Slot()
    def _assign(self) -> None:
        device = self.selection()
        if device is not None:
            self.assign_asked.emit(device)

    @Slot()
    def _trend(self) -> None:
        device = self.selection()
        if device is not None:
            self.trend_asked.emit(device.id)

    def _show(self, device: DeviceStatus | None) -> None:
        self._picture.show_device(device)
        self.assign_button.setVisible(device is not None)
        if device is not None:
            self.assign_button.setText(
                self.tr("Change …") if device.assigned else self.tr("Assign …")
            )
        self.trend_button.setEnabled(device is not None)
        self._name.setText("" if device is None else device.name or device.id)
        self._facts.setText("" if device is None else "\n".join(self._describe(device)))

    def _describe(self, device: DeviceStatus) -> list[str]:
        lines = [
            self.tr("Id {0} · place {1} · from {2}").format(
                device.id, self._place(device), device.address or "–"
            )
        ]
        frame, reading = device.thermal, device.reading
        if frame is not None and frame.max_celsius is not None:
            lines.append(
                self.tr("Maximum {0:.1f} °C · mean {1:.1f} °C · sensor {2:.1f} °C").format(
                    frame.max_celsius, frame.mean_celsius or 0.0, frame.ta_celsius or 0.0
                )
            )
        if reading is not None:
            channels = [("ADC1", reading.adc1), ("ADC2", reading.adc2), ("ADC3", reading.adc3)]
            present = [f"{name} {value}" for name, value in channels if value is not None]
            if reading.flame is not None:
                present.append(
                    self.tr("flame input on") if reading.flame else self.tr("flame input off")
                )
            lines.append(" · ".join(present))
        lines.append(self.tr("{0} packets · {1} corrupt").format(device.packets, device.corrupt))
        if not device.verified:
            lines.append(self.tr("UNVERIFIED: this device cannot prove who it is."))
        if device.note:
            lines.append(device.note)
        return lines

    def _fields(self) -> list[Field[DeviceStatus]]:
        return [
            Field(self.tr("Name"), lambda d: d.name or d.id, 180),
            Field(self.tr("State"), self._state, 110, colour=self._state_colour),
            Field(self.tr("Last seen"), self._seen, 100, right=True),
            Field(self.tr("Rate"), _rate, 80, right=True),
            Field(self.tr("Maximum"), _maximum, 90, right=True),
            Field(self.tr("Profile"), _profile, 100),
            Field(self.tr("Place"), self._place, 140),
            Field(self.tr("Remarks"), self._badges, 0, colour=self._badge_colour),
        ]

    def _place(self, device: DeviceStatus) -> str:
        return self._places.name(device.place)

    def _words(self, device: DeviceStatus) -> str:
        """What the filter looks at."""
        return f"{device.name} {device.id} {device.place} {self._place(device)} {device.address}"

    def _state(self, device: DeviceStatus) -> str:
        return {
            DeviceState.UNKNOWN: self.tr("Unknown"),
            DeviceState.LIVE: self.tr("Live"),
            DeviceState.SUSPECT: self.tr("△ Suspect"),
            DeviceState.SILENT: self.tr("△ Silent"),
            DeviceState.DISABLED: self.tr("◇ Disabled"),
        }[device.state]

    def _state_colour(self, device: DeviceStatus) -> str:
        bad = device.state in (DeviceState.SUSPECT, DeviceState.SILENT)
        return self._colours.fault if bad else ""

    def _seen(self, device: DeviceStatus) -> str:
        if device.last_seen is None:
            return self.tr("never")
        age = self._console.clock.mono() - device.last_seen.mono
        return self.tr("{0} ago").format(words.span(age))

    def _badges(self, device: DeviceStatus) -> str:
        badges = []
        if not device.assigned:
            badges.append(self.tr("UNASSIGNED"))
        if not device.verified:
            badges.append(self.tr("UNVERIFIED"))
        if device.waiting_calibration:
            badges.append(self.tr("waiting for calibration"))
        if device.note:
            badges.append(device.note)
        return " · ".join(badges)

    def _badge_colour(self, device: DeviceStatus) -> str:
        return self._colours.fault if not device.assigned else self._colours.muted

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Devices"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._summary, 1)
        head.addWidget(self.search)
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 8, 8)
        left.setSpacing(12)
        left.addLayout(head)
        left.addWidget(self.table, 1)
        self._pane = pane = QFrame()
        pane.setObjectName("pane")
        pane.setFixedWidth(420)
        right = QVBoxLayout(pane)
        right.setContentsMargins(16, 16, 16, 16)
        right.setSpacing(12)
        right.addWidget(self._name)
        right.addWidget(self._picture)
        right.addWidget(self._palette)
        right.addWidget(self._facts)
        buttons = QHBoxLayout()
        buttons.addWidget(self.assign_button)
        buttons.addWidget(self.trend_button)
        buttons.addStretch(1)
        right.addLayout(buttons)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(pane)


def _rate(device: DeviceStatus) -> str:
    if not device.period:
        return "–"
    return f"{1 / device.period:.1f} /s" if device.period < 1 else f"{device.period:.1f} s"


def _maximum(device: DeviceStatus) -> str:
    frame = device.thermal
    return "–" if frame is None or frame.max_celsius is None else f"{frame.max_celsius:.1f} °C"


def _profile(device: DeviceStatus) -> str:
    return "–" if device.profile is Profile.UNKNOWN else device.profile.value
