"""What is known about all device keys of a moment, and which changes of them are allowed."""

from collections.abc import Iterable
from dataclasses import replace

from embereye.model.credential import DeviceKey, KeyRing, KeyState
from embereye.model.errors import EnrolmentRefused
from embereye.model.ids import DeviceId, is_id
from embereye.storage.device_keys import KeyName, StoredKey

OVERLAP = 7 * 86_400.0  # s for which an older key stays valid (sensor protocol, section 4)


class KeyBook:
    """All rows, with the opened keys of those that are good. One thread.

    Methods that check raise `EnrolmentRefused`; they return rows and change nothing.
    """

    def __init__(self) -> None:
        self._rows: dict[KeyName, StoredKey] = {}
        self._secrets: dict[KeyName, bytes] = {}
        self._revision = 0

    def take(self, row: StoredKey, secret: bytes = b"") -> None:
        """Add or replace a row; a given secret replaces the one known, a closed row loses it."""
        name = row.device, row.kid
        self._rows[name] = row
        if secret:
            self._secrets[name] = secret
        if not row.sealed:
            self._secrets.pop(name, None)

    def ring(self, utc: float) -> KeyRing:
        """The keys for the sensor server; one that could not be opened is good for nothing."""
        self._revision += 1
        keys = []
        for name, row in self._rows.items():
            secret = self._secrets.get(name, b"")
            state = row.state(utc) if secret else KeyState.REVOKED
            keys.append(
                DeviceKey(row.device, row.kid, secret, state, row.created_utc, row.expires_utc)
            )
        return KeyRing(keys, self._revision)

    def row(self, device: DeviceId, kid: str) -> StoredKey | None:
        """That row, None when there never was such a key."""
        return self._rows.get((device, kid))

    def good(self, device: DeviceId, utc: float) -> list[StoredKey]:
        """Rows of a device that are neither revoked nor over, oldest first."""
        rows: Iterable[StoredKey] = self._rows.values()
        return [r for r in rows if r.device == device and r.state(utc) is not KeyState.REVOKED]

    def locked(self) -> list[StoredKey]:
        """Rows whose key is stored and was not opened."""
        return [r for name, r in self._rows.items() if r.sealed and name not in self._secrets]

    def sealed(self) -> bool:
        """Whether any row needs the present master key."""
        return any(row.sealed for row in self._rows.values())

    # --- changes -----------------------------------------------------------------------------

    def check_first(self, device: DeviceId, utc: float) -> None:
        """Whether a first key may be made."""
        if not is_id(device):
            raise EnrolmentRefused(
                f"{device[:64]!r} cannot be the id of a device: use 1–64 of A–Z a–z 0–9 . _ - and"
                " start with a letter or digit."
            )
        if self.good(device, utc):
            raise EnrolmentRefused(
                f"Device {device} is enrolled already: rotate its key, or revoke it first."
            )

    def retire(self, device: DeviceId, utc: float) -> StoredKey:
        """The present key of a device as it is while a second one is valid too."""
        good = self.good(device, utc)
        if not good:
            raise EnrolmentRefused(f"Device {device} is not enrolled: enrol it instead.")
        if len(good) > 1:
            raise EnrolmentRefused(
                f"Device {device} has two keys already: wait until the older one has ended, or"
                " revoke the device and enrol it again."
            )
        return replace(good[0], expires_utc=utc + OVERLAP)

    def revoke(self, device: DeviceId, utc: float) -> tuple[StoredKey, ...]:
        """All keys of a device that were good, without their secrets."""
        rows = self.good(device, utc)
        if not rows:
            known = any(name[0] == device for name in self._rows)
            raise EnrolmentRefused(
                f"Device {device} has no valid key: it was revoked already."
                if known
                else f"Device {device} is not enrolled: there is nothing to revoke."
            )
        return tuple(closed(row, utc) for row in rows)

    def ended(self, utc: float) -> tuple[StoredKey, ...]:
        """Retired keys whose time is over and that are not closed yet, closed."""
        return tuple(
            closed(row, row.expires_utc)
            for row in self._rows.values()
            if row.revoked_utc is None and row.expires_utc is not None and utc >= row.expires_utc
        )


def closed(row: StoredKey, utc: float) -> StoredKey:
    """The row of a key that is good for nothing any more."""
    return replace(row, sealed=b"", revoked_utc=utc)
