"""Which device sent a packet: the register of the settings, and what a connection shows of itself.

Order (sensor protocol, section 1): an explicit location of the packet, the connection's `#locid`,
a registered device id that is constant, the address mapping; else the packet belongs to an
unassigned device of its own. Never to several devices.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from embereye.config.schema import Device
from embereye.model.ids import DeviceId, is_id

_STEP = 3  # a frame counter rises by 1; two lost packets in between are allowed
_REMEMBERED = 8  # ids of one connection; a gateway carries few devices
_ID_MAX = 64  # characters of an id
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Binding:
    """The device that a packet belongs to; `assigned` is False when nobody registered it."""

    device: DeviceId
    assigned: bool


class Register:
    """The devices of the settings, by every name that means them. Immutable."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.devices = {DeviceId(device.id): device for device in devices}
        self._locations = {d.location: i for i, d in self.devices.items() if d.location}
        self._addresses = {d.address: i for i, d in self.devices.items() if d.address}

    def named(self, name: str) -> DeviceId | None:
        """The device whose location or id is `name`."""
        if not name:
            return None
        found = self._locations.get(name)
        if found is None and DeviceId(name) in self.devices:
            found = DeviceId(name)
        return found

    def at_address(self, address: str) -> DeviceId | None:
        """The device that was given this network address."""
        return self._addresses.get(address)

    def called(self, name: str) -> Binding:
        """The device whose id is `name` made fit for an id: unassigned unless it is registered.

        So a device that was offered under this id is found again once it was assigned.
        """
        clean = _FOREIGN.sub("-", name).strip("-._") or "unnamed"
        device = DeviceId(clean if is_id(clean) else f"device-{clean}"[:_ID_MAX])
        return Binding(device, device in self.devices)


class IdentWatch:
    """Tells a constant device id from a frame counter, by the ids of one connection.

    Real devices repeat their id on every packet; some simulators count frames there. An id that
    is no number cannot be a counter. A number counts as constant until ids rise step by step; one
    that comes back after another belongs to a gateway with several devices and is constant.
    """

    def __init__(self) -> None:
        self._last = ""
        self._counting = False
        self._seen: dict[str, bool] = {}  # id → came back after another one

    @property
    def counting(self) -> bool:
        """Whether the connection's ids are a counter."""
        return self._counting

    def constant(self, ident: str) -> bool:
        """Note the id of the next packet; whether it may name a device."""
        if not ident:
            return False
        if not ident.isdecimal():
            return True
        if ident != self._last:
            self._note_change(ident)
        return not self._counting or self._seen.get(ident, False)

    def _note_change(self, ident: str) -> None:
        if ident in self._seen:
            self._seen[ident] = True
        else:
            if self._last and 0 < int(ident) - int(self._last) <= _STEP:
                self._counting = True
            self._seen[ident] = False
            if len(self._seen) > _REMEMBERED:
                self._seen.pop(next(iter(self._seen)))
        self._last = ident


class ConnectionIdentity:
    """What one connection showed of itself, and the devices that follow from it. One thread.

    Attributes:
        location: The first `#locid`; later ones are kept aside.
        serial: The `#serialno`, "" before it.
    """

    def __init__(self, register: Register, address: str, alias: str) -> None:
        """`alias` names the unassigned device of a connection that shows nothing of itself."""
        self.register = register
        self.address = address
        self.location = ""
        self.serial = ""
        self._alias = alias
        self._idents = IdentWatch()

    @property
    def counting(self) -> bool:
        """Whether the ids of this connection turned out to be a frame counter."""
        return self._idents.counting

    def resolve(self, ident: str, location: str) -> Binding:
        """The one device that a packet with these fields belongs to."""
        constant = self._idents.constant(ident)
        found = self._registered(ident if constant else "", location)
        if found is not None:
            return Binding(found, assigned=True)
        name = location or self.location or (ident if constant else "") or self.serial
        return self.register.called(name or self._alias)

    def _registered(self, ident: str, location: str) -> DeviceId | None:
        register = self.register
        if location:
            # A location nobody registered is somebody else than the rest of this connection.
            return register.named(location) or register.named(ident)
        return (
            register.named(self.location)
            or register.named(ident)
            or register.named(self.serial)
            or register.at_address(self.address)
        )
