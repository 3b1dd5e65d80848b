"""Which recordings and detections of HTTP devices are taken, and under which name. Pure.

Source: sensor protocol, section 5. The only place where a name from outside becomes a path.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from embereye.ingest.heartbeat import HeartbeatAnswer, refusal
from embereye.ingest.heartbeat_body import BodyRefused, device_time, read_object, unit_id
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp

MOST_CLIP = 64 * 2**20  # bytes: two minutes at 4 Mbit/s
_KINDS = {".mp4", ".avi", ".mkv", ".mov", ".ts", ".jpg", ".jpeg", ".png"}
_FIELDS = ("file", "clip")  # names of the part of the form
_LONGEST = 80  # characters of a name; with unit and time below the 255 of file systems
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # names on Windows
_LABEL = re.compile(r"[ -~]{1,64}")


@dataclass(frozen=True, slots=True)
class UnitDetection:
    """What a device says that it saw.

    Attributes:
        confidence: 0–1.
        device_utc: Its clock, seconds UTC, None when it says none.
    """

    unit: DeviceId
    label: str
    confidence: float
    device_utc: float | None


def clip_path(folder: Path, unit: DeviceId, name: str, at: Stamp) -> Path | None:
    """Where a clip is stored: always directly in the unit's folder; None for a kind not taken.

    `name` may be anything. No two clips of a unit within a millisecond have the same name.
    """
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    pure = PurePosixPath(_UNSAFE.sub("_", plain).lstrip("."))
    kind = pure.suffix.lower()
    if kind not in _KINDS:
        return None
    stem = pure.stem[: _LONGEST - len(kind)].strip("._") or "clip"
    safe_unit = _UNSAFE.sub("_", str(unit)).lstrip(".") or "unit"
    if _RESERVED.match(safe_unit):
        safe_unit = f"_{safe_unit}"
    return folder / safe_unit / f"{round(at.utc * 1000)}_{stem}{kind}"


def judge_clip(part: str, name: str, size: int | None, room: int) -> HeartbeatAnswer | None:
    """Why a clip is not taken, None when it is.

    `part` names the part of the form, `size` is its length as announced (None: not), `room` the
    bytes that the disk can spare. A full disk is 503: the device keeps the clip and sends it again.
    """
    if part not in _FIELDS:
        return refusal(400, "the form must have a part called file or clip")
    if clip_path(Path(), DeviceId("unit"), name, Stamp(0.0, 0.0)) is None:
        return refusal(400, f"only {', '.join(sorted(_KINDS))} are taken")
    if size is None or size < 0:
        return refusal(411, "the length must be announced")
    if size == 0:
        return refusal(400, "the file is empty")
    if size > MOST_CLIP:
        return refusal(413, f"a clip may have {MOST_CLIP // 2**20} MiB")
    if size > room:
        return refusal(503, "the disk is nearly full")
    return None


def read_detection(body: bytes | dict[str, Any]) -> UnitDetection:
    """The detection in a body; BodyRefused says what is wrong with it."""
    fields = read_object(body)
    unit = unit_id(fields)
    label, confidence = fields.get("label"), fields.get("confidence")
    if not isinstance(label, str) or _LABEL.fullmatch(label) is None:
        raise BodyRefused("label must be a text of 1 to 64 printable characters")
    number = isinstance(confidence, int | float) and not isinstance(confidence, bool)
    if not number or math.isnan(confidence) or not 0 <= confidence <= 1:  # type: ignore[arg-type, operator]
        raise BodyRefused("confidence must be a number from 0 to 1")
    return UnitDetection(unit, label, float(confidence), device_time(fields.get("timestamp")))  # type: ignore[arg-type]
