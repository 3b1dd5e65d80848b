"""What an HTTP heartbeat device says, checked. Pure.

Source: sensor protocol, section 5.
"""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from embereye.model.errors import EmberEyeError
from embereye.model.ids import DeviceId

MOST_BYTES = 16_384  # of a body; a real one has 200

_UNIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as in `ingest.secure_packet`
_VERSION = re.compile(r"[ -~]{0,32}")
_MOST_UPTIME = 3.2e9  # s, a hundred years
_MOST_STORAGE = 1e9  # MB, a petabyte
_MOST_CLIPS = 1_000_000
_MILLISECONDS = 1e11  # above it a number of seconds would be after the year 5138: it counts ms
_MOST_UTC = 4_102_444_800.0  # s, the year 2100; a later clock says nothing


class BodyRefused(EmberEyeError):
    """A body that no device sends; the text goes back to the sender."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One heartbeat.

    Attributes:
        uptime: Seconds since the device started.
        free_storage: MB.
        pending_clips: Recordings that it wants to send.
        device_utc: Its clock, seconds UTC, when it says so.
    """

    unit: DeviceId
    armed: bool
    firmware: str
    uptime: float
    free_storage: float
    pending_clips: int
    device_utc: float | None = None


def read_heartbeat(body: bytes | dict[str, Any]) -> Heartbeat:
    """The heartbeat in a body; BodyRefused says what is wrong with it."""
    fields = read_object(body)
    return Heartbeat(
        unit=unit_id(fields),
        armed=_flag(fields, "armed"),
        firmware=_text(fields, "firmware_version"),
        uptime=_number(fields, "uptime_seconds", _MOST_UPTIME),
        free_storage=_number(fields, "free_storage_mb", _MOST_STORAGE),
        pending_clips=_count(fields, "pending_clips"),
        device_utc=device_time(fields.get("timestamp")),
    )


def read_object(body: bytes | dict[str, Any]) -> dict[str, Any]:
    """The JSON object in a body; BodyRefused when there is none."""
    if isinstance(body, dict):
        return body
    if len(body) > MOST_BYTES:
        raise BodyRefused(f"the body is longer than {MOST_BYTES} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BodyRefused("the body is no JSON") from None
    if not isinstance(found, dict):
        raise BodyRefused("the body is no JSON object")
    return found


def unit_id(fields: dict[str, Any]) -> DeviceId:
    """Which device speaks."""
    value = fields.get("unit_id")
    if not isinstance(value, str) or _UNIT.fullmatch(value) is None:
        raise BodyRefused("unit_id must be 1 to 64 letters, digits, dots, dashes or underscores")
    return DeviceId(value)


def device_time(value: object) -> float | None:
    """Seconds UTC of a number of seconds or milliseconds, or of an ISO 8601 text with a zone.

    None when it is absent or says nothing usable: a wrong clock is no reason to refuse a device.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        seconds = _as_seconds(value)
    elif isinstance(value, str) and len(value) <= 40:
        seconds = _iso_seconds(value)
    else:
        return None
    return seconds if seconds is not None and 0 <= seconds <= _MOST_UTC else None


def _as_seconds(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return number / 1000 if number > _MILLISECONDS else number


def _iso_seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise BodyRefused(f"{name} must be true or false")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or _VERSION.fullmatch(value) is None:
        raise BodyRefused(f"{name} must be a text of at most 32 printable characters")
    return value


def _number(fields: dict[str, Any], name: str, most: float) -> float:
    value = fields.get(name)
    # Compared before it is converted: an integer may be too long for a float.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise BodyRefused(f"{name} must be a number from 0 to {most:g}")
    return float(value)


def _count(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_CLIPS:
        raise BodyRefused(f"{name} must be a whole number from 0 to {_MOST_CLIPS}")
    return value
