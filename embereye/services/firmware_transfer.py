"""Sending one image to one authenticated device, a piece at a time. Pure."""

from dataclasses import dataclass
from hashlib import sha256

PIECE = 1536  # bytes; 3,072 hex digits and the frame around them stay below the 4 KiB of a packet
_PATIENCE = 60.0  # s without an answer before a command is sent again: several slow cycles
_TRIES = 5  # of one command
_WASTE = 3  # times the pieces of an image may be asked for; a device may begin anew twice
_RESTART = 300.0  # s for a device to come back with its new version


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do next: a command to send, and whether the transfer has ended.

    Attributes:
        command: "FW:…" or "".
        failure: Why it failed, "" otherwise.
        stored: The device has the whole image and restarts now.
    """

    command: str = ""
    failure: str = ""
    stored: bool = False


_NOTHING = Outcome()


class Transfer:
    """The conversation about one image. Times are monotonic s. One thread.

    To the device: `FW:OFFER:<version>:<size>:<sha256>`, then `FW:DATA:<offset>:<hex>`. From it:
    `NEXT:<offset>` asks for the piece that begins there, `DONE` says that the whole image has the
    right SHA-256 and that it restarts, `FAIL:<reason>` ends it. Offsets let a device that lost its
    connection go on where it was. A device that runs the version already answers `DONE`.
    """

    def __init__(self, version: str, image: bytes, now: float) -> None:
        self.version = version
        self._image = image
        self._left = _WASTE * (len(image) // PIECE + 1) + _TRIES
        self._asked = now
        self._tries = 0
        self._last = ""
        self._stored_at: float | None = None

    def begin(self, now: float) -> Outcome:
        """The offer."""
        digest = sha256(self._image).hexdigest()
        return self._ask(f"FW:OFFER:{self.version}:{len(self._image)}:{digest}", now)

    def heard(self, text: str, now: float) -> Outcome:
        """The device said something (without "FW:")."""
        word, _, rest = text.partition(":")
        if word == "NEXT" and rest.isascii() and rest.isdecimal() and len(rest) <= 9:
            offset = int(rest)
            if offset >= len(self._image):
                return Outcome(failure=f"it asked for byte {offset}, which the image has not")
            piece = self._image[offset : offset + PIECE].hex()
            command = f"FW:DATA:{offset}:{piece}"
            if command == self._last and now - self._asked < _PATIENCE:
                return _NOTHING  # asked twice: answering each would send everything twice from here
            self._left -= 1
            if self._left < 0:
                return Outcome(failure="it asks for the same pieces again and again")
            return self._ask(command, now)
        if word == "DONE":
            self._stored_at = now
            return Outcome(stored=True)
        if word == "FAIL":
            return Outcome(failure=f"it refused the image: {rest[:80] or 'without a reason'}")
        return Outcome(failure="it answered with something that is no answer")

    def tick(self, now: float) -> Outcome:
        """Ask again, or give up."""
        if self._stored_at is not None:
            late = now - self._stored_at > _RESTART
            why = f"it did not come back with the new version within {_RESTART:.0f} s"
            return Outcome(failure=why) if late else _NOTHING
        if now - self._asked < _PATIENCE:
            return _NOTHING
        if self._tries >= _TRIES:
            return Outcome(failure=f"it gave no answer to {_TRIES} commands")
        return self._ask(self._last, now)

    def _ask(self, command: str, now: float) -> Outcome:
        self._tries = self._tries + 1 if command == self._last else 1
        self._last, self._asked = command, now
        return Outcome(command)
