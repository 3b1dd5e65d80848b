"""Models come, change and fail while the whole program runs; no camera is lost for that."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from tiny_models import FLAME, flame_model

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Capture, Detection, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads

_ONE, _TWO = CameraId("one"), CameraId("two")


class _Running:
    """The program without windows, on two test cards and one detector process."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        cameras = [Camera(id=i, name=i.title(), source="testcard:320x240") for i in (_ONE, _TWO)]
        parts = {"cameras": tuple(cameras), "detection": Detection(processes=1)}
        store.save({**parts, "sensors": Sensors(port=0), "capture": Capture(processes=0)}, 0)
        site = Site(folder, store, FileSecrets(folder), PlainThreads(), self.clock)
        self.program = Program(site)
        self.desk = self.program.desk
        self.program.start()

    def until(self, met: Callable[[], bool], seconds: float = 40.0) -> None:
        tick, end = Event(), self.clock.mono() + seconds
        while not met():
            assert self.clock.mono() < end, f"not within {seconds} s: {self.desk.detections()}"
            tick.wait(0.05)

    def ask(self, do: str, **more: object) -> dict[str, object]:
        return self.program.devices.answer({"ask": "models", "do": do, "actor": "ada", **more})

    def choose(self, models: str) -> None:
        self.desk.ask(EditCameraAsked(_ONE, {"models": models}, "ada"))

    def detector(self, camera: CameraId) -> str:
        found = self.desk.detections().get(camera)
        return "" if found is None else found.detector


@pytest.fixture
def running(tmp_path: Path) -> Iterator[_Running]:
    made = _Running(tmp_path / "data")
    yield made
    made.program.stop()


def test_models_change_while_the_program_runs(running: _Running, tmp_path: Path) -> None:
    running.until(lambda: bool(running.detector(_ONE) and running.detector(_TWO)))
    plain = running.detector(_TWO)
    first = flame_model(tmp_path / "first.onnx")
    assert running.ask("import", path=str(first), name="flames") == {
        "ok": True,
        "model": "flames 1",
    }

    running.choose("flames")
    running.until(lambda: "flames 1" in running.detector(_ONE))
    assert running.detector(_TWO) == plain

    second = flame_model(tmp_path / "second.onnx", FLAME * 0.9)
    assert running.ask("import", path=str(second), name="flames")["ok"]
    running.until(lambda: "flames 2" in running.detector(_ONE))
    assert running.ask("activate", name="flames", version="1")["ok"]
    running.until(lambda: "flames 1" in running.detector(_ONE))
    assert running.ask("remove", name="flames", version="2")["ok"]
    assert "One" in str(running.ask("remove", name="flames", version="1")["problem"])

    running.choose("flames, dogs")
    running.until(lambda: any("dogs" in r for a in _open(running) for r in a.reasons))
    assert "flames 1" in running.detector(_ONE)
    assert running.detector(_TWO) == plain
    pool = running.program.cameras.feeder.current.pool
    assert pool is not None
    assert pool.restarts == 0


def _open(running: _Running) -> tuple[object, ...]:
    return running.desk.alarms().alarms
