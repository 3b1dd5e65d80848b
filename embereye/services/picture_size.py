"""The size that an image file declares, read from its header before anything is decoded."""

import struct
from collections.abc import Callable

_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG markers that hold the size
_SEGMENTS = 4096  # of a JPEG before its size; real files have fewer than 100
_TAGS = 4096  # of a TIFF's first directory
_SHORT, _LONG = 3, 4  # TIFF types of 2 and 4 bytes


def declared_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None for other formats than JPEG, PNG, GIF, BMP, WebP, TIFF.

    Source: ITU-T T.81 B.2.2, RFC 2083 section 11.2.2, GIF89a section 18, RFC 9649 sections 2.5–2.7,
    TIFF 6.0 section 2 and Microsoft's BITMAPINFOHEADER.
    """
    for magic, read in _FORMATS:
        if data.startswith(magic):
            try:
                size = read(data)
            except (struct.error, IndexError):
                return None  # the file ends inside its header
            return size if size and min(size) > 0 else None
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    place = 2
    for _ in range(_SEGMENTS):
        while data[place] == 0xFF and data[place + 1] == 0xFF:  # fill bytes
            place += 1
        marker, length = struct.unpack_from(">xBH", data, place)
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        if data[place] != 0xFF or length < 2:
            return None
        place += 2 + length
    return None


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        low, high = (int.from_bytes(data[n : n + 3], "little") for n in (24, 27))
        return low + 1, high + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _tiff(data: bytes) -> tuple[int, int] | None:
    order = "<" if data[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, directory)
    sides: dict[int, int] = {}
    for number in range(min(count, _TAGS)):
        place = directory + 2 + 12 * number
        tag, kind = struct.unpack_from(order + "HH", data, place)
        if tag in (256, 257) and kind in (_SHORT, _LONG):
            (sides[tag],) = struct.unpack_from(order + "HI"[kind == _LONG], data, place + 8)
    return (sides[256], sides[257]) if len(sides) == 2 else None


_FORMATS: tuple[tuple[bytes, Callable[[bytes], tuple[int, int] | None]], ...] = (
    (b"\xff\xd8", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
)
