"""Rules for every test: offscreen, no leaked threads, no leaked child processes."""

import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
# A desktop's key ring may wait for somebody to unlock it; tests bring rings of their own.
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

import pytest
from fakes import FakeClock

_SHARED = Path(
    os.environ.get("EMBEREYE_SHARED", str(Path(__file__).resolve().parents[1] / ".." / "shared"))
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Third-party recordings beside the repository; skips where they are absent."""
    folder = _SHARED.resolve() / "data"
    if not folder.is_dir():
        pytest.skip("no recordings beside the repository (../shared/data)")
    return folder


@pytest.fixture(autouse=True)
def _no_leaks() -> Iterator[None]:
    before = set(threading.enumerate())
    children = {child.pid for child in multiprocessing.active_children()}
    yield
    leaked = _wait_gone(before)
    assert not leaked, f"threads left running: {[thread.name for thread in leaked]}"
    left = [c for c in multiprocessing.active_children() if c.pid not in children]
    assert not left, f"processes left running: {left}"


def _wait_gone(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads that still live 2 s after a test; ending ones get that long."""
    end = time.monotonic() + 2.0
    while True:
        leaked = [
            t
            for t in threading.enumerate()
            if t not in before and t.is_alive() and not isinstance(t, threading._DummyThread)
        ]
        if not leaked or time.monotonic() > end:
            return leaked
        gc.collect()
        time.sleep(0.01)
