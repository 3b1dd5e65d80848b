"""Keys of simulated devices: a file of enrolment texts that follows when keys are rotated."""

import logging
import os
from contextlib import suppress
from pathlib import Path

from embereye.ingest import enrolment_text
from embereye.ingest.auth_client import ClientKey, Memory
from embereye.services.key_file import key_texts

_log = logging.getLogger(__name__)


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
        except OSError as error:
            _log.error(
                "the new key of device %s cannot be written to %s: %s. Rotate the key once more"
                " when the file is writable; the old one ends within 7 days.",
                device,
                self._path,
                error.strerror or error,
            )

    def _write(self) -> None:
        texts = [enrolment_text.write(name, key.kid, key.secret) for name, key in self.keys.items()]
        half = self._path.with_name(self._path.name + ".half")
        half.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write("".join(f"{text}\n" for text in texts))
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._path)
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)
