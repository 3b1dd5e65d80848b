"""Passwords: in the key ring of the system, else encrypted in the data directory."""

import contextlib
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import RLock, Thread
from typing import Protocol

import keyring
import keyring.errors
from cryptography.fernet import Fernet, InvalidToken

from embereye.model.errors import ConfigError

_log = logging.getLogger(__name__)

_SERVICE = "embereye"
_DEADLINE = 3.0  # s; a locked key ring may wait for a person who is not there


class SecretStore(Protocol):
    """Secrets by name ("camera/hall-3"). Any thread; may block for a few seconds."""

    def read(self, name: str) -> str | None:
        """The secret, or None when there is none."""

    def write(self, name: str, secret: str) -> None:
        """Keep or replace a secret."""

    def remove(self, name: str) -> None:
        """Forget a secret; none there is fine."""


class FileSecrets:
    """Secrets in `secrets.bin`, encrypted with the random key `secret.key` (mode 0600).

    This protects copies of settings and backups, not against the account itself.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = RLock()
        self._cipher: Fernet | None = None

    def read(self, name: str) -> str | None:
        with self._lock:
            return self._all().get(name)

    def write(self, name: str, secret: str) -> None:
        with self._lock:
            self._save({**self._all(), name: secret})

    def remove(self, name: str) -> None:
        with self._lock:
            kept = self._all()
            if kept.pop(name, None) is not None:
                self._save(kept)

    def _all(self) -> dict[str, str]:
        path = self._folder / "secrets.bin"
        try:
            found = json.loads(self._key().decrypt(path.read_bytes()))
        except FileNotFoundError:
            return {}
        except (InvalidToken, ValueError):
            raise ConfigError(
                f"{path} cannot be decrypted: restore it together with secret.key from a backup, "
                "or remove it and enter the passwords again"
            ) from None
        except OSError as error:
            raise ConfigError(f"cannot read {path}: {error.strerror or error}") from None
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def _save(self, secrets: dict[str, str]) -> None:
        path = self._folder / "secrets.bin"
        fresh = path.with_suffix(".new")
        try:
            _write_private(fresh, self._key().encrypt(json.dumps(secrets).encode()))
            os.replace(fresh, path)
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror or error}") from None

    def _key(self) -> Fernet:
        if self._cipher is None:
            path = self._folder / "secret.key"
            try:
                if not path.exists():
                    self._folder.mkdir(parents=True, exist_ok=True)
                    _write_private(path, Fernet.generate_key())
                self._cipher = Fernet(path.read_bytes())
            except OSError as error:
                raise ConfigError(f"cannot use {path}: {error.strerror or error}") from None
            except ValueError:
                raise ConfigError(f"{path} is damaged: restore it from a backup") from None
        return self._cipher


class RingSecrets:
    """The system's key ring, with a deadline; whatever it cannot do goes to `fallback`.

    A secret in `fallback` is newer than the ring's: the ring could not take it. A ring that did not
    answer is asked again as soon as it has answered, since a ring is often unlocked by a person
    after the console was started.
    """

    def __init__(self, fallback: SecretStore, scope: str, deadline: float = _DEADLINE) -> None:
        """`scope` keeps data directories apart in one ring; `deadline` in s."""
        self._fallback = fallback
        self._scope = scope
        self._deadline = deadline
        self._hanging: Thread | None = None
        self._told = False

    def read(self, name: str) -> str | None:
        found = self._fallback.read(name)
        if found is not None:
            return found
        return self._ring(lambda: keyring.get_password(_SERVICE, self._key(name)))

    def write(self, name: str, secret: str) -> None:
        if self._ring(lambda: self._put(name, secret)) is None:
            self._fallback.write(name, secret)
        else:
            self._fallback.remove(name)

    def remove(self, name: str) -> None:
        def delete() -> str:
            with contextlib.suppress(keyring.errors.PasswordDeleteError):
                keyring.delete_password(_SERVICE, self._key(name))
            return "done"

        self._ring(delete)
        self._fallback.remove(name)

    def _put(self, name: str, secret: str) -> str:
        keyring.set_password(_SERVICE, self._key(name), secret)
        return "done"

    def _key(self, name: str) -> str:
        return f"{self._scope}/{name}"

    def _ring(self, call: Callable[[], str | None]) -> str | None:
        """`call()` in a thread with a deadline; None when the ring cannot or does not answer."""
        hanging = self._hanging
        if hanging is not None and hanging.is_alive():
            return None
        result: list[str | None] = []

        def work() -> None:
            # Back ends raise their own errors (D-Bus, macOS): all mean "this ring cannot".
            try:
                result.append(call())
            except Exception as error:  # noqa: BLE001 - outermost frame of this thread
                self._tell(type(error).__name__)

        thread = Thread(target=work, name="keyring", daemon=True)
        thread.start()
        thread.join(self._deadline)
        if thread.is_alive():
            self._hanging = thread
            self._tell("no answer")
        return result[0] if result else None

    def _tell(self, why: str) -> None:
        level = logging.DEBUG if self._told else logging.WARNING  # the first failure only
        self._told = True
        _log.log(level, "the key ring is not usable (%s); using the encrypted file", why)


def open_secrets(folder: Path, *, use_ring: bool = True) -> SecretStore:
    """The secret store of a data directory."""
    file = FileSecrets(folder)
    if not use_ring:
        return file
    backend = keyring.get_keyring()
    if backend.priority < 1:  # keyring's own mark for "no real back end here"
        return file
    return RingSecrets(file, str(folder.resolve()))


def _write_private(path: Path, content: bytes) -> None:
    """Create or replace a file that only this account may read."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
