"""The key book together with the seal that opens its rows."""

import logging
from collections.abc import Callable

from embereye.config.sealing import Seal, open_seal
from embereye.config.secrets import SecretStore
from embereye.model.errors import ConfigError, SealBroken
from embereye.model.ids import DeviceId
from embereye.runtime.clock import Clock
from embereye.services.key_book import KeyBook
from embereye.storage.device_keys import StoredKey

_log = logging.getLogger(__name__)

_RETRY = 30.0  # s between tries to open keys with a key ring that was locked


class KeyVault:
    """Opens stored keys and seals new ones. Thread of `services.enrolment`.

    The secret store may block for seconds. It is asked only while no key is good for anything: at
    the first enrolment, or while the stored keys cannot be opened.
    """

    def __init__(
        self,
        secret_store: SecretStore,
        clock: Clock,
        complain: Callable[[DeviceId, str], None],
    ) -> None:
        """`complain` is told which device cannot authenticate, and what to do about it."""
        self.book = KeyBook()
        self._secret_store = secret_store
        self._clock = clock
        self._complain = complain
        self._seal: Seal | None = None
        self._next_try = 0.0

    def close(self, device: DeviceId, kid: str, secret: bytes) -> StoredKey:
        """A new key as a row; SealBroken or ConfigError when there is no usable master key."""
        sealed = self._opened().close(device, kid, secret)
        return StoredKey(device, kid, sealed, self._clock.now().utc)

    def unlock(self) -> bool:
        """Open the stored keys where that is due; whether it changed anything."""
        due = self._seal is None and self._clock.mono() >= self._next_try
        if not due or not self.book.locked():
            return False
        first, self._next_try = self._next_try == 0.0, self._clock.mono() + _RETRY
        try:
            self._opened()
        except (SealBroken, ConfigError) as error:
            if first:
                for device in sorted({row.device for row in self.book.locked()}):
                    self._complain(device, str(error))
            return False
        return True

    def _opened(self) -> Seal:
        """The seal; a master key is made only where no stored key needs the present one."""
        if self._seal is None:
            self._seal = open_seal(self._secret_store, make=not self.book.sealed())
            for row in self.book.locked():
                self._open(self._seal, row)
        return self._seal

    def _open(self, seal: Seal, row: StoredKey) -> None:
        try:
            self.book.take(row, seal.open(row.device, row.kid, row.sealed))
        except SealBroken as error:
            self._complain(row.device, str(error))
