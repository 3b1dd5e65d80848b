"""Facts inside the files of pictures. Pure.

Sources: PNG, third edition (W3C 2025), sections 5.3, 11.3.3.4 (iTXt), 11.3.3.6 (eXIf); ITU-T T.81,
section B.1; CIPA DC-008-2023, section 4.7.2.
"""

import struct
import zlib
from collections.abc import Mapping

from embereye.services.exif import Exif

_PNG_HEAD = 33  # bytes: signature and the chunk IHDR, behind which text may stand
_JPEG_HEAD = 2  # bytes: the mark "start of image"
_APP0 = b"\xff\xe0"  # the JFIF segment, which stays the first one
_APP1, _COM = 0xE1, 0xFE
_MOST = 65_533  # bytes of a JPEG segment beside its length


def marked_png(content: bytes, exif: Exif, words: Mapping[str, str]) -> bytes:
    """A PNG with these texts by keyword (1–79 Latin-1 characters) and the Exif block."""
    chunks = [_chunk(b"eXIf", exif.block())]
    for keyword, text in words.items():
        body = keyword.encode("latin-1") + b"\0\0\0\0\0" + text.replace("\0", "").encode()
        chunks.append(_chunk(b"iTXt", body))
    return content[:_PNG_HEAD] + b"".join(chunks) + content[_PNG_HEAD:]


def marked_jpeg(content: bytes, exif: Exif, comment: str) -> bytes:
    """A JPEG with the Exif block and a comment in UTF-8."""
    exif_segment = _segment(_APP1, b"Exif\0\0" + exif.block())
    segments = exif_segment + _segment(_COM, comment.encode())
    head = _JPEG_HEAD
    if content[head : head + 2] == _APP0:
        head += 2 + int.from_bytes(content[head + 2 : head + 4], "big")
    return content[:head] + segments + content[head:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def _segment(mark: int, body: bytes) -> bytes:
    if len(body) > _MOST:  # names are 120 characters at most, so this is a bug
        raise ValueError(f"{len(body)} bytes do not fit into a segment")
    return struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body
