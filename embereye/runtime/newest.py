"""The newest picture of one producer in shared memory: one process writes, another one reads.

Nothing waits: the writer fills one of three buffers in turn and then counts up, and a reader that
copied a buffer looks whether it was overwritten meanwhile. A picture is either whole or not there.
"""

import contextlib
import logging
import os
import shutil
import struct
import weakref
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from threading import Lock

import numpy as np

from embereye.model.frame import Pixels
from embereye.runtime.frames import attached, created, discard

_log = logging.getLogger(__name__)

FACTS = 160  # bytes that may come with a picture

_BUFFERS = 3  # a reader has two periods to copy one
_START = 64  # one cache line: the number of the newest picture
_HEAD = 192  # number, length and facts of one buffer
_COUNT = struct.Struct("<Q")
_NUMBERS = struct.Struct("<QQ")
_TRIES = 4  # copies that were overwritten before a reader comes back later
_SPARE = 16 << 20  # bytes of shared memory left for everybody else
_SHARED = "/dev/shm"  # noqa: S108 - POSIX memory


class MemoryFull(Exception):
    """This machine's shared memory has no room for one more picture."""


class NewestWriter:
    """The writing end; owns the memory. Lives in one thread.

    Args:
        capacity: Bytes of the largest picture.

    Raises:
        MemoryFull: a write into memory that the system cannot provide would kill the process.
    """

    def __init__(self, capacity: int) -> None:
        size = _START + _BUFFERS * (_HEAD + capacity)
        if os.path.isdir(_SHARED) and shutil.disk_usage(_SHARED).free < size + _SPARE:
            raise MemoryFull(
                "The shared memory of this machine is full (/dev/shm). Give it more, or set "
                "capture.processes to 0."
            )
        self.capacity = capacity
        self._memory = created(size)
        self._number = 0
        # A reader that was left behind may make one after everything was closed.
        self._remove = weakref.finalize(self, discard, self._memory)

    @property
    def name(self) -> str:
        """What the reader attaches to."""
        return self._memory.name

    def publish(self, facts: bytes, *parts: Pixels) -> None:
        """Make these C-contiguous pictures, together at most `capacity` bytes, the newest ones.

        `facts`: At most `FACTS` bytes that tell what they are.
        """
        length = sum(part.nbytes for part in parts)
        if length > self.capacity or len(facts) > FACTS:
            raise ValueError(f"{length} bytes do not fit into {self.capacity}")
        buffer = self._memory.buf
        assert buffer is not None
        number = self._number + 1
        at = _place(number, self.capacity)
        _NUMBERS.pack_into(buffer, at, 0, length)  # nobody may take it while it is written
        buffer[at + _NUMBERS.size : at + _NUMBERS.size + len(facts)] = facts
        start = at + _HEAD
        for part in parts:
            target = np.ndarray(part.shape, np.uint8, buffer, start)
            np.copyto(target, part)
            start += part.nbytes
        _COUNT.pack_into(buffer, at, number)
        _COUNT.pack_into(buffer, 0, number)
        self._number = number

    def close(self) -> None:
        """Give the memory back; readers keep what they have mapped."""
        self._remove()


class NewestReader:
    """The reading end. Any thread; `number` counts what was published up to the last `read`.

    Raises:
        ValueError: the memory is gone.
    """

    def __init__(self, name: str, capacity: int) -> None:
        self.number = 0
        self._capacity = capacity
        self._memory: SharedMemory | None = attached(name)
        self._lock = Lock()  # closing the mapping below a running copy would crash the process

    @property
    def fresh(self) -> bool:
        """Whether something was published that was not yet read."""
        with self._lock:
            return self._newest() != self.number

    def read(self) -> tuple[bytes, Pixels] | None:
        """Facts (`FACTS` bytes, padded) and a copy of all bytes; None when there is none newer."""
        with self._lock:
            for _ in range(_TRIES):
                number = self._newest()
                if number in (0, self.number):
                    return None
                found = self._copied(number)
                if found is not None:
                    self.number = number
                    return found
        return None

    def close(self) -> None:
        """Unmap the memory."""
        with self._lock:
            memory, self._memory = self._memory, None
            if memory is not None:
                memory.close()

    def _newest(self) -> int:
        if self._memory is None:
            return self.number
        assert self._memory.buf is not None
        return int(_COUNT.unpack_from(self._memory.buf, 0)[0])

    def _copied(self, number: int) -> tuple[bytes, Pixels] | None:
        assert self._memory is not None
        assert self._memory.buf is not None
        buffer = self._memory.buf
        at = _place(number, self._capacity)
        begun, length = _NUMBERS.unpack_from(buffer, at)
        if begun != number or length > self._capacity:
            return None
        facts = bytes(buffer[at + _NUMBERS.size : at + _NUMBERS.size + FACTS])
        pixels: Pixels = np.ndarray((length,), np.uint8, buffer, at + _HEAD).copy()
        still = _COUNT.unpack_from(buffer, at)[0] == number
        return (facts, pixels) if still else None


def remove_all_of(pid: int) -> None:
    """Remove the memory of a process of ours that ended; harmless when there is none.

    Linux only: macOS does not list such memory and removes it when the program ends, on Windows
    it went with its process.
    """
    for file in Path(_SHARED).glob(f"embereye-{pid}-*"):
        with contextlib.suppress(FileNotFoundError):
            # Not by the file alone: the resource tracker of multiprocessing knows the name.
            discard(SharedMemory(file.name))
            _log.debug("removed the shared memory %s of a process that ended", file.name)


def _place(number: int, capacity: int) -> int:
    return _START + number % _BUFFERS * (_HEAD + capacity)
