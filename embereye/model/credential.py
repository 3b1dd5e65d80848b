"""Who a device is: keys of the authenticated protocol."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from embereye.model.ids import DeviceId

KEY_BYTES = 32  # of a device key (sensor protocol, section 4)


class KeyState(StrEnum):
    """What a key is good for. RETIRING: an older key during a rotation, valid until it expires."""

    ACTIVE = "active"
    RETIRING = "retiring"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """One key of one device, in the open; never logged, never stored like this.

    Attributes:
        kid: Name of the key, 1–16 of A–Z a–z 0–9; unique for the device.
        secret: 32 bytes; not in `repr`.
        created_utc: Seconds UTC.
        expires_utc: When a retiring key ends, None: never.
    """

    device: DeviceId
    kid: str
    secret: bytes = field(repr=False)
    state: KeyState
    created_utc: float
    expires_utc: float | None = None


class KeyRing:
    """All keys of a moment; immutable, readable from any thread."""

    def __init__(self, keys: Iterable[DeviceKey] = (), revision: int = 0) -> None:
        self.revision = revision
        self._keys: Mapping[tuple[DeviceId, str], DeviceKey] = {
            (key.device, key.kid): key for key in keys
        }
        self._enrolled = frozenset(key.device for key in self._keys.values())

    @property
    def enrolled(self) -> frozenset[DeviceId]:
        """Every device that ever had a key: its legacy packets are refused."""
        return self._enrolled

    def key(self, device: DeviceId, kid: str) -> DeviceKey | None:
        """That key, also when it is revoked or expired; None when it never was."""
        return self._keys.get((device, kid))

    def valid(self, device: DeviceId, kid: str, utc: float) -> DeviceKey | None:
        """That key when it may be used at `utc`."""
        key = self.key(device, kid)
        if key is None or key.state is KeyState.REVOKED:
            return None
        if key.expires_utc is not None and utc >= key.expires_utc:
            return None
        return key

    def of(self, device: DeviceId) -> tuple[DeviceKey, ...]:
        """The keys of one device, oldest first."""
        found = [key for key in self._keys.values() if key.device == device]
        return tuple(sorted(found, key=lambda key: key.created_utc))
