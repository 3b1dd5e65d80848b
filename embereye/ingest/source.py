"""What may be a camera: addresses, video files and stills in allowed folders, USB cameras, upload
folders, a test card."""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from embereye.ingest.upload_name import folder_name
from embereye.ingest.url import HIDDEN, SCHEMES, Login, Url, is_url, redact, split
from embereye.model.errors import SourceError

__all__ = ["HIDDEN", "Kind", "Login", "Source", "parse", "redact", "same"]

_LONGEST = 2048  # characters; the limit of the settings field
_USB = re.compile(r"[0-9]{1,3}\Z")
_DEVICE = re.compile(r"/dev/video([0-9]{1,3})\Z")
_OWN = re.compile(r"(folder|sequence|testcard):(.*)\Z", re.IGNORECASE)
_FOLDER = re.compile(r"[^/\\:*?\"<>|]{1,120}\Z")  # one folder, on every system
_SIZE = re.compile(r"([0-9]{2,4})x([0-9]{2,4})\Z")
_CARD = (1920, 1080)
_SMALLEST, _LARGEST = 64, 4096  # pixels a side
_LAST_USB = 63  # Linux: VIDEO_NUM_DEVICES is 256, nobody has more than 64 cameras on one host
# Containers that hold video and nothing else; play lists and scripts (.m3u8, .concat, .sdp) are
# left out, since they name further files and addresses.
_ENDINGS = frozenset(
    (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".mpg", ".mpeg")
) | {".mjpg", ".mjpeg", ".h264", ".264", ".h265", ".265", ".hevc"}


class Kind(Enum):
    """How a source is read."""

    RTSP = "rtsp"
    HTTP = "http"
    WHEP = "whep"
    FILE = "file"
    USB = "usb"
    FOLDER = "folder"
    SEQUENCE = "sequence"
    TEST_CARD = "test card"


_REMOTE = {
    "rtsp": Kind.RTSP,
    "rtsps": Kind.RTSP,
    "http": Kind.HTTP,
    "https": Kind.HTTP,
    "whep": Kind.WHEP,
    "wheps": Kind.WHEP,
}
_PREFIXES = {Kind.FOLDER: "folder", Kind.SEQUENCE: "sequence", Kind.TEST_CARD: "testcard"}


@dataclass(frozen=True, slots=True)
class Source:
    """A checked source. Two that mean the same camera are equal.

    Attributes:
        text: Normal form without credentials: address, canonical path, camera number, name of an
            upload folder ("front_door") or size of a test card ("1920x1080").
        url: The parts of an address, None for all others.
    """

    kind: Kind
    text: str
    url: Url | None = None

    @property
    def written(self) -> str:
        """How it stands in the settings, without credentials; `parse` makes the same of it."""
        prefix = _PREFIXES.get(self.kind)
        return self.text if prefix is None else f"{prefix}:{self.text}"

    @property
    def place(self) -> str:
        """What to look at when it does not answer: "10.1.2.3:554", a file's name, "USB 0"."""
        if self.url is not None:
            return self.url.place
        if self.kind is Kind.FOLDER:
            return f"folder {self.text}"
        if self.kind is Kind.TEST_CARD:
            return "test card"
        return f"USB camera {self.text}" if self.kind is Kind.USB else Path(self.text).name


def parse(
    text: str, folders: Iterable[Path] = (), *, login_known: bool = False
) -> tuple[Source, Login | None]:
    """Check a source as written by a person and take credentials out of it.

    Args:
        folders: Where video files and stills may lie, also in sub-folders.
        login_known: A login of this camera is stored, so "***" in its place is accepted.

    Raises:
        SourceError: with a text that says what to do; it never contains credentials.
    """
    text = text.strip(" ")
    if not text:
        raise SourceError("Enter an address, a video file or a USB camera number.")
    if len(text) > _LONGEST:
        raise SourceError(f"The source is longer than {_LONGEST} characters. Shorten it.")
    if not text.isprintable():
        raise SourceError("The source contains a control character. Remove it and type it again.")
    if (number := _usb(text)) is not None:
        return Source(Kind.USB, str(number)), None
    if (own := _OWN.match(text)) is not None and not is_url(text):
        return _own_kind(own[1].lower(), own[2].strip(" "), folders), None
    if is_url(text):
        url, login = split(text, login_known=login_known)
        return Source(_REMOTE[url.scheme], url.text(), url), login
    return Source(Kind.FILE, str(_file(text, folders))), None


