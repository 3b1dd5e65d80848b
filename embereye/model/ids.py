"""Names of things. An id is stable, short and safe in file names and URLs."""

import re
from typing import NewType

CameraId = NewType("CameraId", str)
DeviceId = NewType("DeviceId", str)
PlaceId = NewType("PlaceId", str)
AlarmId = NewType("AlarmId", int)  # counts up in one data directory, never reused
IncidentId = NewType("IncidentId", int)  # as alarms

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
# Windows refuses these as file names, with any extension.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?\Z")


def is_id(text: str) -> bool:
    """Whether `text` may be used as an id: 1–64 of A–Z a–z 0–9 . _ -, no Windows device name."""
    return bool(_ID.match(text)) and not _RESERVED.match(text) and not text.endswith(".")


def unassigned_place(device: DeviceId) -> PlaceId:
    """The place that stands for a device which nobody has assigned yet."""
    return PlaceId(f"unassigned:{device}")
