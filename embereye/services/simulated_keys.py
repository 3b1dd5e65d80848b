"""Keys of simulated devices: a file of enrolment texts that follows when keys are rotated."""

import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes, token_hex

from embereye.config.secrets import SecretStore
from embereye.ingest import enrolment_text
from embereye.ingest.auth_client import ClientKey, Memory
from embereye.model.credential import KEY_BYTES
from embereye.runtime.clock import Clock
from embereye.services import enrolment_access
from embereye.services.key_file import key_texts

_log = logging.getLogger(__name__)

_FILE = "simulated-devices.keys"
_ABOUT = "# Keys of simulated devices, made by `embereye sensors simulate --auth`.\n"
_KID_BYTES = 3  # six hex digits, as other keys have


def enrol_simulated(
    folder: Path, secrets: SecretStore, clock: Clock, devices: Sequence[str]
) -> Path:
    """Enrol simulated devices in a data folder, also while the program runs on it; their key file.

    Devices that were enrolled like this before keep their keys.

    Raises:
        EnrolmentRefused: Such as a device of that name that somebody else enrolled.
    """
    path = folder / _FILE
    known = SimulatedKeys(path).keys if path.exists() else {}
    fresh = {
        device: enrolment_text.write(device, token_hex(_KID_BYTES), token_bytes(KEY_BYTES))
        for device in devices
        if device not in known
    }
    if not fresh:
        return path
    before = path.read_text(encoding="utf-8") if path.exists() else _ABOUT
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(before + "".join(f"{text}\n" for text in fresh.values()))
    try:
        asked = {"do": "import", "texts": list(fresh.values()), "actor": "simulator"}
        enrolment_access.ask(folder, secrets, clock, asked)
        half.replace(path)  # only now: keys that were refused are no keys
    finally:
        half.unlink(missing_ok=True)
    return path


class SimulatedKeys:
    """One file, one enrolment text a line; what real devices keep in their flash. One thread.

    Attributes:
        keys: The key of each device, in the order of the file.
    """

    def __init__(self, path: Path) -> None:
        """EnrolmentRefused when the file cannot be used."""
        self._path = path
        self.keys: dict[str, ClientKey] = {}
        for text in key_texts(path):
            found = enrolment_text.read(text)
            self.keys[found.device] = ClientKey(found.kid, found.secret)

    def keep(self, device: str, memory: Memory) -> None:
        """Write a newer key into the file, once the server has accepted it."""
        if len(memory.keys) > 1 or self.keys.get(device) == memory.keys[0]:
            return
        self.keys[device] = memory.keys[0]
        try:
            self._write()
        except (OSError, UnicodeDecodeError) as error:
            _log.error(
                "the new key of device %s cannot be written to %s: %s. Rotate the key once more"
                " when the file is writable; the old one ends within 7 days.",
                device,
                self._path,
                getattr(error, "strerror", None) or error,
            )

    def _write(self) -> None:
        lines = self._path.read_text(encoding="utf-8-sig").splitlines()
        text = "".join(f"{self._line(line)}\n" for line in lines)
        half = self._path.with_name(self._path.name + ".half")
        half.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._path)
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)

    def _line(self, line: str) -> str:
        """A line of the file as it should be now; whatever else is there stays."""
        parts = line.strip().split(":")
        key = self.keys.get(parts[1]) if len(parts) > 1 else None
        if key is None or line.lstrip().startswith("#"):
            return line
        return enrolment_text.write(parts[1], key.kid, key.secret)
