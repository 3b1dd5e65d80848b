"""The demonstration as a user starts it: the whole pipeline, nothing special-cased."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embereye.demo.scenario import embedded

pytestmark = pytest.mark.serial

_SECONDS = 30  # the embedded fires begin at 6 to 8 s, the hot device at 8 s
_KEPT = 0.95  # of due frames


def _demo(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "embereye", "demo", "--headless", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=_SECONDS + 60,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _check_cameras(summary: dict[str, Any]) -> None:
    assert {camera["state"] for camera in summary["cameras"]} == {"live"}
    lost = {
        c["id"]: c["delivered"] / c["due"]
        for c in summary["cameras"]
        if c["delivered"] < _KEPT * c["due"]
    }
    assert lost == {}


def _check_alarms(summary: dict[str, Any]) -> None:
    fires = [a for a in summary["alarms"] if a["kind"] == "fire" and a["priority"] == "emergency"]
    sources = {source.split()[0] for alarm in fires for source in alarm["sources"]}
    assert sources == {"camera", "device"}
    assert summary["rows"]["alarms"] >= len({a["place"] for a in fires})
    assert summary["latency_ms"]["p95"] is not None


def test_the_embedded_demo_finds_its_fires_and_only_those() -> None:
    summary = _demo("--seconds", str(_SECONDS))
    _check_cameras(summary)
    _check_alarms(summary)
    alarmed = {camera["id"] for camera in summary["cameras"] if camera["alarms"]}
    assert alarmed == embedded(None).fire
    devices = {device["id"]: device for device in summary["devices"]}
    assert devices["4711"]["alarms"]
    assert all(d["calibrated"] and d["corrupt"] == 0 for d in devices.values())


def test_the_demo_runs_on_real_recordings(shared_data: Path) -> None:
    summary = _demo(
        "--seconds", str(_SECONDS),
        "--media", str(shared_data / "media" / "video"),
        "--device-session", str(shared_data / "mlx90640" / "device_session.txt"),
    )  # fmt: skip
    _check_cameras(summary)
    _check_alarms(summary)
    recorded = next(d for d in summary["devices"] if d["id"] == "1234")
    assert recorded["profile"] == "mlx90640"
    assert recorded["calibrated"]
    assert 25.0 < recorded["max_celsius"] < 31.0
    assert recorded["alarms"] == []


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--media", "/nowhere"), "is not a folder"),
        (("--media", "."), "holds no video file"),
        (("--device-session", "/nowhere"), "is not a file"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(
    arguments: tuple[str, str], text: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "embereye", "demo", "--headless", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_display_the_demo_offers_headless() -> None:
    without = {k: v for k, v in os.environ.items() if not k.endswith("DISPLAY")}
    without.pop("QT_QPA_PLATFORM", None)
    done = subprocess.run(
        [sys.executable, "-m", "embereye", "demo"],
        capture_output=True,
        text=True,
        timeout=60,
        env=without,
    )
    assert done.returncode == 1
    assert "--headless" in done.stderr
