"""What the version of a device's firmware means for it. It never mutes an alarm."""

import re

_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){0,3})", re.ASCII)
_PARTS = 4  # of a version; missing ones are 0
_LONGEST = 40  # characters; longer ones are no versions

Version = tuple[int, ...]

# What `sensors.firmware.below` makes of a device (sensor protocol, section 4, Firmware).
STATES = {"mark": "old", "quarantine": "quarantined", "refuse": "refused"}


def version_of(text: str) -> Version | None:
    """The four numbers of "1.4", "v1.4.0" or "1.4.0.7"; None for anything else."""
    found = _VERSION.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    parts = [int(part) for part in found.group(1).split(".")]
    return tuple(parts + [0] * (_PARTS - len(parts)))


def is_below(text: str, minimum: str) -> bool:
    """Whether this version is older than the minimum; an unreadable one is, "" asks for none."""
    least = version_of(minimum)
    if least is None:
        return False
    version = version_of(text)
    return version is None or version < least


def firmware_state(text: str, minimum: str, below: str) -> str:
    """ "" when it is fine, else "old", "quarantined" or "refused" (`below`: a key of STATES)."""
    return STATES[below] if is_below(text, minimum) else ""
