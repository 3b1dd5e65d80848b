"""A PulseAudio server with a null sink, and what was played into it."""

import array
import math
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_RATE = 8000  # 1/s; enough to hear a siren
_READY = 10.0  # s until the server must answer


@dataclass
class NullSink:
    """A running server. `environment` makes programs play into it."""

    environment: dict[str, str]

    def loudness(self, seconds: float) -> float:
        """Record for `seconds`; the root mean square of it, 0–1."""
        recorder = subprocess.Popen(
            ["parec", "-d", "null.monitor", "--format=s16le", f"--rate={_RATE}", "--channels=1"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert recorder.stdout is not None
        try:
            content = recorder.stdout.read(round(seconds * _RATE) * 2)
        finally:
            recorder.kill()
            recorder.wait()
            recorder.stdout.close()
        values = array.array("h", content)
        return math.sqrt(sum(v * v for v in values) / max(1, len(values))) / 32768


@contextmanager
def null_sink(folder: Path) -> Iterator[NullSink]:
    """A sound server of its own with one sink that nobody hears; skips where there is none."""
    if not (shutil.which("pulseaudio") and shutil.which("parec")):
        pytest.skip("PulseAudio is not installed (apt-get install pulseaudio pulseaudio-utils)")
    place = folder / "pulse"
    place.mkdir(mode=0o700)
    socket = place / "native"
    environment = {
        **os.environ,
        "PULSE_SERVER": f"unix:{socket}",
        "PULSE_RUNTIME_PATH": str(place),
        "PULSE_STATE_PATH": str(place),
        "HOME": str(place),
        "XDG_RUNTIME_DIR": str(place),
    }
    server = subprocess.Popen(
        [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disallow-exit",
            "--load=module-null-sink sink_name=null",
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_ready(environment)
        yield NullSink(environment)
    finally:
        server.terminate()
        server.wait(10)


def _wait_ready(environment: dict[str, str]) -> None:
    end = time.monotonic() + _READY
    while subprocess.run(["pactl", "info"], env=environment, capture_output=True).returncode:
        if time.monotonic() > end:
            pytest.skip("the PulseAudio server does not start on this machine")
        time.sleep(0.05)
