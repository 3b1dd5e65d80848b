"""Limits of a child process that touches what strangers made."""

import contextlib
import os
import signal
import sys
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use from the moment on in which it confines itself.

    Attributes:
        memory: Bytes on top of what it has.
        seconds: Of processor time.
    """

    memory: int
    seconds: int


def confine(limits: Limits) -> None:
    """Bind the calling process for good; first thing before it touches anything foreign.

    It gets a process group of its own, no core dumps, and the limits where the system has any
    (Linux, macOS). Elsewhere the parent's watch (`grown`) alone keeps them.
    """
    if sys.platform == "win32":
        return
    import resource  # only there on POSIX systems

    with contextlib.suppress(OSError):  # it leads a group already
        os.setsid()
    # Address space, not memory: what is mapped already counts too, 1–2 GiB with onnxruntime.
    space = psutil.Process().memory_info().vms + limits.memory
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_AS, space),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # macOS does not take every limit
            resource.setrlimit(kind, (allowed, allowed))


def resident(pid: int | None) -> int:
    """Bytes of memory that a process holds, 0 when it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss) if pid is not None else 0
    except psutil.Error:
        return 0


def free_memory() -> int:
    """Bytes that processes can have without the machine swapping."""
    return int(psutil.virtual_memory().available)


def kill_group(pid: int | None) -> None:
    """End a confined process and whatever it started, at once."""
    if pid is None or sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        # Only if it leads a group: before `confine` it is still in ours.
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
