"""The bare command: one owner, a polite end, options checked."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.paced

_WAIT = 20.0  # s for a console to start or end on a busy machine
_ENVIRONMENT = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def _start(folder: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "embereye", "--data-dir", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**_ENVIRONMENT, "EMBEREYE_SENSORS__PORT": "0"},
    )


def _wait_for_owner(folder: Path) -> None:
    end = time.monotonic() + _WAIT
    while not (folder / "run.json").exists() or "window" not in _log(folder):
        if time.monotonic() > end:
            raise AssertionError("the console did not start")
        time.sleep(0.05)


def _log(folder: Path) -> str:
    path = folder / "logs" / "embereye.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_signal_ends_the_console_in_order(tmp_path: Path, number: int) -> None:
    console = _start(tmp_path, "--safe-mode", "--kiosk", "--layout", "3x3")
    _wait_for_owner(tmp_path)
    console.send_signal(number)
    _, errors = console.communicate(timeout=_WAIT)
    assert console.returncode == 0, errors
    assert "left behind" not in _log(tmp_path)
    assert not (tmp_path / "run.json").exists()


def test_a_second_start_raises_the_first_and_ends_with_4(tmp_path: Path) -> None:
    first = _start(tmp_path)
    _wait_for_owner(tmp_path)
    second = _start(tmp_path)
    _, errors = second.communicate(timeout=_WAIT)
    assert second.returncode == 4
    assert "its window was raised" in errors
    end = time.monotonic() + _WAIT
    while "brought to the front" not in _log(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=_WAIT)
    assert "brought to the front" in _log(tmp_path)


@pytest.mark.parametrize("layout", ["0", "11", "0x0", "wide"])
def test_a_layout_that_does_not_exist_is_refused(tmp_path: Path, layout: str) -> None:
    console = _start(tmp_path, "--layout", layout)
    console.communicate(timeout=_WAIT)
    assert console.returncode == 2
