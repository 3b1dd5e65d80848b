"""The ONVIF simulator as a process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from camera_parts import SERVERS

from embereye.ingest.onvif_camera import OnvifCamera
from embereye.ingest.source import Login
from embereye.runtime.clock import SystemClock

LOGIN = Login("bob", "canary-päss")


class Simulator:
    """A running camera; `tell` changes what it does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        ports = self._answer()
        self.port, self.discovery = int(ports["port"]), int(ports["discovery"])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def camera(self, login: Login | None = None) -> OnvifCamera:
        return OnvifCamera(self.address, login, SystemClock())

    def tell(self, word: str) -> Any:
        """A fault, "offset N", or "state"."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the simulator ended"
        return json.loads(line)


@contextmanager
def simulator(*options: str, login: Login | None = None) -> Iterator[Simulator]:
    """A camera on loopback."""
    command = [sys.executable, str(SERVERS / "onvif_simulator.py"), *options]
    command += ["--user", login.user, "--password", login.password] if login else []
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield Simulator(process)
    finally:
        process.kill()
        process.wait(5)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
