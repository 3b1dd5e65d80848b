"""The whole chain in the real console: RTSP and sockets in; tile, popup, siren and rows out."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from camera_parts import SERVERS, make_clip, rtsp_server
from null_sink import null_sink

from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Device, Place, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.ingest.simulate_thermal import centi27_words, room_with_spot
from embereye.ingest.thermal_words import words_to_hex
from embereye.storage.queries import Slice, actions, alarms

pytestmark = pytest.mark.serial

_WAIT = 30.0  # s for anything to appear; a busy machine starts Qt slowly
_BACK = 5.0  # s; R1: alarms are back this soon after a start
_CANARY = "cAn@ry:/7%x"
_RMS_OF_A_SIREN = 0.05  # the fire siren alone has about 0.3


class _Node:
    """A console process and what it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.began = time.monotonic()

    def until(self, what: str, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read what the console shows until `found`; fails after 30 s."""
        end = time.monotonic() + _WAIT
        shown: dict[str, Any] = {}
        assert self.process.stdout is not None
        while time.monotonic() < end:
            line = self.process.stdout.readline()
            assert line, f"the console ended while waiting for {what}"
            shown = json.loads(line)
            if found(shown):
                return shown
        raise AssertionError(f"no {what} within {_WAIT} s; last seen: {shown}")

    def say(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()


@contextmanager
def _console(folder: Path, environment: dict[str, str]) -> Iterator[_Node]:
    with (folder / "stderr.txt").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, str(SERVERS / "console_node.py"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**environment, "QT_QPA_PLATFORM": "offscreen"},
        )
    try:
        yield _Node(process)
    finally:
        process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def _settle(folder: Path, source: str) -> None:
    """Settings of one place with one camera and one device."""
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    camera = Camera(id="one", name="Boiler house", source=source, place="boiler", user="viewer")
    device = Device(id="4711", name="Thermal", place="boiler", camera="one", profile="centi27")
    store.save(
        {
            "places": (Place(id="boiler", name="Boiler house 2"),),
            "cameras": (camera,),
            "devices": (device,),
            "sensors": Sensors(port=0),
            "detection": Detection(processes=1),
        },
        0,
    )
    FileSecrets(folder).write("camera/one", _CANARY)


def _heat(port: int, until: Callable[[], object]) -> object:
    """Send a frame with 183 °C five times a second, in a thread's stead, while `until` runs."""
    words = centi27_words(room_with_spot(24.0, 183.0, 12, 16, 3.0), np.random.default_rng(1))
    frame = b"#frame4711:" + words_to_hex(words).encode() + b"!\r\n"
    sender = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket,sys,time\n"
            "s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n"
            "d=sys.stdin.buffer.read()\n"
            "while True: s.sendall(d); time.sleep(0.2)",
            str(port),
        ],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert sender.stdin is not None
    sender.stdin.write(frame)
    sender.stdin.close()
    try:
        return until()
    finally:
        sender.kill()
        sender.wait(5)


def _fire(shown: dict[str, Any]) -> bool:
    return any(p["visible"] and "thermal max" in p["reasons"][0] for p in shown["popups"])


def test_from_camera_and_packet_to_popup_siren_rows_and_back_after_a_kill(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    folder = tmp_path / "data"
    folder.mkdir()
    with (
        null_sink(tmp_path) as sink,
        rtsp_server(clip, auth="digest", user="viewer", password=_CANARY) as server,
    ):
        _settle(folder, server.url("clip"))
        with _console(folder, sink.environment) as node:
            shown = node.until("picture", lambda s: s["tiles"].get("one", {}).get("colours", 0) > 3)
            assert shown["tiles"]["one"]["live"]
            assert sink.loudness(0.5) < _RMS_OF_A_SIREN
            shown = _heat(shown["port"], lambda: node.until("popup", _fire))  # type: ignore[assignment]
            (alarm,) = (p["alarm"] for p in shown["popups"])
            rows = alarms(folder, Slice())
            assert [(r["id"], r["place_name"], r["state"]) for r in rows] == [
                (alarm, "Boiler house 2", "unacknowledged")
            ]
            assert sink.loudness(1.0) > _RMS_OF_A_SIREN
            os.kill(node.process.pid, signal.SIGKILL)

        with _console(folder, sink.environment) as node:
            shown = node.until("the alarm again", lambda s: bool(s["popups"]))
            assert shown["popups"][0]["state"] == "unacknowledged"
            assert shown["popups"][0]["alarm"] == alarm
            # The console has just been started; its sound player takes a few seconds to load.
            assert any(sink.loudness(1.0) > _RMS_OF_A_SIREN for _ in range(10))
            node.say("acknowledge")
            node.until("acknowledged", lambda s: s["open"] == {str(alarm): "acknowledged"})
            assert "acknowledge" in [a["event"] for a in actions(folder, alarm)]
            assert sink.loudness(1.0) < _RMS_OF_A_SIREN
            node.say("quit")
            assert node.process.wait(_WAIT) == 0
    _assert_no_secret(folder)


def _assert_no_secret(folder: Path) -> None:
    """R20: the password is nowhere, raw or encoded."""
    forms = {_CANARY, quote(_CANARY, safe=""), quote(_CANARY)}
    files = [p for p in folder.rglob("*") if p.is_file()]
    assert any(p.name == "embereye.log" for p in files)
    found = [
        (file.name, form) for file in files for form in forms if form.encode() in file.read_bytes()
    ]
    assert found == []


def test_a_port_in_use_is_a_fault_in_words_and_hides_nothing(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    with socket.create_server(("127.0.0.1", 0)) as other, rtsp_server(clip) as server:
        _settle(tmp_path, server.url("clip"))
        store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
        taken = Sensors(port=other.getsockname()[1])
        store.save({"sensors": taken}, store.current.revision)
        with _console(tmp_path, dict(os.environ)) as node:
            node.until("a fault", lambda s: bool(s["open"]))
            node.until("picture", lambda s: s["tiles"].get("one", {}).get("colours", 0) > 3)
    texts = " ".join(str(row["reasons"]) for row in alarms(tmp_path, Slice()))
    assert "choose another port in the settings (sensors.port)" in texts
