"""Pictures in shared memory between our own processes: copied, never pickled."""

import contextlib
import logging
import os
import secrets
import sys
import weakref
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from threading import Lock

import numpy as np

from embereye.model.frame import Pixels

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlotPicture:
    """Where a picture lies; small enough for a pipe.

    Attributes:
        block: Name of the shared memory.
        offset: First byte.
        shape: (height, width, channels), uint8, C order.
    """

    block: str
    offset: int
    shape: tuple[int, int, int]


def remove_leftovers(folder: Path = Path("/dev/shm")) -> list[str]:  # noqa: S108 - POSIX memory
    """Remove memory of our own whose process was killed; the names removed.

    The kernel keeps it until a restart otherwise. Linux only: elsewhere nothing is left over.
    """
    gone = []
    for file in folder.glob("embereye-*-*"):
        owner = file.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):  # another user's, or somebody was faster
                file.unlink()
                gone.append(file.name)
    return gone


class FrameBlock:
    """Shared memory with `slots` places of `capacity` bytes, owned by the process that made it.

    Any thread may `put` and `take`; who may use which slot when is agreed elsewhere (the pool
    sends one message per picture). Pictures are copied in and out under a lock, since a NumPy
    view does not keep the mapping alive: closing it below a running copy would crash the process.
    The memory disappears with `close` and at the latest when the owning process ends.
    """

    def __init__(self, slots: int, capacity: int) -> None:
        self.slots, self.capacity = slots, capacity
        self._memory = created(slots * capacity)
        self._lock = Lock()
        self._remove = weakref.finalize(self, discard, self._memory)

    @property
    def name(self) -> str:
        """What another process of ours attaches to."""
        return self._memory.name

    def put(self, slot: int, pixels: Pixels) -> SlotPicture:
        """Copy a picture of at most `capacity` bytes into a slot.

        Raises:
            ValueError: it does not fit, or the block is closed.
        """
        height, width, channels = pixels.shape
        if pixels.nbytes > self.capacity or not 0 <= slot < self.slots:
            raise ValueError(f"{pixels.nbytes} bytes do not fit into slot {slot}")
        where = SlotPicture(self.name, slot * self.capacity, (height, width, channels))
        with self._lock:
            if not self._remove.alive:
                raise ValueError("the block is closed")
            np.copyto(_view(self._memory, where), pixels)
        return where

    def take(self, where: SlotPicture) -> Pixels:
        """A copy of the picture.

        Raises:
            ValueError: it lies elsewhere, or the block is closed.
        """
        with self._lock:
            if not self._remove.alive:
                raise ValueError("the block is closed")
            return _copied(self._memory, where)

    def close(self) -> None:
        """Give the memory back; doing it twice does no harm."""
        with self._lock:
            self._remove()


class FrameReader:
    """Reads (and writes) blocks that another process of ours owns. Lives in one thread.

    It follows the owner from block to block: only the newest one stays mapped.
    """

    def __init__(self) -> None:
        self._memory: SharedMemory | None = None

    def take(self, where: SlotPicture) -> Pixels:
        """A copy of the picture.

        Raises:
            ValueError: the block is gone, or the picture lies outside it.
        """
        if self._memory is None or self._memory.name != where.block:
            self.close()
            self._memory = attached(where.block)
        return _copied(self._memory, where)

    def close(self) -> None:
        """Unmap; the owner removes the memory itself."""
        if self._memory is not None:
            self._memory.close()
            self._memory = None


def created(size: int) -> SharedMemory:
    """New memory of our own, under a name by which `remove_leftovers` knows its process."""
    name = f"embereye-{os.getpid()}-{secrets.token_hex(4)}"
    return SharedMemory(name, create=True, size=size)


def discard(memory: SharedMemory) -> None:
    """Unmap memory of our own and remove it; harmless when somebody else did."""
    with contextlib.suppress(OSError, BufferError):
        memory.close()
    try:
        memory.unlink()
    except FileNotFoundError:
        _log.debug("shared memory %s was removed by somebody else", memory.name)


def attached(name: str) -> SharedMemory:
    """Memory that another process of ours owns; ValueError when it is gone."""
    try:
        if sys.version_info >= (3, 13):
            return SharedMemory(name, track=False)
        # Older versions register the name with the resource tracker again. Children started by
        # spawn share the owner's tracker, where a name counts once and the owner removes it.
        return SharedMemory(name)
    except FileNotFoundError:
        raise ValueError(f"shared memory {name} is gone") from None


def _view(memory: SharedMemory, where: SlotPicture) -> Pixels:
    if where.block != memory.name:
        raise ValueError("the picture lies in another block")
    size = where.shape[0] * where.shape[1] * where.shape[2]
    if where.offset < 0 or size <= 0 or where.offset + size > memory.size:
        raise ValueError("the picture lies outside the block")
    assert memory.buf is not None
    buffer = memory.buf[where.offset : where.offset + size]
    return np.ndarray(where.shape, dtype=np.uint8, buffer=buffer)


def _copied(memory: SharedMemory, where: SlotPicture) -> Pixels:
    return _view(memory, where).copy()
