"""Lossless coding of a run of thermal frames of one device.

The words that the device sent come back bit for bit, so that temperatures can be computed again
later with a better calibration or emissivity. A blob holds up to `MOST_FRAMES` frames: head, times,
then the words as differences: the first frame from word to word, each later one from the frame
before. Differences are folded to small positive numbers (zig-zag), split into a plane of high and
one of low bytes, and packed by zlib.

Only runs and Huffman codes are used (Z_RLE): the low bytes are noise, in which searching for
repeated strings finds matches that cost more than they save. On the recorded session 15 frames
(one minute) shrink 5.2 times in 8 µs a frame; zlib's level 6 reaches 4.5 times in 41 µs.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import StorageError
from embereye.model.reading import PIXELS
from embereye.rules.radiometry import FRAME_WORDS

MOST_FRAMES = 64  # of one blob: a damaged head asks for 107 KB at most

_FORM = 1  # version of the blob
_HEAD = struct.Struct("<BBHI")  # version, frames, words of a frame, bytes of the packed times
_LENGTHS = (FRAME_WORDS, PIXELS)
_MEMORY = 9  # zlib's memLevel: larger blocks with a code table each, 1 % smaller than 8
_MICRO = 1e6  # times are kept in whole microseconds


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Frames of one device, in order.

    Attributes:
        utc: (n,) float64, seconds UTC of arrival.
        words: (n, 834) or (n, 768) uint16, native byte order.
    """

    utc: NDArray[np.float64]
    words: NDArray[np.uint16]

    def received(self, index: int) -> bytes:
        """One frame as the device sent it: big-endian words."""
        return bytes(self.words[index].astype(">u2").tobytes())


def encode(utc: Sequence[float], frames: Sequence[bytes]) -> bytes:
    """The blob of 1–`MOST_FRAMES` frames of equal length; ValueError for anything else.

    Args:
        utc: Seconds UTC of each frame; the first is kept beside the blob.
        frames: Big-endian words as received, 834 or 768 each.
    """
    count, length = len(frames), len(frames[0]) // 2 if frames else 0
    if not 1 <= count <= MOST_FRAMES or count != len(utc) or length not in _LENGTHS:
        raise ValueError(f"a run of {count} frames with {length} words and {len(utc)} times")
    if any(len(frame) != 2 * length for frame in frames):
        raise ValueError("the frames of a run differ in length")
    words = np.frombuffer(b"".join(frames), ">u2").astype(np.uint16).reshape(count, length)
    steps = words.copy()
    steps[1:] -= words[:-1]  # modulo 65,536: what wraps here unwraps in `decode`
    steps[0, 1:] -= words[0, :-1]
    folded = _fold(steps)
    planes = (folded >> 8).astype(np.uint8).tobytes() + folded.astype(np.uint8).tobytes()
    times = zlib.compress(_time_steps(utc).tobytes())
    return _HEAD.pack(_FORM, count, length, len(times)) + times + _packed(planes)


def decode(start: float, blob: bytes) -> Run:
    """The frames of a blob; about 10 µs a frame, so one of them costs as much as all.

    Args:
        start: Seconds UTC of the first frame.

    Raises:
        StorageError: The blob is damaged. No more than its rightful size is unpacked.
    """
    count, length, times, planes = _parts(blob)
    size = count * length
    body = np.frombuffer(_unpacked(planes, 2 * size), np.uint8).astype(np.uint16)
    folded = np.asarray((body[:size] << 8) | body[size:], np.uint16)
    steps = _unfold(folded).reshape(count, length)
    steps[0] = np.cumsum(steps[0], dtype=np.uint16)
    words = np.cumsum(steps, axis=0, dtype=np.uint16)
    return Run(_times(start, count, times), words)


def decode_times(start: float, blob: bytes) -> NDArray[np.float64]:
    """(n,) seconds UTC of the frames of a blob, without unpacking them.

    Raises:
        StorageError: The blob is damaged.
    """
    count, _, times, _ = _parts(blob)
    return _times(start, count, times)


def _time_steps(utc: Sequence[float]) -> NDArray[np.int64]:
    passed = np.asarray(utc, np.float64) - utc[0]
    return np.diff(np.round(passed * _MICRO), prepend=0.0).astype("<i8")


def _times(start: float, count: int, packed: bytes) -> NDArray[np.float64]:
    steps = np.frombuffer(_unpacked(packed, 8 * count), "<i8")
    return np.asarray(start + np.cumsum(steps, dtype=np.int64) / _MICRO)


def _fold(steps: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """0, -1, 1, -2 … become 0, 1, 2, 3 …"""
    signed = steps.view(np.int16)
    return np.asarray((steps << 1) ^ (signed >> 15).view(np.uint16))


def _unfold(folded: NDArray[np.uint16]) -> NDArray[np.uint16]:
    return np.asarray((folded >> 1) ^ (0 - (folded & 1)))


def _packed(planes: bytes) -> bytes:
    packer = zlib.compressobj(level=6, wbits=zlib.MAX_WBITS, memLevel=_MEMORY, strategy=zlib.Z_RLE)
    return packer.compress(planes) + packer.flush()


def _parts(blob: bytes) -> tuple[int, int, bytes, bytes]:
    """Number of frames, words of each, packed times, packed planes."""
    try:
        form, count, length, times = _HEAD.unpack_from(blob)
    except struct.error:
        raise _damaged("too short") from None
    if form != _FORM:
        raise _damaged(f"form {form} is unknown")
    if not 1 <= count <= MOST_FRAMES or length not in _LENGTHS:
        raise _damaged(f"{count} frames of {length} words")
    end = _HEAD.size + times
    return count, length, blob[_HEAD.size : end], blob[end:]


def _unpacked(packed: bytes, size: int) -> bytes:
    """Exactly `size` bytes that end where the packed ones end, with their check sum right."""
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(packed, size + 1)
    except zlib.error as error:
        raise _damaged(str(error)) from None
    if len(body) != size or not unpacker.eof or unpacker.unused_data:
        raise _damaged("wrong length")
    return body


def _damaged(why: str) -> StorageError:
    return StorageError(f"Stored thermal frames are damaged ({why}). Run 'embereye db check'.")
