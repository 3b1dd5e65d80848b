"""The block of facts that cameras put into their pictures, for picture viewers. Pure.

Source: CIPA DC-008-2023 (Exif 3.0), sections 4.6.3–4.6.6; TIFF 6.0, section 2.
"""

import struct
from dataclasses import dataclass
from datetime import datetime

_ASCII, _LONG, _UNDEFINED = 2, 4, 7
_DESCRIPTION, _SOFTWARE, _CHANGED, _POINTER = 0x010E, 0x0131, 0x0132, 0x8769
_TAKEN, _OFFSET, _COMMENT, _MILLISECONDS = 0x9003, 0x9011, 0x9286, 0x9291
_VERSION = 0x9000
_HEADER = 8  # bytes before the first directory

Entry = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Exif:
    """What is told of one picture.

    Attributes:
        taken: In local time, with its offset.
        comment: Any text.
    """

    title: str
    software: str
    taken: datetime
    comment: str

    def block(self) -> bytes:
        """A TIFF block, big-endian, of two directories: the picture, and how it was taken."""
        time = f"{self.taken:%Y:%m:%d %H:%M:%S}"
        pointer = struct.pack(">I", 0)
        first: list[Entry] = [
            (_DESCRIPTION, _ASCII, _text(self.title)),
            (_SOFTWARE, _ASCII, _text(self.software)),
            (_CHANGED, _ASCII, _text(time)),
            (_POINTER, _LONG, pointer),
        ]
        second: list[Entry] = [
            (_VERSION, _UNDEFINED, b"0300"),
            (_TAKEN, _ASCII, _text(time)),
            (_OFFSET, _ASCII, _text(_offset(self.taken))),
            (_COMMENT, _UNDEFINED, b"UNICODE\0" + self.comment.encode("utf-16-be")),
            (_MILLISECONDS, _ASCII, _text(f"{self.taken.microsecond // 1000:03d}")),
        ]
        begin = _HEADER + len(_directory(first, _HEADER))
        first[-1] = (_POINTER, _LONG, struct.pack(">I", begin))
        header = b"MM\0*" + struct.pack(">I", _HEADER)
        return header + _directory(first, _HEADER) + _directory(second, begin)


def _directory(entries: list[Entry], at: int) -> bytes:
    """A directory that begins at byte `at` of the block, with its values behind it."""
    table = struct.pack(">H", len(entries))
    values = b""
    behind = at + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        count = len(value) // 4 if kind == _LONG else len(value)
        place = value.ljust(4, b"\0")
        if len(value) > 4:
            place = struct.pack(">I", behind + len(values))
            values += value + b"\0" * (len(value) % 2)  # values begin at even places
        table += struct.pack(">HHI", tag, kind, count) + place
    return table + struct.pack(">I", 0) + values


def _text(text: str) -> bytes:
    return text.replace("\0", "").encode() + b"\0"


def _offset(moment: datetime) -> str:
    offset = f"{moment:%z}" or "+0000"
    return f"{offset[:3]}:{offset[3:5]}"
