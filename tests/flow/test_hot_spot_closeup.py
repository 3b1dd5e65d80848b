"""From a thermal sensor's hot spot to a flame in the picture that is too small otherwise."""

import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from scenes import flame
from scenes_fire import _DARK

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Device, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.detection import DetectionResult
from embereye.model.reading import Profile, ThermalFrame
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads

pytestmark = [pytest.mark.paced, pytest.mark.slow]

_SIZE = (1280, 720)
_WAIT = 40.0  # s; a loaded machine is slow, a detector starts in a second
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def _clip(path: Path) -> None:
    """6 s of a dark room in which a flame of some 12 × 30 pixels burns at (640, 360)."""
    noise = np.random.default_rng(3).normal(0, 6, (_SIZE[1], _SIZE[0], 3))
    room = np.clip(noise + np.array((60, 64, 66)), 0, 255).astype(np.float32)
    matrix = np.array([[0.25, 0, 640 - 40], [0, 0.25, 360 - 50]], np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "ultrafast", "crf": "16", "g": "10"}
        for index in range(60):
            glow = np.clip(flame(index / 10) - _DARK, 0, 400).astype(np.float32)
            glow[glow.max(axis=2) < 12] = 0
            moved = cv2.warpAffine(glow, matrix, _SIZE, flags=cv2.INTER_AREA)
            mixed = room * (1 - np.clip(moved[..., 2:] / 255, 0, 1)) + moved
            pixels = np.clip(mixed, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _highest(folder: Path, spot: float) -> float:
    """The highest fire score while a thermal sensor shows a spot of so many °C at the flame."""
    _clip(folder / "clip.mp4")
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    camera = Camera(id="c1", name="Yard", source=str(folder / "clip.mp4"))
    device = Device(id="d1", name="Head", camera="c1", alignment=_WHOLE)
    changes = {
        "cameras": (camera,),
        "devices": (device,),
        "sensors": Sensors(enabled=False),
        "detection": Detection(processes=1),
    }
    store.save(changes, 0)
    clock = SystemClock()
    site = Site(folder, store, FileSecrets(folder), PlainThreads(), clock, (folder,))
    program = Program(site)
    scores: list[float] = []
    program.engine.on(DetectionResult, lambda result: scores.append(result.fire))
    cells = np.full((24, 32), 22.0, np.float32)
    cells[11:12, 15:17] = spot
    program.start()
    try:
        end = time.monotonic() + _WAIT
        while time.monotonic() < end and max(scores, default=0.0) < 0.7 and len(scores) < 40:
            now = clock.now()
            program.engine.post(ThermalFrame("d1", now, Profile.MLX90640, cells, cells, spot))
            time.sleep(0.5)
    finally:
        program.stop()
    assert scores
    return max(scores)


def test_a_hot_spot_lets_a_flame_of_few_pixels_be_seen(tmp_path: Path) -> None:
    assert _highest(tmp_path, 90.0) >= 0.7


def test_without_heat_the_flame_is_too_small(tmp_path: Path) -> None:
    """Negative control."""
    assert _highest(tmp_path, 30.0) < 0.5
