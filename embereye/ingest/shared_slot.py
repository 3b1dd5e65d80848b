"""Slots whose writer is a capture process and whose reader is the console."""

import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from embereye.model.errors import CameraUnsupported
from embereye.model.frame import Closeup, Frame, Pixels, Tile
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.newest import MemoryFull, NewestReader, NewestWriter

_log = logging.getLogger(__name__)

# seq, mono, utc, media; source size; rows and columns of the picture, rows, columns, x, y, width
# and height of the closeup (0 rows: none)
_FACTS = struct.Struct("<Qddd10I")
_PAGE = 4096  # bytes; capacities grow in these steps

Put = TypeVar("Put", Tile, Frame)


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """Where the pictures of one slot lie from now on; small enough for a pipe.

    Attributes:
        size: Wanted size of the tiles; None: the slot is that of detection.
    """

    camera: CameraId
    size: tuple[int, int] | None
    block: str
    capacity: int


class SharedSlot(Generic[Put]):
    """The writing end: copies each picture into shared memory. Lives in the capture thread.

    Nothing can be taken out of it here. `tell` is called whenever the memory is another one.
    """

    def __init__(
        self, camera: CameraId, size: tuple[int, int] | None, tell: Callable[[SlotPlace], None]
    ) -> None:
        self._camera, self._size, self._tell = camera, size, tell
        self._writer: NewestWriter | None = None
        self._where: SlotPlace | None = None
        self._closed = False
        self._lock = Lock()  # against `close` by the process's main thread

    @property
    def fresh(self) -> bool:
        return False

    def put(self, value: Put) -> None:
        """Publish; CameraUnsupported when the machine's shared memory is full."""
        near = value.closeup if isinstance(value, Frame) else None
        parts = [value.pixels] if near is None else [value.pixels, near.pixels]
        with self._lock:
            if self._closed:
                return
            writer = self._roomy(sum(part.nbytes for part in parts))
            writer.publish(_packed(value, near), *parts)

    def tell_again(self) -> None:
        """Say where the memory is: the reader may have let go of it meanwhile. Any thread."""
        with self._lock:
            if self._where is not None and not self._closed:
                self._tell(self._where)

    def take(self) -> Put | None:
        return None

    def peek(self) -> Put | None:
        return None

    def clear(self) -> None:
        """What was published stays until the reader lets go of the slot."""

    def close(self) -> None:
        """Free the memory; nothing is published any more."""
        with self._lock:
            self._closed = True
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _roomy(self, length: int) -> NewestWriter:
        if self._writer is not None and self._writer.capacity >= length:
            return self._writer
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        try:
            self._writer = NewestWriter(-(-length // _PAGE) * _PAGE)
        except MemoryFull as error:
            raise CameraUnsupported(str(error)) from None
        self._where = SlotPlace(self._camera, self._size, self._writer.name, self._writer.capacity)
        self._tell(self._where)
        return self._writer


class MirrorSlot(Generic[Put]):
    """The reading end; any thread.

    Attributes:
        put_count: Pictures that were published, as far as seen.
        replaced: Those that were superseded before anybody took them.
    """

    def __init__(self, unpack: Callable[[CameraId, bytes, Pixels], Put]) -> None:
        self.put_count = self.replaced = 0
        self._unpack: Callable[[CameraId, bytes, Pixels], Put] = unpack
        self._where: SlotPlace | None = None
        self._reader: NewestReader | None = None
        self._newest: Put | None = None
        self._untaken = False
        self._lock = Lock()

    @property
    def fresh(self) -> bool:
        """Whether there is a value that nobody took yet."""
        with self._lock:
            return self._untaken or (self._reader is not None and self._reader.fresh)

    def move(self, where: SlotPlace) -> None:
        """Read from this memory from now on."""
        with self._lock:
            if self._reader is not None:
                if where == self._where:
                    return  # told again
                self._reader.close()
            try:
                self._reader = NewestReader(where.block, where.capacity)
                self._where = where
            except ValueError as error:  # its process was killed, or went on to the next one
                self._reader = None
                _log.debug("camera %s: %s", where.camera, error)

    def put(self, value: Put) -> None:
        """Show this until its process publishes something."""
        with self._lock:
            self._newest, self._untaken = value, True

    def take(self) -> Put | None:
        """The newest value if it was not taken before, else None."""
        with self._lock:
            self._look()
            if not self._untaken:
                return None
            self._untaken = False
            return self._newest

    def peek(self) -> Put | None:
        """The newest value, taken or not; the same object until there is a newer one."""
        with self._lock:
            self._look()
            return self._newest

    def clear(self) -> None:
        """Forget the value and everything published so far."""
        with self._lock:
            self._look()
            self._newest, self._untaken = None, False

    def close(self) -> None:
        """Let go of the memory; the newest value stays."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _look(self) -> None:
        if self._reader is None or self._where is None:
            return
        before = self._reader.number
        found = self._reader.read()
        if found is None:
            return
        passed = self._reader.number - before
        self.put_count += passed
        self.replaced += passed - 1 + self._untaken
        self._newest, self._untaken = self._unpack(self._where.camera, *found), True


def unpacked_tile(camera: CameraId, facts: bytes, flat: Pixels) -> Tile:
    """What `SharedSlot.put` was given."""
    seq, mono, utc, _, width, height, rows, columns, *_ = _FACTS.unpack_from(facts)
    pixels = flat.reshape(rows, columns, 4)
    return Tile(camera, pixels, seq, Stamp(mono, utc), width, height)


def unpacked_frame(camera: CameraId, facts: bytes, flat: Pixels) -> Frame:
    """What `SharedSlot.put` was given."""
    seq, mono, utc, media, width, height, rows, columns, *near = _FACTS.unpack_from(facts)
    length = rows * columns * 3
    pixels = flat[:length].reshape(rows, columns, 3)
    closeup = None
    if near[0]:
        closeup = Closeup(flat[length:].reshape(near[0], near[1], 3), *near[2:])
    return Frame(camera, pixels, seq, Stamp(mono, utc), media, width, height, closeup)


def _packed(value: Tile | Frame, near: Closeup | None) -> bytes:
    rows, columns = value.pixels.shape[:2]
    media = value.media if isinstance(value, Frame) else 0.0
    close = (0,) * 6
    if near is not None:
        close = (*near.pixels.shape[:2], near.x, near.y, near.width, near.height)
    size = (value.source_width, value.source_height)
    at = value.at
    return _FACTS.pack(value.seq, at.mono, at.utc, media, *size, rows, columns, *close)