def same(first: str, second: str, folders: Iterable[Path] = ()) -> bool:
    """Whether two texts mean the same camera; unusable ones are equal to nothing."""
    try:
        return (
            parse(first, folders, login_known=True)[0]
            == parse(second, folders, login_known=True)[0]
        )
    except SourceError:
        return False


def _own_kind(word: str, rest: str, folders: Iterable[Path]) -> Source:
    if word == "folder":
        return Source(Kind.FOLDER, _upload_folder(rest))
    if word == "testcard":
        return Source(Kind.TEST_CARD, _card_size(rest))
    return Source(Kind.SEQUENCE, str(_stills(rest, folders)))


def _upload_folder(name: str) -> str:
    normal = folder_name(name)
    if not _FOLDER.match(name) or not normal:
        raise SourceError(
            "After folder: comes the name of one folder below the upload root, without / and \\, "
            "with at most 64 characters, such as folder:front_door."
        )
    return normal


def _card_size(text: str) -> str:
    if not text:
        return f"{_CARD[0]}x{_CARD[1]}"
    found = _SIZE.match(text)
    sides = [int(side) for side in found.groups()] if found else [0]
    if not all(_SMALLEST <= side <= _LARGEST and side % 2 == 0 for side in sides):
        raise SourceError(
            f"The size of a test card is written as testcard:1920x1080, with even numbers from "
            f"{_SMALLEST} to {_LARGEST}."
        )
    return f"{sides[0]}x{sides[1]}"


def _stills(text: str, folders: Iterable[Path]) -> Path:
    if not text:
        raise SourceError("After sequence: comes a folder with numbered pictures.")
    path = _allowed(text, folders)
    if not path.is_dir():
        raise SourceError(f"{path.name} is not a folder. Choose a folder with numbered pictures.")
    return path


def _usb(text: str) -> int | None:
    device = _DEVICE.match(text) if sys.platform.startswith("linux") else None
    digits = device[1] if device else text
    if not _USB.match(digits):
        return None
    number = int(digits)
    if number > _LAST_USB:
        raise SourceError(f"A USB camera number lies between 0 and {_LAST_USB}.")
    return number


def _file(text: str, folders: Iterable[Path]) -> Path:
    return _video(_allowed(text, folders))


def _allowed(text: str, folders: Iterable[Path]) -> Path:
    """What `text` names inside an allowed folder, canonical."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text) or text.startswith(("-", "\\\\", "//", "~")):
        raise SourceError(
            f"The source must start with {SCHEMES}, or be a video file or a USB camera number."
        )
    allowed = [root for folder in folders if (root := _resolved(folder)) and root.is_dir()]
    if not allowed:
        raise SourceError(
            "Video files are not allowed yet. Add their folder to media_folders in the settings."
        )
    for root in allowed:
        path = _resolved(root / text)
        if path is not None and path.is_relative_to(root):
            return path
    raise SourceError(
        "The file does not exist in an allowed folder. "
        "Check the name, or add its folder to media_folders in the settings."
    )


def _video(path: Path) -> Path:
    if not path.is_file():
        raise SourceError(f"{path.name} is not a file. Choose a video file.")
    if path.suffix.lower() not in _ENDINGS:
        raise SourceError(f"{path.name} is not a video file. Use .mp4, .mkv, .avi, .mov or .ts.")
    return path


def _resolved(path: Path) -> Path | None:
    """The canonical path with all links followed; None when there is no such thing."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):  # absent, link loop, name the system refuses
        return None
