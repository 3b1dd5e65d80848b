"""Changes of the registered devices that people ask for."""

from collections.abc import Callable, Iterable, Mapping

from pydantic import ValidationError

from embereye.config.load import problems_of
from embereye.config.schema import Device, Settings
from embereye.config.store import SettingsStore
from embereye.model.device_messages import (
    AddDeviceAsked,
    EditDeviceAsked,
    EnableDeviceAsked,
    ImportDevicesAsked,
    RemoveDeviceAsked,
)
from embereye.model.errors import ConfigError, EmberEyeError
from embereye.model.messages import AssignDeviceAsked

Values = Mapping[str, object]
Audit = Callable[[str, str, str], None]

_SHOWN = 20  # problems of one import; the rest is counted


class DeviceConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`.

    Each handler raises EmberEyeError when the request cannot be fulfilled; a ConfigError holds one
    text per wrong field.

    Args:
        audit: Notes who changed which device and how: subject, actor, text.
    """

    def __init__(self, store: SettingsStore, audit: Audit) -> None:
        self._store = store
        self._audit = audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {
            AssignDeviceAsked: self._assign,
            AddDeviceAsked: self._add,
            EditDeviceAsked: self._edit,
            EnableDeviceAsked: self._enable,
            ImportDevicesAsked: self._import,
            RemoveDeviceAsked: self._remove,
        }

    def _assign(self, asked: AssignDeviceAsked) -> None:
        settings = self._store.current
        known = next((d for d in settings.devices if d.id == asked.device), None)
        where = {"name": asked.name, "place": asked.place, "camera": asked.camera or ""}
        device = changed(known, {"id": asked.device, **where})
        others = [d for d in settings.devices if d.id != asked.device]
        self._save(settings, [*others, device])
        self._audit(asked.device, asked.actor, f"device assigned: {_listed(where)}")

    def _add(self, asked: AddDeviceAsked) -> None:
        settings = self._store.current
        device = changed(None, asked.values)
        if any(d.id == device.id for d in settings.devices):
            raise ConfigError("", (f"id: the device {device.id} is registered already",))
        _check_camera(settings, device)
        self._save(settings, [*settings.devices, device])
        self._audit(device.id, asked.actor, f"device added: {_listed(asked.values)}")

    def _edit(self, asked: EditDeviceAsked) -> None:
        settings = self._store.current
        row = _row(settings, asked.device)
        if asked.values.get("id", row.id) != row.id:
            raise ConfigError("", ("id: cannot be changed; add another device instead",))
        device = changed(row, asked.values)
        _check_camera(settings, device)
        self._replace(settings, device)
        self._audit(row.id, asked.actor, f"device changed: {_listed(asked.values)}")

    def _enable(self, asked: EnableDeviceAsked) -> None:
        settings = self._store.current
        row = _row(settings, asked.device)
        until = None if asked.enabled else asked.until_utc
        values = {"enabled": asked.enabled, "disabled_until": until}
        self._replace(settings, changed(row, values))
        text = "enabled" if asked.enabled else "disabled"
        until_text = "" if until is None else f" until {until:.0f} s UTC"
        self._audit(row.id, asked.actor, f"device {text}{until_text}")

    def _remove(self, asked: RemoveDeviceAsked) -> None:
        settings = self._store.current
        row = _row(settings, asked.device)
        self._save(settings, [d for d in settings.devices if d.id != row.id])
        self._audit(row.id, asked.actor, "device removed")

    def _import(self, asked: ImportDevicesAsked) -> None:
        """Add and change many at once; nothing is changed when one row is wrong."""
        settings = self._store.current
        devices = {device.id: device for device in settings.devices}
        problems: list[str] = []
        touched: list[str] = []
        for number, values in enumerate(asked.rows, 1):
            try:
                device = changed(devices.get(str(values.get("id", ""))), values)
                if device.id in touched:
                    raise ConfigError("", (f"id: {device.id} is there twice",))
                _check_camera(settings, device)
            except ConfigError as error:
                problems += [f"row {number}: {problem}" for problem in error.problems]
            else:
                devices[device.id] = device
                touched.append(device.id)
        if problems:
            more = len(problems) - _SHOWN
            rest = (f"and {more} more problems",) if more > 0 else ()
            raise ConfigError("the import is wrong", (*problems[:_SHOWN], *rest))
        self._save(settings, devices.values())
        for device_id in touched:
            self._audit(device_id, asked.actor, "device imported")

    def _replace(self, settings: Settings, device: Device) -> None:
        self._save(settings, [device if d.id == device.id else d for d in settings.devices])

    def _save(self, settings: Settings, devices: Iterable[Device]) -> None:
        self._store.save({"devices": tuple(devices)}, settings.revision)


def changed(row: Device | None, values: Values) -> Device:
    """A row of the settings with other values; None among them: back to the default.

    Raises:
        ConfigError: With one text per wrong field.
    """
    tree = {} if row is None else row.model_dump(mode="json", exclude_defaults=True)
    for name, value in values.items():
        if value is None:
            tree.pop(name, None)
        elif isinstance(value, Mapping):
            inner = {**tree.get(name, {}), **value}  # what is not named stays
            tree[name] = {key: text for key, text in inner.items() if text is not None}
        else:
            tree[name] = value
    if tree.get("enabled", True) is True:
        tree.pop("disabled_until", None)  # of a time that is over
    try:
        return Device.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("the device is wrong", problems_of(error)) from None


def _row(settings: Settings, wanted: str) -> Device:
    for device in settings.devices:
        if device.id == wanted:
            return device
    raise EmberEyeError(f"there is no device {wanted} any more")


def _check_camera(settings: Settings, device: Device) -> None:
    if device.camera and all(camera.id != device.camera for camera in settings.cameras):
        raise ConfigError("", (f"camera: there is no camera {device.camera}; choose another",))


def _listed(values: Values) -> str:
    """What changed, for the audit: short values in full, long ones by name."""
    parts = [f"{k} = {v}" if len(str(v)) <= 120 else f"{k} changed" for k, v in values.items()]
    return ", ".join(parts)
