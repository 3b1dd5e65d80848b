"""A program whose cameras name a detector on another machine: from the settings to the verdict."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from servers.remote_detector import KEY, RemoteServer

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, RemoteDetector, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.ids import CameraId
from embereye.model.remote import RemoteCondition
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.services.remote_setup import KEY as SECRET

LONG = 60.0  # s that a busy machine may need
YARD, HALL = CameraId("yard"), CameraId("hall")


@pytest.fixture
def server() -> Iterator[RemoteServer]:
    with RemoteServer("wrong key") as server:
        server.label = "Forklift"  # nobody else sees those
        yield server


@pytest.fixture
def program(tmp_path: Path, server: RemoteServer) -> Iterator[Program]:
    for name in ("yard", "hall"):
        _clip(tmp_path / f"{name}.avi")
    data = tmp_path / "data"
    store = SettingsStore(Layers(user=data / "settings.toml"))
    remote = RemoteDetector(enabled=True, url=server.url, period=0.2)
    store.save(
        {
            "media_folders": (str(tmp_path),),
            "cameras": tuple(
                Camera(
                    id=name,
                    name=name,
                    source=str(tmp_path / f"{name}.avi"),
                    models="remote" if name == "yard" else "",
                )
                for name in ("yard", "hall")
            ),
            "detection": Detection(processes=1, remote=remote),
            "sensors": Sensors(enabled=False),
        },
        0,
    )
    secrets = FileSecrets(data)
    secrets.write(SECRET, KEY)
    program = Program(Site(data, store, secrets, PlainThreads(), SystemClock()))
    program.start()
    yield program
    program.stop()


def _clip(path: Path) -> None:
    """A grey yard with a red patch that flickers."""
    out = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (320, 240))
    random = np.random.default_rng(1)
    for _ in range(40):
        picture = np.full((240, 320, 3), 90, np.uint8)
        height = int(random.integers(30, 90))
        picture[200 - height : 200, 100:160] = (0, 0, 255)
        out.write(picture)
    out.release()


def _until(done: Callable[[], object]) -> None:
    end = time.monotonic() + LONG
    while not done():
        assert time.monotonic() < end, "the program did not get there"
        time.sleep(0.02)


def test_what_the_other_machine_sees_is_in_the_verdicts_of_its_camera(program, server):
    sightings = program.desk.sightings

    def seen() -> bool:
        result = sightings.current.get(YARD)
        return result is not None and any(b.label == "forklift" for b in result.detections)

    _until(seen)
    result = sightings.current[YARD]
    assert "remote" in result.detector
    assert result.source == (320, 240)
    hall = sightings.current.get(HALL)
    assert hall is None or all(box.label != "forklift" for box in hall.detections)
    assert set(server.keys) == {KEY}

    server.mode = "hang"
    _until(lambda: program.cameras.remote.current.failed > 0)
    before = sightings.current[YARD].frame_seq
    _until(lambda: sightings.current[YARD].frame_seq > before + 5)
    assert program.cameras.remote.current.condition in (
        RemoteCondition.WORKING,
        RemoteCondition.UNUSABLE,
    )
