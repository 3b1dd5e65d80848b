"""What names of uploaded files and their folders say. Pure.

Source: design "formats", Upload folder. The first folder below the root is the camera; below it
cameras build trees of their own, such as `FoscamCamera_ R2_00626E4E5F5F/snap record/…`.
"""

import re
import unicodedata
from datetime import datetime
from enum import Enum
from pathlib import PurePath

_LONGEST = 64  # characters of a camera's folder; as of any id
_IMAGES = frozenset((".jpg", ".jpeg", ".png"))
_CLIPS = frozenset((".mp4", ".mkv", ".avi", ".mov"))
# MDAlarm_YYYYMMDD-HHMMSS.jpg, HMDAlarm_…, MDalarm_YYYYMMDD_HHMMSS.mkv
_STAMP = re.compile(r"H?MDAlarm_([0-9]{8})[-_]([0-9]{6})(?![0-9])", re.IGNORECASE)
_OLDEST = datetime(2000, 1, 1).astimezone().timestamp()  # cameras without a clock say 1970
_AHEAD = 86_400.0  # s; a camera may be set to another time zone, but not to another day


class UploadKind(Enum):
    """What a file is, by its name."""

    IMAGE = "picture"
    CLIP = "clip"


def folder_name(text: str) -> str:
    """The normal form of a camera's folder: "Front Door" and "front-door" are one camera.

    Letters and digits of any script in lower case, everything else as single "_"; empty when
    there is no letter or digit, or more than 64 of them.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    normal = re.sub(r"[\W_]+", "_", folded).strip("_")
    return normal if len(normal) <= _LONGEST else ""


def kind_of(name: str) -> UploadKind | None:
    """What a file of this name is; None for what is none of ours, also for hidden files."""
    if name.startswith((".", "~")):
        return None
    ending = PurePath(name).suffix.lower()
    if ending in _IMAGES:
        return UploadKind.IMAGE
    return UploadKind.CLIP if ending in _CLIPS else None


def captured_at(name: str, file_time: float) -> float:
    """When a file was taken (UTC s): by its name in local time, else `file_time` (UTC s).

    A name that says what cannot be, such as a month 13 or next week, is not believed.
    """
    found = _STAMP.match(name)
    if found is None:
        return file_time
    try:
        stamp = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S").astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        return file_time
    return stamp if _OLDEST <= stamp <= file_time + _AHEAD else file_time
