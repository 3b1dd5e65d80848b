"""Every sensor device: a table to sort and filter, and everything about the selected one."""

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from embereye.model.reading import DeviceState, DeviceStatus
from embereye.services.places import places_of
from embereye.ui.device_actions import DeviceActions
from embereye.ui.device_console import DeviceConsole
from embereye.ui.device_detail import DeviceDetail
from embereye.ui.device_facts import DeviceFacts, drift, loss, rate, span
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.table_page import RowChoice, filter_field, lay_beside
from embereye.ui.theme import Tokens

_REFRESH = 500  # ms
_ALSO_IN_DETAILS = (4, 8, 9)  # columns: rate, firmware and place
_ROOMY = 1000  # px of table width that leave room for them beside the remarks


class DevicesPage(QWidget):
    """Table and details. GUI thread.

    Signals:
        assign_asked, regions_asked: (DeviceStatus)
        trend_asked: (DeviceId)
    """

    assign_asked = Signal(object)
    trend_asked = Signal(object)
    regions_asked = Signal(object)

    def __init__(self, console: DeviceConsole, colours: Tokens, actions: DeviceActions) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._colours = colours
        self._facts = DeviceFacts(console)
        self._places = places_of(console.settings())
        self.deeds = actions
        self.model: Rows[DeviceStatus] = Rows(self._fields(), lambda device: device.id, self)
        self.table = rows_view(self.model, self.tr("Devices"), RowDelegate(colours, self), True)
        self._choice = RowChoice(self.table, self.model)
        self._choice.moved.connect(self._show)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.search = filter_field(
            self.tr("Filter: name, place, address …"), self.tr("Filter devices"), 240
        )
        self.search.textChanged.connect(self.refresh)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self.detail = DeviceDetail(console, colours, actions.menu)
        self.detail.trend_asked.connect(self._trend)
        self.detail.regions_asked.connect(self.regions_asked)
        self.detail.align_asked.connect(actions.align)
        self.detail.test_asked.connect(self._test)
        self._make_buttons()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        devices = self._console.devices().devices
        self._places = places_of(self._console.settings())
        text = self.search.text().casefold()
        shown = [d for d in devices if not text or text in self._words(d).casefold()]
        self.model.show(shown)
        self._summary.setText(self._summed_up(devices))
        self._show(self.selection())

    def selection(self) -> DeviceStatus | None:
        """The device that is chosen."""
        chosen: DeviceStatus | None = self._choice.row()
        return chosen

    def pane_width(self) -> int:
        """Width of the detail pane at the right, px."""
        return self.detail.width()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()
        self.table.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Remarks must not be cut off in a narrow window."""
        super().resizeEvent(event)
        roomy = self.table.width() >= _ROOMY
        for column in _ALSO_IN_DETAILS:
            self.table.setColumnHidden(column, not roomy)
        self.table.setColumnWidth(0, 260 if roomy else 140)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _summed_up(self, devices: tuple[DeviceStatus, ...]) -> str:
        if not devices:
            return self.tr("No device has connected yet. Devices connect to {0}.").format(
                self._console.status().sensor_address
            )
        waiting = sum(not d.assigned for d in devices)
        faults = sum(d.state is DeviceState.SILENT and d.assigned for d in devices)
        unverified = sum(not d.verified for d in devices)
        text = self.tr("{0} devices · {1} silent · {2} unassigned · {3} unverified")
        return text.format(len(devices), faults, waiting, unverified)

    @Slot()
    def _assign(self) -> None:
        device = self.selection()
        if device is not None:
            self.assign_asked.emit(device)

    @Slot(object)
    def _trend(self, device: DeviceStatus) -> None:
        self.trend_asked.emit(device.id)

    @Slot(object)
    def _test(self, device: DeviceStatus) -> None:
        self.detail.begin_test(device.id)
        self.deeds.test(device)

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        if self.selection() is not None:
            self.deeds.menu.popup(self.table.viewport().mapToGlobal(at))

    @Slot(object)
    def _show(self, device: DeviceStatus | None) -> None:
        self.detail.show_device(device)
        self.deeds.choose(device)
        self.assign_button.setEnabled(device is not None)
        assigned = device is not None and device.assigned
        self.assign_button.setText(self.tr("Change place …") if assigned else self.tr("Assign …"))

    def _fields(self) -> list[Field[DeviceStatus]]:
        facts = self._facts
        return [
            Field(self.tr("Name"), lambda d: d.name or d.id, 140),
            Field(self.tr("State"), facts.state, 92, colour=self._state_colour),
            Field(self.tr("Seen"), facts.seen, 74, right=True, key=facts.age),
            Field(self.tr("Period"), _period, 62, right=True, key=lambda d: d.expected),
            Field(self.tr("Rate"), rate, 70, right=True, key=lambda d: -(d.period or 0.0)),
            Field(self.tr("Loss"), _loss, 60, right=True, key=loss),
            Field(self.tr("Drift"), drift, 80, right=True, key=lambda d: d.clock_offset),
            Field(self.tr("Maximum"), _maximum, 96, right=True, key=_hottest),
            Field(self.tr("Firmware"), lambda d: d.firmware or "–", 76),
            Field(self.tr("Place"), self._place, 160),
            Field(self.tr("Remarks"), self._badges, 0, colour=self._badge_colour),
        ]

    def _place(self, device: DeviceStatus) -> str:
        return self._places.name(device.place)

    def _badges(self, device: DeviceStatus) -> str:
        return " · ".join(self._facts.badges(device))

    def _words(self, device: DeviceStatus) -> str:
        """What the filter looks at."""
        where = f"{device.place} {self._place(device)} {device.address}"
        return f"{device.name} {device.id} {where} {self._facts.state(device)} {device.firmware}"

    def _state_colour(self, device: DeviceStatus) -> str:
        bad = device.state in (DeviceState.SUSPECT, DeviceState.SILENT)
        return self._colours.fault if bad else ""

    def _badge_colour(self, device: DeviceStatus) -> str:
        grave = not device.assigned or device.doubts or device.firmware_state
        return self._colours.fault if grave else self._colours.muted

    def _make_buttons(self) -> None:
        actions = self.deeds
        self.assign_button = QPushButton(self.tr("Assign …"))
        self.assign_button.clicked.connect(self._assign)
        self.add_button = QPushButton(self.tr("Add …"))
        self.add_button.clicked.connect(actions.add)
        self.list_button = QToolButton()
        self.list_button.setText(self.tr("List …"))
        self.list_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.addAction(self.tr("Import CSV …"), actions.exchange.take)
        menu.addAction(self.tr("Export CSV …"), actions.exchange.export)
        menu.addAction(self.tr("Firmware …"), actions.firmware)
        self.list_button.setMenu(menu)
        for keys, action in (("Return", actions.edit), ("Delete", actions.remove)):
            shortcut = QShortcut(QKeySequence(keys), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(action.trigger)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Devices"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addWidget(self._summary, 1)
        tools = QHBoxLayout()
        tools.addWidget(self.search)
        tools.addStretch(1)
        for button in (self.assign_button, self.add_button, self.list_button):
            tools.addWidget(button)
        lay_beside(self, (head, tools, self.table), self.detail)


def _period(device: DeviceStatus) -> str:
    """What supervision expects: set, or learned."""
    return span(device.expected or device.period)


def _loss(device: DeviceStatus) -> str:
    share = loss(device)
    return "–" if share is None else f"{share:.1f} %"


def _hottest(device: DeviceStatus) -> float | None:
    return None if device.thermal is None else device.thermal.max_celsius


def _maximum(device: DeviceStatus) -> str:
    hottest = _hottest(device)
    return "–" if hottest is None else f"{hottest:.1f} °C"
