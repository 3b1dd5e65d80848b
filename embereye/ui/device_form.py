"""Adding a device, or changing one: the options of the schema, the common ones first."""

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from embereye.config.schema import Device, DeviceLimits
from embereye.model.device_messages import AddDeviceAsked, EditDeviceAsked
from embereye.model.ids import DeviceId
from embereye.ui.bridge import Bridge
from embereye.ui.console import Console
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm


class DeviceForm(SettingsForm):
    """Adds a device, or changes one. GUI thread."""

    def __init__(
        self,
        console: Console,
        bridge: Bridge,
        device: Device | None,
        parent: QWidget | None = None,
    ) -> None:
        """`device` None: a new one."""
        super().__init__(console, bridge, parent)
        self._device = device
        self.setWindowTitle(self.tr("Add a device") if device is None else device.name)
        self.basic = self._form(Device, self._basic())
        self.advanced = self._form(Device, self._advanced())
        self.limits = self._form(DeviceLimits, self._limit_captions())
        self.lay_out(
            (self.basic, self.tr("Device")),
            (self.limits, self.tr("Limits")),
            (self.advanced, self.tr("Advanced")),
        )
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
        actor = self.console.settings().operator
        if self._device is None:
            self.send(AddDeviceAsked(values, actor))
        else:
            self.send(EditDeviceAsked(DeviceId(self._device.id), values, actor))

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
        self.complain(total)
        return bool(total)

    def _form(
        self, section: type[Device] | type[DeviceLimits], captions: dict[str, str]
    ) -> SectionForm:
        settings = self.console.settings()
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
