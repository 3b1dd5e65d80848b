"""From the text of `#frame` and `#EEPROM` packets to 16-bit words."""

import binascii
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import CalibrationError
from embereye.model.reading import PIXELS
from embereye.rules.mlx90640_eeprom import EEPROM_WORDS
from embereye.rules.radiometry import FRAME_WORDS

FULL_BYTES = 2 * FRAME_WORDS
PIXEL_BYTES = 2 * PIXELS

# Sensor protocol, section 2: words of a real frame that never change. The registers in 832 and 833
# are left out, since firmware that sends them as they are sends real frames too.
_ALL_ONES = np.array([770, 772, 774, 787, 791, 801, 803, 805, 807])
_ONE = np.array([*range(792, 800), *range(824, 832)])


def frame_bytes(payload: bytes | str) -> bytes | None:
    """The big-endian words of a frame, 834 or 768 of them; None when the text is neither.

    Takes hex digits of either case, or exactly 768 words of four digits with spaces between them.
    """
    if isinstance(payload, str):
        payload = payload.encode("ascii", "replace")
    digits = payload
    if b" " in payload:
        words = payload.split()
        if len(words) != PIXELS or any(len(word) != 4 for word in words):
            return None
        digits = b"".join(words)
    if len(digits) not in (2 * FULL_BYTES, 2 * PIXEL_BYTES):
        return None
    try:
        return binascii.unhexlify(digits)
    except binascii.Error:
        return None


def eeprom_bytes(payload: bytes | str) -> bytes:
    """The 832 big-endian words of an `#EEPROM` packet's hex digits; CalibrationError otherwise."""
    try:
        words = binascii.unhexlify(payload)
    except ValueError:  # also binascii.Error, and text that is not ASCII
        words = b""
    if len(words) != 2 * EEPROM_WORDS:
        raise CalibrationError(
            f"The calibration packet does not hold {4 * EEPROM_WORDS} hex digits."
            " Ask the device for it again."
        )
    return words


def words_to_hex(words: NDArray[np.uint16]) -> str:
    """The digits that a device sends for these words."""
    return words.astype(">u2").tobytes().hex().upper()


def padded_words(frames: Sequence[bytes | None]) -> NDArray[np.uint16]:
    """(n, 834) words, native byte order; what a frame lacks is 0."""
    joined = b"".join((frame or b"").ljust(FULL_BYTES, b"\0") for frame in frames)
    return np.frombuffer(joined, dtype=">u2").astype(np.uint16).reshape(-1, FRAME_WORDS)


def are_mlx90640(words: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """(n,) which of (n, 834) frames carry the signature of a real sensor."""
    idle = (words[:, _ALL_ONES] == 0x7FFF).all(axis=1)
    return np.asarray(idle & (words[:, _ONE] == 1).all(axis=1))
