"""The settings in force: saved atomically, replaced as one snapshot, never overwritten silently."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from embereye.config.load import Layers, Loaded, load
from embereye.config.schema import Settings
from embereye.model.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """Other settings are in force now."""

    old: Settings
    new: Settings


Listener = Callable[[Settings, Settings], None]


class SettingsStore:
    """Owns the settings file. Any thread; listeners run in the thread that changed something.

    `current` is a frozen snapshot that may be read without a lock.
    """

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._lock = RLock()
        self._seen = _stamp(layers.user)
        self._loaded = load(layers)
        self._listeners: list[Listener] = []

    @property
    def current(self) -> Settings:
        """The settings in force."""
        return self._loaded.settings

    @property
    def loaded(self) -> Loaded:
        """The settings with the origin of each value."""
        return self._loaded

    def on_change(self, listener: Listener) -> None:
        """Call `listener(old, new)` after each change."""
        self._listeners.append(listener)

    def save(self, changes: dict[str, Any], base_revision: int) -> Settings:
        """Merge `changes` (top-level sections or fields) into the file and put them in force.

        Raises:
            ConfigError: A field is wrong, somebody saved since `base_revision`, a field is locked
                by policy, or the file cannot be written. Nothing has changed then.
        """
        with self._lock:
            old = self._loaded.settings
            if base_revision != old.revision:
                raise ConfigError(
                    "the settings were changed by somebody else meanwhile: look at them again, "
                    "then repeat your change"
                )
            self._refuse_locked(changes)
            document = self._document()
            for key, value in changes.items():
                document[key] = tomlkit.item(_plain(value))
            document["revision"] = old.revision + 1
            loaded = _written(self._layers, tomlkit.dumps(document))
            self._loaded, self._seen = loaded, _stamp(self._layers.user)
        for listener in self._listeners:
            listener(old, loaded.settings)
        return loaded.settings

    @property
    def edited(self) -> bool:
        """Whether the file is another one than was last read or written here."""
        return _stamp(self._layers.user) != self._seen

    def reload(self) -> Settings:
        """Read the file again (somebody edited it); raises ConfigError and keeps the old ones."""
        with self._lock:
            self._seen = _stamp(self._layers.user)
            old, self._loaded = self._loaded.settings, load(self._layers)
            new = self._loaded.settings
        for listener in self._listeners:
            listener(old, new)
        return new

    def _refuse_locked(self, changes: dict[str, Any]) -> None:
        for name, origin in self._loaded.origins.items():
            if origin == "policy (locked)" and name.split(".")[0] in changes:
                raise ConfigError(f"{name} is fixed by your administrator's policy")

    def _document(self) -> tomlkit.TOMLDocument:
        if not self._layers.user.exists():
            return tomlkit.document()
        try:
            return tomlkit.parse(self._layers.user.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise ConfigError(f"cannot read {self._layers.user}: {error}") from None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes with each edit; None without a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _plain(value: Any) -> Any:
    """Models become tables that name only what differs from the defaults; None cannot occur."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _written(layers: Layers, text: str) -> Loaded:
    """Write beside the file, check what was written, then replace: a crash leaves old or new."""
    path = layers.user
    name = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            dir=path.parent,
            prefix=".settings-",
            suffix=".toml",
            delete=False,
        ) as file:
            name = file.name
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        loaded = load(replace(layers, user=Path(name)))
        os.replace(name, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if name:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
    return loaded


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; Windows has no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
