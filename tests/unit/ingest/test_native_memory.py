"""The limit for single allocations of libav."""

import subprocess
import sys

from embereye.ingest.native_memory import limit_native_memory

_PROOF = """
import av
from embereye.ingest.native_memory import limit_native_memory
av.Packet(90 << 20)
assert limit_native_memory()
av.Packet(70 << 20)
try:
    av.Packet(90 << 20)
except MemoryError:
    print("refused")
"""


def test_it_works_on_this_system() -> None:
    assert limit_native_memory()


def test_libav_takes_no_larger_piece_of_memory() -> None:
    """In a process of its own, which also shows that it could before."""
    done = subprocess.run(
        [sys.executable, "-c", _PROOF], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "refused\n", done.stderr
