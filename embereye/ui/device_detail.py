"""Everything about the selected device: picture, values, identity, log, self-test."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import DeviceLimits
from embereye.model.device_messages import DeviceTested, Direction, StepOutcome
from embereye.model.ids import DeviceId
from embereye.model.reading import COLUMNS, ROWS, DeviceStatus
from embereye.ui import words
from embereye.ui.device_console import DeviceConsole
from embereye.ui.device_facts import DeviceFacts
from embereye.ui.elided import Elided
from embereye.ui.theme import Tokens
from embereye.ui.thermal_view import ThermalView
from embereye.ui.trend_strip import TrendStrip

WIDTH = 440  # px
_MINUTES = 10  # of the small trend


class DeviceDetail(QFrame):
    """The pane at the right of the device list. GUI thread.

    Signals:
        trend_asked, regions_asked, align_asked, test_asked: (DeviceStatus)
    """

    trend_asked = Signal(object)
    regions_asked = Signal(object)
    align_asked = Signal(object)
    test_asked = Signal(object)

    def __init__(self, console: DeviceConsole, colours: Tokens, menu: QMenu) -> None:
        """`menu` holds what else can be done with the device."""
        super().__init__()
        self.setObjectName("pane")
        self.setFixedWidth(WIDTH)
        self._console = console
        self._facts = DeviceFacts(console)
        self._device: DeviceStatus | None = None
        self._results: dict[DeviceId, DeviceTested] = {}
        self._logged: tuple[object, ...] = ()
        self._name, self._badges = Elided(), QLabel()
        self._name.setProperty("role", "title")
        self._badges.setProperty("role", "fault")
        self._badges.setWordWrap(True)
        self._badges.setTextFormat(Qt.TextFormat.PlainText)
        self._picture = ThermalView(colours, console.settings().wall.palette)
        self._picture.setFixedHeight((WIDTH - 32) * ROWS // COLUMNS)
        self.values, self.identity, self.result = QLabel(), QLabel(), QLabel()
        for label in (self.values, self.identity, self.result):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(label.textInteractionFlags().TextSelectableByMouse)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName(self.tr("Log of the device"))
        self.trend = TrendStrip(console, colours, _MINUTES)
        self.trend.setFixedHeight(96)
        self._make_buttons(menu)
        self._lay_out()

    def show_device(self, device: DeviceStatus | None) -> None:
        """Show this device as it stands."""
        self._device = device
        self._picture.show_device(device)
        self.trend.show_device(None if device is None else device.id, self._limit(device))
        for button in (self.trend_button, self.more_button, self.test_button):
            button.setEnabled(device is not None)
        registered = device is not None and device.assigned
        self.regions_button.setEnabled(registered)
        self.align_button.setEnabled(registered and device is not None and bool(device.camera))
        if device is None:
            self._name.show_text("")
            for label in (self._badges, self.values, self.identity, self.result):
                label.clear()
            self.log.clear()
            self._logged = ()
            return
        self._name.show_text(device.name or str(device.id))
        badges = self._facts.badges(device)
        self._badges.setText(" · ".join(badges))
        self._badges.setVisible(bool(badges))
        self.values.setText("\n".join(self._facts.values(device)))
        self.identity.setText("\n".join(self._facts.identity(device)))
        self._show_result(device)
        self._show_log(device)

    def _limit(self, device: DeviceStatus | None) -> float:
        """Its fire limit, °C."""
        rows = self._console.settings().devices
        row = next((r for r in rows if device is not None and r.id == device.id), None)
        return (row.limits if row is not None else DeviceLimits()).thermal_fire

    @Slot(object)
    def take_result(self, tested: DeviceTested) -> None:
        """A self-test has ended."""
        self._results[tested.device] = tested
        if self._device is not None and self._device.id == tested.device:
            self._show_result(self._device)

    def begin_test(self, device: DeviceId) -> None:
        """A self-test was asked for: its last result is out of date."""
        self._results.pop(device, None)
        self.result.setText(self.tr("Testing … this takes up to 15 seconds."))
        self.tabs.setCurrentIndex(self.tabs.count() - 1)

    def _show_result(self, device: DeviceStatus) -> None:
        tested = self._results.get(device.id)
        if tested is None:
            if not self.result.text().startswith(self.tr("Testing")):
                self.result.setText(self.tr("Not tested since the program started."))
            return
        marks = {
            StepOutcome.OK: self.tr("ok"),
            StepOutcome.FAILED: self.tr("△ FAILED"),
            StepOutcome.SKIPPED: self.tr("skipped"),
        }
        verdict = self.tr("PASSED") if tested.passed else self.tr("△ FAILED")
        lines = [f"{words.full_time(tested.at.utc)[:19]} · {verdict}"]
        lines += [f"{step.name}: {marks[step.outcome]} – {step.text}" for step in tested.steps]
        self.result.setText("\n".join(lines))

    def _show_log(self, device: DeviceStatus) -> None:
        lines = self._console.device_log(device.id)
        shown = (device.id, len(lines), lines[-1] if lines else None)
        if shown == self._logged:
            return
        self._logged = shown
        arrows = {Direction.SENT: "→", Direction.RECEIVED: "←", Direction.EVENT: "·"}
        text = [f"{words.clock_time(x.at.utc)} {arrows[x.direction]} {x.text}" for x in lines]
        self.log.setPlainText("\n".join(reversed(text)) or self.tr("Nothing was logged yet."))

    def _make_buttons(self, menu: QMenu) -> None:
        self.trend_button = _button(self.tr("Trend"), self._trend)
        self.regions_button = _button(self.tr("Regions …"), self._regions)
        self.align_button = _button(self.tr("Align …"), self._align)
        self.test_button = _button(self.tr("Test now"), self._test)
        self.more_button = QToolButton()
        self.more_button.setText(self.tr("More …"))
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setMenu(menu)
        self.align_button.setToolTip(
            self.tr("Lays the heat on the picture of the camera that looks along.")
        )

    @Slot()
    def _trend(self) -> None:
        self.trend_asked.emit(self._device)

    @Slot()
    def _regions(self) -> None:
        self.regions_asked.emit(self._device)

    @Slot()
    def _align(self) -> None:
        self.align_asked.emit(self._device)

    @Slot()
    def _test(self) -> None:
        self.test_asked.emit(self._device)

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.addTab(_tab(self.values, self.trend), self.tr("Values"))
        self.tabs.addTab(_tab(self.identity), self.tr("Identity"))
        self.tabs.addTab(self.log, self.tr("Log"))
        self.tabs.addTab(_tab(self.result, self.test_button), self.tr("Test"))
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self.more_button)
        buttons = QHBoxLayout()
        for button in (self.trend_button, self.regions_button, self.align_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._badges)
        column.addWidget(self._picture)
        column.addLayout(buttons)
        column.addWidget(self.tabs, 1)


def _tab(label: QLabel, below: QWidget | None = None) -> QScrollArea:
    """Scrolls where it is too low: the picture above must not be covered."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(8, 8, 8, 8)
    column.addWidget(label)
    if isinstance(below, QPushButton):
        line = QHBoxLayout()
        line.addWidget(below)
        line.addStretch(1)
        column.addLayout(line)
    elif below is not None:
        column.addWidget(below)
    column.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(whole)
    scroll.viewport().setAutoFillBackground(False)
    whole.setAutoFillBackground(False)
    return scroll


def _button(caption: str, action: object) -> QPushButton:
    button = QPushButton(caption)
    button.clicked.connect(action)
    return button
