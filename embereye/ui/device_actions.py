"""What can be done with a device, and the dialogs behind it."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from embereye.model.device_messages import (
    AcceptAsideAsked,
    CommandAsked,
    EnableDeviceAsked,
    RelearnAsked,
    RemoveDeviceAsked,
    TestDeviceAsked,
)
from embereye.model.reading import DeviceState, DeviceStatus
from embereye.runtime.worker import PlainThreads
from embereye.services.key_writer import KeyWriter
from embereye.ui.alignment_dialog import AlignmentDialog
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.bridge import Bridge
from embereye.ui.csv_exchange import CsvExchange, devices_of
from embereye.ui.demands import Demands
from embereye.ui.device_console import DeviceConsole
from embereye.ui.device_form import DeviceForm
from embereye.ui.enrol_dialog import EnrolDialog, KeyStep
from embereye.ui.firmware_dialog import FirmwareDialog
from embereye.ui.theme import Tokens

_SPANS = (1, 4, 8, 24, 72)  # h for which a device can be disabled; it always comes back
_HOUR = 3600.0  # s


class DeviceActions(QObject):
    """Sends requests about the device that is chosen. GUI thread.

    Signals:
        noticed: (str) a word for the status line

    Attributes:
        menu: The actions as a menu; `choose` fits it to a device.
    """

    noticed = Signal(str)

    def __init__(
        self,
        console: DeviceConsole,
        bridge: Bridge,
        demands: Demands,
        colours: Tokens,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._console = console
        self._bridge = bridge
        self._demands = demands
        self._colours = colours
        self._window = window
        self._device: DeviceStatus | None = None
        self._disabling: DeviceStatus | None = None
        self.exchange = CsvExchange(console, PlainThreads(), window, devices_of(console))
        self.exchange.noticed.connect(self.noticed)
        self.menu = QMenu(window)
        self.edit = self._action(self.tr("Edit …"), self._edit)
        self.enable = self._action(self.tr("Disable …"), self._switch)
        self.menu.addSeparator()
        self.enrol = self._action(self.tr("Enrol: make a key …"), self._enrol)
        self.rotate = self._action(self.tr("New key …"), self._rotate)
        self.revoke = self._action(self.tr("Revoke all keys …"), self._revoke)
        self.menu.addSeparator()
        self.request = self._action(self.tr("Ask for a picture now"), self._request)
        self.eeprom = self._action(self.tr("Ask for the calibration"), self._eeprom)
        self.accept = self._action(self.tr("Accept what was kept aside …"), self._accept)
        self.relearn = self._action(self.tr("Learn idle levels anew …"), self._relearn)
        self.menu.addSeparator()
        self.remove = self._action(self.tr("Remove from the list …"), self._remove)

    def choose(self, device: DeviceStatus | None) -> None:
        """The device that actions are about."""
        self._device = device
        registered = device is not None and device.assigned
        for action in (self.edit, self.enable, self.remove):
            action.setEnabled(registered)
        for action in (self.request, self.eeprom, self.relearn):
            action.setEnabled(device is not None)
        enrolled = device is not None and device.enrolled
        self.enrol.setEnabled(device is not None)
        for action in (self.rotate, self.revoke):
            action.setEnabled(enrolled)
        self.accept.setEnabled(device is not None and bool(device.note))
        off = device is not None and device.state is DeviceState.DISABLED
        self.enable.setText(self.tr("Enable") if off else self.tr("Disable …"))

    # --- the whole list ----------------------------------------------------------------------

    @Slot()
    def add(self) -> None:
        """Register a device that has not connected yet."""
        if not found(self._window, "add device"):
            form = DeviceForm(self._console, self._bridge, None, self._window)
            show_beside(form, "add device")

    @Slot()
    def firmware(self) -> None:
        """Show firmware and its roll-out."""
        if not found(self._window, "firmware"):
            dialog = FirmwareDialog(self._console, self._bridge, self._colours, self._window)
            show_beside(dialog, "firmware")

    # --- one device --------------------------------------------------------------------------

    @Slot(object)
    def test(self, device: DeviceStatus) -> None:
        """Run its self-test."""
        self._console.ask(TestDeviceAsked(device.id, self._actor))

    @Slot(object)
    def align(self, device: DeviceStatus) -> None:
        """Lay its heat over the camera picture."""
        name = f"alignment of {device.id}"
        if not found(self._window, name):
            dialog = AlignmentDialog(
                self._console, self._bridge, self._demands, self._colours, device, self._window
            )
            show_beside(dialog, name)

    @Slot()
    def _edit(self) -> None:
        device = self._device
        rows = self._console.settings().devices
        row = next((r for r in rows if device is not None and r.id == device.id), None)
        if row is not None and not found(self._window, f"form of {row.id}"):
            form = DeviceForm(self._console, self._bridge, row, self._window)
            show_beside(form, f"form of {row.id}")

    @Slot()
    def _switch(self) -> None:
        device = self._device
        if device is None:
            return
        if device.state is DeviceState.DISABLED:
            self._console.ask(EnableDeviceAsked(device.id, True, self._actor))
            return
        if found(self._window, "disable"):
            return
        self._disabling = device
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(self.tr("Disable {0}").format(device.name))
        dialog.setLabelText(
            self.tr("It raises no alarm and no fault until it is enabled again by itself after:")
        )
        dialog.setComboBoxItems([self._hours(hours) for hours in _SPANS])
        dialog.setOkButtonText(self.tr("Disable"))
        dialog.textValueSelected.connect(self._disable)
        show_beside(dialog, "disable")

    @Slot(str)
    def _disable(self, chosen: str) -> None:
        device = self._disabling
        spans = [hours for hours in _SPANS if self._hours(hours) == chosen]
        if device is not None and spans:
            until = self._console.clock.now().utc + spans[0] * _HOUR
            self._console.ask(EnableDeviceAsked(device.id, False, self._actor, until))

    def _hours(self, hours: int) -> str:
        return self.tr("{0} h").format(hours)

    @Slot()
    def _enrol(self) -> None:
        self._keys(KeyStep.ENROL)

    @Slot()
    def _rotate(self) -> None:
        self._keys(KeyStep.ROTATE)

    @Slot()
    def _revoke(self) -> None:
        self._keys(KeyStep.REVOKE)

    def _keys(self, step: KeyStep) -> None:
        device = self._device
        if device is None:
            return
        if found(self._window, f"keys of {device.id}"):
            return
        writer = KeyWriter(PlainThreads(), self._console.clock)
        dialog = EnrolDialog(
            self._console, self._bridge, writer, device.id, device.name, step, self._window
        )
        show_beside(dialog, f"keys of {device.id}")

    @Slot()
    def _request(self) -> None:
        self._command("REQUEST1")

    @Slot()
    def _eeprom(self) -> None:
        self._command("EEPROM1")

    def _command(self, command: str) -> None:
        if self._device is not None:
            self._console.ask(CommandAsked(self._device.id, command, self._actor))
            text = self.tr("{0} is sent to {1} as soon as its line is quiet.")
            self.noticed.emit(text.format(command, self._device.name))

    @Slot()
    def _accept(self) -> None:
        device = self._device
        if device is None:
            return
        question = self.tr(
            "{0} {1}. Use it from now on? Do this only if the sensor was replaced or moved."
        ).format(device.name, device.note)
        request = AcceptAsideAsked(device.id, self._actor)
        self._ask(self.tr("Accept what was kept aside"), question, self.tr("Accept"), request)

    @Slot()
    def _relearn(self) -> None:
        device = self._device
        if device is None:
            return
        question = self.tr(
            "Learn the idle levels, the period and the thermal background of {0} anew? Until then"
            " flame and smoke count from 80 %."
        ).format(device.name)
        request = RelearnAsked(device.id, self._actor)
        self._ask(self.tr("Learn anew"), question, self.tr("Learn anew"), request)

    @Slot()
    def _remove(self) -> None:
        device = self._device
        if device is None:
            return
        question = self.tr(
            "Remove {0} from the list? Nobody supervises it then; what it sent stays stored. If it"
            " connects again, it is an unassigned device."
        ).format(device.name)
        title = self.tr("Remove {0}").format(device.name)
        self._ask(title, question, self.tr("Remove"), RemoveDeviceAsked(device.id, self._actor))

    @property
    def _actor(self) -> str:
        return self._console.settings().operator

    def _ask(self, title: str, text: str, verb: str, request: object) -> None:
        """Send the request once somebody agrees."""
        if found(self._window, "question"):
            return
        question = Question(title, text, verb, self._window, request)
        question.agreed.connect(self._agreed)
        show_beside(question, "question")

    @Slot(object)
    def _agreed(self, request: object) -> None:
        self._console.ask(request)

    def _action(self, caption: str, do: object) -> QAction:
        action = QAction(caption, self)
        action.triggered.connect(do)
        self.menu.addAction(action)
        return action
