"""Adding a device, or changing one: the options of the schema, the common ones first."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from embereye.config.schema import Device, DeviceLimits
from embereye.model.device_messages import AddDeviceAsked, EditDeviceAsked
from embereye.model.ids import DeviceId
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.saving import Saving
from embereye.ui.section_form import SectionForm

_WIDTH, _HEIGHT = 620, 640  # px


class DeviceForm(QDialog):
    """Closes when what was asked for is in force. GUI thread."""

    def __init__(
        self,
        console: Console,
        bridge: Bridge,
        device: Device | None,
        parent: QWidget | None = None,
    ) -> None:
        """`device` None: a new one."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = "" if device is None else device.name
        self.setWindowTitle(self.tr("Add a device") if device is None else name)
        self.resize(_WIDTH, _HEIGHT)
        self._console = console
        self._device = device
        self._saving = Saving(console, bridge, self)
        self._saving.done.connect(self.accept)
        self._saving.failed.connect(self._failed)
        self.basic = self._form(Device, self._basic())
        self.advanced = self._form(Device, self._advanced())
        self.limits = self._form(DeviceLimits, self._limit_captions())
        self._error = QLabel()
        self._error.setWordWrap(True)
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setProperty("role", "fire")
        self._lay_out()
        values: Mapping[str, object] = {} if device is None else device.model_dump()
        self.basic.show_values(values)
        self.advanced.show_values(values)
        self.limits.show_values({} if device is None else device.limits.model_dump())

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        values = {**self.basic.changes(), **self.advanced.changes()}
        limits = self.limits.changes()
        if self._problems(values, limits):
            return
        if limits:
            values["limits"] = limits
        if not values:
            self.accept()
            return
        actor = self._console.settings().operator
        if self._device is None:
            self._saving.ask(AddDeviceAsked(values, actor))
        else:
            self._saving.ask(EditDeviceAsked(DeviceId(self._device.id), values, actor))
        self.save_button.setEnabled(False)
        self._error.setText(self.tr("Saving …"))

    def _problems(self, values: Mapping[str, object], limits: Mapping[str, object]) -> bool:
        before = {} if self._device is None else self._device.model_dump(exclude_defaults=True)
        under = {} if self._device is None else self._device.limits.model_dump()
        wrong = self.basic.problems({**before, "limits": {}, **values})
        wrong_limits = self.limits.problems({**under, **limits})
        for form, found in (
            (self.basic, wrong),
            (self.advanced, wrong),
            (self.limits, wrong_limits),
        ):
            form.tell(found)
        total = {**wrong, **wrong_limits}
        lines = [f"{name}: {text}" if name else text for name, text in total.items()]
        self._error.setText("\n".join(lines))
        return bool(total)

    @Slot(str)
    def _failed(self, text: str) -> None:
        self.save_button.setEnabled(True)
        self._error.setText(text)

    def _form(
        self, section: type[Device] | type[DeviceLimits], captions: dict[str, str]
    ) -> SectionForm:
        settings = self._console.settings()
        none = ("", self.tr("none"))
        choices = {
            "place": [none, *((p.id, p.name) for p in settings.places)],
            "camera": [none, *((c.id, c.name) for c in settings.cameras)],
        }
        return SectionForm(section, list(captions), captions, choices)

    def _basic(self) -> dict[str, str]:
        captions = {"id": self.tr("Id"), "name": self.tr("Name")}
        if self._device is not None:
            del captions["id"]
        return captions | {
            "place": self.tr("Place"),
            "camera": self.tr("Looks along with"),
            "enabled": self.tr("Enabled"),
            "emissivity": self.tr("Emissivity"),
        }

    def _advanced(self) -> dict[str, str]:
        return {
            "profile": self.tr("Temperature encoding"),
            "reflected": self.tr("Reflected temperature"),
            "mode": self.tr("Mode"),
            "poll": self.tr("Asked every"),
            "terminator": self.tr("Command ends with"),
            "period": self.tr("Expected period"),
            "location": self.tr("Location (#locid)"),
            "address": self.tr("Network address"),
        }

    def _limit_captions(self) -> dict[str, str]:
        return {
            "thermal_high": self.tr("Pre-alarm from"),
            "thermal_fire": self.tr("Fire from"),
            "thermal_delay": self.tr("Delay"),
            "dead_band": self.tr("Dead band"),
            "rise_rate": self.tr("Rate of rise"),
            "rise_span": self.tr("Rise at least"),
            "flame_margin": self.tr("Flame above idle"),
            "smoke_margin": self.tr("Smoke above idle"),
            "gas_channel": self.tr("Gas channel"),
            "gas": self.tr("Gas"),
            "gas_limit": self.tr("Gas limit"),
        }

    def _lay_out(self) -> None:
        tabs = QTabWidget()
        for form, caption in (
            (self.basic, self.tr("Device")),
            (self.limits, self.tr("Limits")),
            (self.advanced, self.tr("Advanced")),
        ):
            tabs.addTab(_scrolled(form), caption)
        buttons = QDialogButtonBox()
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setProperty("role", "primary")
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = QPushButton(self.tr("Cancel"))
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        self.save_button.clicked.connect(self.save)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(tabs, 1)
        column.addWidget(self._error)
        column.addWidget(buttons)


def _scrolled(form: SectionForm) -> QScrollArea:
    inner = QWidget()
    column = QVBoxLayout(inner)
    column.setContentsMargins(12, 12, 12, 12)
    column.addWidget(form)
    column.addStretch(1)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setWidget(inner)
    scroll.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return scroll
