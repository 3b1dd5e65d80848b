"""A simulated device that takes firmware updates over its authenticated connection. Pure."""

from hashlib import sha256

from embereye.ingest.simulate_device import Speaker
from embereye.rules.firmware_policy import version_of

_LARGEST = 8 * 2**20  # bytes of its flash


class FirmwareReceiver:
    """The device's side of `services.firmware_transfer.Transfer`.

    It checks the SHA-256 of the offer, which came over the authenticated connection, and takes no
    version that is older than its own.

    Attributes:
        version: What it runs; changes when an update is complete, then the device reconnects.
        restarts: Updates completed.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.restarts = 0
        self._offered = ""
        self._size = 0
        self._digest = ""
        self._image = bytearray()

    def on_command(self, body: bytes, speaker: Speaker) -> None:
        """For `SimulatedDevice.on_command`: answers, and starts again after an update."""
        restarts, answer = self.restarts, self.command(body)
        if answer is not None:
            speaker.say(answer)
        if self.restarts > restarts:
            speaker.restart(self.version)

    def command(self, body: bytes) -> bytes | None:
        """The answer to one command body, `FW:…`; None for commands that are no update's."""
        word, _, rest = body.decode("ascii", "replace").removeprefix("FW:").partition(":")
        if not body.startswith(b"FW:"):
            return None
        if word == "OFFER":
            return self._take_offer(rest)
        if word == "DATA":
            return self._take_piece(rest)
        return b"FW:FAIL:unknown word"

    def _take_offer(self, rest: str) -> bytes:
        version, _, numbers = rest.partition(":")
        size, _, digest = numbers.partition(":")
        new, own = version_of(version), version_of(self.version)
        if new is None or not size.isdecimal() or len(digest) != 64:
            return b"FW:FAIL:unreadable offer"
        if new == own:
            return b"FW:DONE"  # its last answer was lost on the way
        if own is not None and new < own:
            return b"FW:FAIL:older than what it runs"
        if int(size) > _LARGEST:
            return b"FW:FAIL:larger than its flash"
        if (version, digest) != (self._offered, self._digest):
            self._offered, self._digest, self._image = version, digest, bytearray()
        self._size = int(size)
        return self._next()

    def _take_piece(self, rest: str) -> bytes:
        offset, _, digits = rest.partition(":")
        if not self._offered or not offset.isdecimal():
            return b"FW:FAIL:no offer"
        if int(offset) == len(self._image):  # else a piece that came twice
            try:
                self._image += bytes.fromhex(digits)
            except ValueError:
                return b"FW:FAIL:unreadable piece"
        return self._next()

    def _next(self) -> bytes:
        if len(self._image) < self._size:
            return b"FW:NEXT:%d" % len(self._image)
        genuine = sha256(self._image).hexdigest() == self._digest
        version, self._offered, self._image = self._offered, "", bytearray()
        if not genuine:
            return b"FW:FAIL:wrong SHA-256"
        self.version = version
        self.restarts += 1
        return b"FW:DONE"
