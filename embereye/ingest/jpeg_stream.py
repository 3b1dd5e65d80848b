"""Finds whole JPEG pictures in a stream of bytes, whatever stands between them. Pure.

Multipart streams of cheap cameras miss the dashes of their boundary, or the boundary itself, the
type or the length of a part, or state a wrong one. JPEG says by itself where it ends, so nothing
of that is needed. Source: ITU-T T.81, annex B.1.1 (markers, segments, entropy-coded data).
"""

from enum import Enum

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # TEM and RSTn have no length
_LARGEST = 16 << 20  # bytes; no live camera's picture is larger
_LEAST = 4  # bytes of a marker and a length


class JpegStream:
    """Takes bytes in any portions and hands out pictures.

    Attributes:
        dropped: Times that something which began as a picture was none, or too large.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._bytes = bytearray()
        self._at = 0  # bytes looked at; 0: before a picture begins
        self._coded = False  # in entropy-coded data

    def feed(self, portion: bytes) -> list[bytes]:
        """The pictures that are complete with this portion, oldest first."""
        self._bytes += portion
        found = []
        while self._is_begun():
            step = self._advance()
            if step is _Step.MORE:
                break
            if step is _Step.WHOLE:
                found.append(bytes(self._bytes[: self._at]))
                del self._bytes[: self._at]
            else:
                self.dropped += 1
                del self._bytes[:2]  # the next begin may stand anywhere behind
            self._at, self._coded = 0, False
        return found

    def _is_begun(self) -> bool:
        """Whether a picture stands at the front; what stands before one is thrown away."""
        if self._at:
            return True
        begin = self._bytes.find(b"\xff\xd8\xff")
        if begin < 0:
            del self._bytes[:-2]  # the begin may be cut in two
            return False
        del self._bytes[:begin]
        self._at, self._coded = 2, False
        return True

    def _advance(self) -> "_Step":
        """Look further at the picture at the front; WHOLE: it ends at `_at`."""
        while len(self._bytes) <= _LARGEST:
            if self._coded and not self._skip_coded():
                return _Step.MORE
            if len(self._bytes) < self._at + 2:
                return _Step.MORE
            marker = self._bytes[self._at + 1]
            if self._bytes[self._at] != 0xFF or marker in (0x00, _SOI):
                return _Step.BROKEN
            if marker == _EOI:
                self._at += 2
                return _Step.WHOLE
            step = self._skip_segment(marker)
            if step is not _Step.WHOLE:
                return step
        return _Step.BROKEN

    def _skip_segment(self, marker: int) -> "_Step":
        """Go behind the segment of `marker`."""
        if marker == 0xFF:  # fill byte
            self._at += 1
            return _Step.WHOLE
        if marker in _ALONE:
            self._at += 2
            return _Step.WHOLE
        if len(self._bytes) < self._at + _LEAST:
            return _Step.MORE
        length = int.from_bytes(self._bytes[self._at + 2 : self._at + 4], "big")
        if length < 2:
            return _Step.BROKEN
        if len(self._bytes) < self._at + 2 + length:
            return _Step.MORE
        self._at += 2 + length
        self._coded = marker == _SOS
        return _Step.WHOLE

    def _skip_coded(self) -> bool:
        """Go to the next marker that ends entropy-coded data; False while it is not here yet."""
        while True:
            at = self._bytes.find(0xFF, self._at)
            if at < 0 or at + 1 >= len(self._bytes):
                self._at = len(self._bytes) if at < 0 else at
                return False
            follower = self._bytes[at + 1]
            if follower == 0x00 or follower in _ALONE:
                self._at = at + 2
            elif follower == 0xFF:
                self._at = at + 1
            else:
                self._at, self._coded = at, False
                return True


class _Step(Enum):
    """How far a look at some bytes came."""

    WHOLE = "whole"
    MORE = "more bytes are needed"
    BROKEN = "not what it began as"
