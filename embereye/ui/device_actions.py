"""What can be done with a device, and the dialogs behind it."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QMessageBox, QWidget

from embereye.model.device_messages import (
    AcceptAsideAsked,
    CommandAsked,
    EnableDeviceAsked,
    ImportDevicesAsked,
    RelearnAsked,
    RemoveDeviceAsked,
    TestDeviceAsked,
)
from embereye.model.errors import ConfigError
from embereye.model.reading import DeviceState, DeviceStatus
from embereye.runtime.worker import PlainThreads
from embereye.services.device_csv import read, write
from embereye.services.key_writer import KeyWriter
from embereye.ui.alignment_dialog import AlignmentDialog
from embereye.ui.bridge import Bridge
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
        DeviceForm(self._console, self._bridge, None, self._window).open()

    @Slot()
    def firmware(self) -> None:
        """Show firmware and its roll-out."""
        FirmwareDialog(self._console, self._colours, self._window).show()

    @Slot()
    def export_csv(self) -> None:
        """Write the registered devices to a file."""
        caption = self.tr("Export the devices")
        path, _ = QFileDialog.getSaveFileName(self._window, caption, "devices.csv", "*.csv")
        if not path:
            return
        devices = self._console.settings().devices
        try:
            Path(path).write_bytes(write(devices))
        except OSError as error:
            self.noticed.emit(self.tr("{0} could not be written: {1}.").format(path, error))
        else:
            self.noticed.emit(self.tr("{0} devices written to {1}.").format(len(devices), path))

    @Slot()
    def import_csv(self) -> None:
        """Register and change devices from a file, all or none."""
        caption = self.tr("Import devices")
        path, _ = QFileDialog.getOpenFileName(self._window, caption, "", "*.csv")
        if not path:
            return
        try:
            rows = read(Path(path).read_bytes())
        except OSError as error:
            self._complain(self.tr("{0} cannot be read: {1}.").format(path, error.strerror))
            return
        except ConfigError as error:
            self._complain("\n".join((str(error), *error.problems[:20])))
            return
        question = self.tr(
            "Take {0} devices from {1}? Registered ones are changed, others are added."
        ).format(len(rows), Path(path).name)
        if self._sure(caption, question):
            self._console.ask(ImportDevicesAsked(rows, self._actor))

    # --- one device --------------------------------------------------------------------------

    @Slot(object)
    def test(self, device: DeviceStatus) -> None:
        """Run its self-test."""
        self._console.ask(TestDeviceAsked(device.id, self._actor))

    @Slot(object)
    def align(self, device: DeviceStatus) -> None:
        """Lay its heat over the camera picture."""
        AlignmentDialog(self._console, self._demands, self._colours, device, self._window).show()

    @Slot()
    def _edit(self) -> None:
        device = self._device
        rows = self._console.settings().devices
        row = next((r for r in rows if device is not None and r.id == device.id), None)
        if row is not None:
            DeviceForm(self._console, self._bridge, row, self._window).open()

    @Slot()
    def _switch(self) -> None:
        device = self._device
        if device is None:
            return
        if device.state is DeviceState.DISABLED:
            self._console.ask(EnableDeviceAsked(device.id, True, self._actor))
            return
        names = [self.tr("{0} h").format(hours) for hours in _SPANS]
        caption = self.tr("Disable {0}").format(device.name)
        text = self.tr("It raises no alarm and no fault until it is enabled again by itself after:")
        chosen, sure = QInputDialog.getItem(self._window, caption, text, names, 0, False)
        if sure:
            hours = _SPANS[names.index(chosen)]
            until = self._console.clock.now().utc + hours * _HOUR
            self._console.ask(EnableDeviceAsked(device.id, False, self._actor, until))

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
        writer = KeyWriter(PlainThreads(), self._console.clock)
        EnrolDialog(
            self._console, self._bridge, writer, device.id, device.name, step, self._window
        ).open()

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
        if self._sure(self.tr("Accept what was kept aside"), question):
            self._console.ask(AcceptAsideAsked(device.id, self._actor))

    @Slot()
    def _relearn(self) -> None:
        device = self._device
        if device is None:
            return
        question = self.tr(
            "Learn the idle levels, the period and the thermal background of {0} anew? Until then"
            " flame and smoke count from 80 %."
        ).format(device.name)
        if self._sure(self.tr("Learn anew"), question):
            self._console.ask(RelearnAsked(device.id, self._actor))

    @Slot()
    def _remove(self) -> None:
        device = self._device
        if device is None:
            return
        question = self.tr(
            "Remove {0} from the list? Nobody supervises it then; what it sent stays stored. If it"
            " connects again, it is an unassigned device."
        ).format(device.name)
        if self._sure(self.tr("Remove {0}").format(device.name), question):
            self._console.ask(RemoveDeviceAsked(device.id, self._actor))

    @property
    def _actor(self) -> str:
        return self._console.settings().operator

    def _sure(self, title: str, question: str) -> bool:
        answer = QMessageBox.question(self._window, title, question)
        return answer is QMessageBox.StandardButton.Yes

    def _complain(self, text: str) -> None:
        QMessageBox.warning(self._window, self.tr("Import devices"), text)

    def _action(self, caption: str, do: object) -> QAction:
        action = QAction(caption, self)
        action.triggered.connect(do)
        self.menu.addAction(action)
        return action
