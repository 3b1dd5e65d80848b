"""R20: a canary password appears in no log, database, argument, export or message."""

import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from camera_parts import make_clip, rtsp_server

from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Logging, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.runtime.logs import Logs, RedactingFormatter

_CANARY = "cAn@ry:/7%x"
_FORMS = {_CANARY, quote(_CANARY, safe=""), quote(_CANARY)}
_WAIT = 20.0  # s


def _leaks(folder: Path, *texts: str) -> list[str]:
    """Where the canary stands, raw or encoded: files below `folder`, and these texts."""
    places = {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    places.update({f"text {i}": text.encode() for i, text in enumerate(texts)})
    return [n for n, content in places.items() if any(f.encode() in content for f in _FORMS)]


def _embereye(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "embereye", "--data-dir", str(folder), *arguments]


def _settle(folder: Path, right: str, wrong: str) -> None:
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    common = {"user": "viewer", "open_timeout": 2.0, "detect": False}
    store.save(
        {
            "cameras": (
                Camera(id="right", name="Right", source=right, **common),
                Camera(id="wrong", name="Wrong", source=wrong, **common),
                Camera(id="gone", name="Gone", source="rtsp://127.0.0.1:9/x", **common),
            ),
            "sensors": Sensors(enabled=False),
            "detection": Detection(enabled=False),
            "logging": Logging(level="DEBUG"),
        },
        0,
    )
    for camera in ("right", "wrong", "gone"):
        FileSecrets(folder).write(f"camera/{camera}", _CANARY)


def _wait_for(found: Callable[[], object]) -> None:
    end = time.monotonic() + _WAIT
    while not found():
        if time.monotonic() > end:
            raise AssertionError("the program did not get that far")
        time.sleep(0.05)


def test_the_canary_appears_nowhere_in_a_whole_run(tmp_path: Path) -> None:
    clip, folder = make_clip(tmp_path / "clip.mp4"), tmp_path / "data"
    folder.mkdir()
    login = {"auth": "digest", "user": "viewer"}
    with (
        rtsp_server(clip, password=_CANARY, **login) as right,
        rtsp_server(clip, password="another", **login) as wrong,
    ):
        _settle(folder, right.url("clip"), wrong.url("clip"))
        program = subprocess.Popen(
            _embereye(folder, "run", "--headless"),
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
        )
        log = folder / "logs" / "embereye.log"
        try:
            _wait_for(log.exists)
            for words in ("right.* live", "wrong.* wrong password", "gone.* no signal"):
                _wait_for(lambda words=words: re.search(f"camera {words}", log.read_text()))
        except AssertionError:
            program.kill()
            program.communicate()
            raise
        arguments = Path(f"/proc/{program.pid}/cmdline").read_text()
        exports = [
            subprocess.run(_embereye(folder, *words), capture_output=True, text=True).stdout
            for words in (("config", "show", "--json"), ("list", "cameras", "--json"))
        ]
        program.send_signal(signal.SIGTERM)
        _, errors = program.communicate(timeout=_WAIT)
    assert program.returncode == 0
    assert '"viewer"' in exports[0]
    assert _leaks(folder, arguments, errors, *exports) == []


def test_a_log_without_redaction_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the search finds a canary that a plain log lets through."""
    monkeypatch.setattr(RedactingFormatter, "format", logging.Formatter.format)
    logs = Logs(tmp_path, "INFO")
    logging.getLogger("embereye.test").info(
        "opening rtsp://viewer:%s@host/", quote(_CANARY, safe="")
    )
    logs.stop()
    assert _leaks(tmp_path) != []
