"""The text that gives a device its key: typed, scanned or written over a serial line. Pure.

`ee2:<device>:<kid>:<64 hex digits of the key>:<8 hex digits of the check>`; the check is the
beginning of the SHA-256 of everything before the last colon, so that a typing error is found at
once (one in 4,000 million passes) and not days later as a wrong authentication.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from embereye.model.credential import KEY_BYTES
from embereye.model.errors import EnrolmentTextError
from embereye.model.ids import DeviceId, is_id

_PREFIX = "ee2"
_CHECK_DIGITS = 8
_PARTS = 5
_KID = re.compile(r"[A-Za-z0-9]{1,16}\Z")
_HEX = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}\Z")


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """What an enrolment text says; `secret` (32 bytes) is not in `repr`."""

    device: DeviceId
    kid: str
    secret: bytes = field(repr=False)


def write(device: str, kid: str, secret: bytes) -> str:
    """The text; EnrolmentTextError when a part of it cannot be written."""
    _check_parts(device, kid, secret.hex())
    text = f"{_PREFIX}:{device}:{kid}:{secret.hex()}"
    return f"{text}:{_check(text)}"


def read(text: str) -> EnrolledKey:
    """What a text says; space around it and upper-case digits are taken as meant.

    EnrolmentTextError says what is wrong with it, without repeating the key.
    """
    parts = text.strip().split(":")
    if parts[0] != _PREFIX:
        raise EnrolmentTextError(f"This is no enrolment text: it must begin with {_PREFIX}:.")
    if len(parts) != _PARTS:
        raise EnrolmentTextError(
            f"The enrolment text has {len(parts)} parts between colons instead of {_PARTS}."
            " Copy it whole, without line breaks."
        )
    device, kid, digits, check = parts[1], parts[2], parts[3].lower(), parts[4].lower()
    _check_parts(device, kid, digits)
    if check != _check(f"{_PREFIX}:{device}:{kid}:{digits}"):
        raise EnrolmentTextError(
            f"The enrolment text of the device {device} was mistyped or cut: its check digits do"
            " not fit. Enter it again."
        )
    secret = bytes.fromhex(digits)
    if len(set(secret)) == 1:  # what an empty or erased memory of a device holds
        raise EnrolmentTextError(
            f"The key of the device {device} is no secret: all its bytes are the same. Let the"
            " device have a random key, or enrol it here."
        )
    return EnrolledKey(DeviceId(device), kid, secret)


def _check_parts(device: str, kid: str, digits: str) -> None:
    if not is_id(device):
        raise EnrolmentTextError(
            "The enrolment text names no usable device: 1–64 of A–Z a–z 0–9 . _ - are."
        )
    if not _KID.match(kid):
        raise EnrolmentTextError(
            f"The key of the device {device} has no usable name: 1–16 of A–Z a–z 0–9 are."
        )
    if not _HEX.match(digits):
        raise EnrolmentTextError(
            f"The key of the device {device} must have {2 * KEY_BYTES} hexadecimal digits."
        )


def _check(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_CHECK_DIGITS]
