"""Starts and kills `inbox_node.py`, and waits for devices that talk to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from servers.numbered_device import NumberedDevice

_NODE = Path(__file__).with_name("inbox_node.py")
_PATIENCE = 60.0  # s without the awaited acknowledgement: something is stuck


class InboxProcess:
    """One process after another on a folder; at most one at a time.

    Attributes:
        kills: So far.
    """

    def __init__(self, node: subprocess.Popen[str], folder: Path) -> None:
        self.kills = 0
        self._node = node
        self._folder = folder
        self._pid = 0

    def begin(self, variant: str) -> None:
        """Start; returns before its port is open."""
        assert self._node.stdin is not None
        self._node.stdin.write(f"{self._folder} {variant}\n")
        self._node.stdin.flush()
        self._pid = self._read("pid")

    def port(self) -> int:
        """Where it listens, once it does; what waited was played in before."""
        return self._read("port")

    def kill(self) -> None:
        """SIGKILL."""
        os.kill(self._pid, signal.SIGKILL)
        self.kills += 1
        assert self._read("ended") == signal.SIGKILL

    def end(self) -> None:
        """Stop it in order."""
        os.kill(self._pid, signal.SIGTERM)
        assert self._read("ended") == 0

    def _read(self, what: str) -> int:
        """The next thing of this kind that it says."""
        assert self._node.stdout is not None
        while True:
            said: dict[str, int] = json.loads(self._node.stdout.readline())
            if what in said:
                return said[what]


@contextmanager
def inbox_process(folder: Path) -> Iterator[InboxProcess]:
    """A loaded program that forks what is to be killed."""
    node = subprocess.Popen(
        [sys.executable, str(_NODE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_NODE.parents[2],
    )
    try:
        yield InboxProcess(node, folder)
    finally:
        assert node.stdin is not None
        node.stdin.close()
        node.wait(10)
        assert node.stdout is not None
        node.stdout.close()


def wait_for(devices: Sequence[NumberedDevice], acknowledged: int) -> None:
    """Until so many packets of all devices together are acknowledged."""
    end = time.monotonic() + _PATIENCE
    while sum(device.acknowledged for device in devices) < acknowledged:
        assert time.monotonic() < end, [device.client.trouble for device in devices]
        time.sleep(0.001)
