"""A device enrolled on the command line while the program runs: in, and out again within 1 s."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from embereye.config.load import Layers
from embereye.config.schema import Detection, Logging, Sensors
from embereye.config.store import SettingsStore
from embereye.ingest import enrolment_text
from embereye.ingest.auth_client import ClientKey
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import SimulatedDevice
from embereye.runtime.clock import SystemClock
from embereye.storage.database import EVIDENCE_FILE, read_all

_WAIT = 20.0  # s; a loaded machine starts slowly
_ENVIRONMENT = {
    **os.environ,
    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
}


def _command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "embereye", "--data-dir", str(folder), *words]


def _run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        _command(folder, *words), capture_output=True, text=True, timeout=60, env=_ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _until(met: Callable[[], object], wait: float = _WAIT) -> None:
    end = time.monotonic() + wait
    while not met():
        assert time.monotonic() < end, "the program did not get that far"
        time.sleep(0.02)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    """A running program without cameras; its data directory."""
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    quiet = {"detection": Detection(enabled=False), "logging": Logging(level="DEBUG")}
    store.save({"sensors": Sensors(port=0), **quiet}, 0)
    process = subprocess.Popen(
        _command(tmp_path, "run", "--headless"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_ENVIRONMENT,
    )
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        assert b"0 cameras" in greeting
        assert bytes(tmp_path) in greeting
        _until(lambda: (tmp_path / "run.json").exists() and _port(tmp_path))
        yield tmp_path
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=_WAIT)
    assert process.returncode == 0


def _port(folder: Path) -> int:
    found = re.search(r"listening on \S+ port (\d+)", _log(folder))
    return int(found[1]) if found else 0


def _log(folder: Path) -> str:
    path = folder / "logs" / "embereye.log"
    return path.read_text() if path.exists() else ""


def _stored(folder: Path) -> int:
    """The newest number of the device that is on the disk."""
    rows = read_all(folder / EVIDENCE_FILE, "SELECT max(seq) AS seq FROM inbox_progress")
    return int(rows[0]["seq"] or 0)


def _enrol(folder: Path, do: str = "enrol") -> ClientKey:
    path = folder / f"{do}.txt"
    _run(folder, "devices", do, "boiler-1", "--out", str(path))
    key = enrolment_text.read(path.read_text())
    return ClientKey(key.kid, key.secret)


@contextmanager
def _device(port: int, key: ClientKey | None) -> Iterator[DeviceSimulator]:
    played = SimulatedDevice("boiler-1", rate=10.0, key=key)
    simulator, stop = DeviceSimulator("127.0.0.1", port, [played], SystemClock()), Event()
    thread = Thread(target=simulator.run, args=(stop,))
    thread.start()
    try:
        yield simulator
    finally:
        stop.set()
        thread.join(_WAIT)


@pytest.mark.paced
def test_an_enrolled_device_is_heard_until_a_second_after_it_was_revoked(program: Path) -> None:
    with _device(_port(program), _enrol(program)):
        _until(lambda: _stored(program) > 10)
        _run(program, "devices", "revoke", "boiler-1")
        time.sleep(1.0)
        out = _stored(program)
        time.sleep(1.0)
        assert _stored(program) == out
    assert "revoked" in _run(program, "list", "audit").lower()


@pytest.mark.paced
def test_a_rotated_key_reaches_the_device_and_both_are_heard(program: Path) -> None:
    with _device(_port(program), _enrol(program)):
        _until(lambda: _stored(program) > 5)
        rotated = _enrol(program, "rotate")
        before = _stored(program)
        _until(lambda: _stored(program) > before + 5)
    with _device(_port(program), rotated) as simulator:
        _until(lambda: simulator.commands)  # only genuine ones count: both sides have this key


@pytest.mark.paced
def test_an_enrolled_id_is_not_heard_without_its_key(program: Path) -> None:
    _enrol(program)
    with _device(_port(program), None) as simulator:
        _until(lambda: simulator.sent > 3)
        _until(lambda: "of a device that has a key" in _run(program, "list", "audit"))
    assert _stored(program) == 0
