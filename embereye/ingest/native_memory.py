"""A limit for what libav may allocate in one piece, so that no camera can fill the memory.

libav reserves whatever an answer announces: a description of 2 GB is received into memory in full
(measured: 1.9 GB for the 4 s of one attempt). It has a limit for that, which PyAV does not show.
"""

import ctypes
import logging
from functools import cache
from pathlib import Path

import av

_log = logging.getLogger(__name__)

# Bytes. The largest plane of a picture: 7680 × 4320 at 10 bits are 66 MB. Packets, descriptions
# and indexes are far below.
_LARGEST = 80 << 20
_FUNCTION = "av_max_alloc"  # since 2012, libavutil/mem.h: "Set the maximum size that may be …"
_BINARY = (".so", ".pyd")


@cache
def limit_native_memory() -> bool:
    """Limit every single allocation of libav in this process; whether that could be done."""
    for library in _libraries():
        try:
            limit = getattr(ctypes.CDLL(str(library)), _FUNCTION)
        except (OSError, AttributeError):  # another library of the folder, or one that is hidden
            continue
        limit.argtypes, limit.restype = [ctypes.c_size_t], None
        limit(_LARGEST)
        return True
    _log.warning("The memory of video libraries cannot be limited on this system.")
    return False


def _libraries() -> list[Path]:
    """Where libavutil may be: beside PyAV's wheel, else behind its core module, which links it."""
    package = Path(av.__file__).parent
    bundled = sorted(package.parent.glob("av.libs/*avutil*"))
    bundled += sorted(package.glob(".dylibs/*avutil*"))
    return [*bundled, *(file for file in package.glob("_core*") if file.suffix in _BINARY)]
