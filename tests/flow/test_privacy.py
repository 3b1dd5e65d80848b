"""From a mask that somebody draws to pictures without what it covers, in the running program."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embereye.app import Program, Site
from embereye.config.camera_options import Capture
from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.camera_messages import EditCameraAsked, SnapshotSaved
from embereye.model.frame import Frame, Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.storage.queries import Slice, audit

pytestmark = pytest.mark.paced

_WAIT = 30.0  # s; processes start slowly on a busy machine
_CARD = CameraId("card")
_SIZE = (640, 480)
_QUARTER = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]]


@contextmanager
def _running(folder: Path, processes: int) -> Iterator[Program]:
    store = SettingsStore(Layers(folder / "settings.toml", environment={}))
    camera = Camera(id="card", name="Card", source="testcard:640x480")
    changes = {
        "cameras": (camera,),
        "capture": Capture(processes=processes),
        "sensors": Sensors(enabled=False),
        "detection": Detection(processes=1),
    }
    store.save(changes, 0)
    site = Site(folder, store, FileSecrets(folder), PlainThreads(), SystemClock())
    program = Program(site)
    program.start()
    try:
        program.desk.demand([ViewDemand(_CARD, (_SIZE,))])
        yield program
    finally:
        program.stop()


def _until(what: Callable[[], object]) -> None:
    end = time.monotonic() + _WAIT
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def _tile(program: Program) -> Tile | None:
    return program.desk.tile(_CARD, *_SIZE)


def _shown(tile: Tile | None) -> bool:
    return tile is not None and int(tile.pixels[:240, :320, :3].max()) > 0


@pytest.mark.parametrize("processes", [0, 1], ids=["threads", "processes"])
def test_a_mask_that_is_saved_takes_effect_and_is_noted(tmp_path: Path, processes: int) -> None:
    with _running(tmp_path, processes) as program:
        _until(lambda: _shown(_tile(program)))
        values = {"privacy": [{"name": "House", "points": _QUARTER}]}
        program.desk.ask(EditCameraAsked(_CARD, values, "ada"))
        _until(lambda: program.desk.settings().cameras[0].privacy)
        _until(lambda: _tile(program) is not None and not _shown(_tile(program)))
        masked, frames = set(), list[Frame]()
        for _ in range(100):  # two seconds
            tile = _tile(program)
            if tile is not None:
                masked.add(tile.seq)
                assert not _shown(tile)
                assert tile.pixels[240:, 320:, :3].max() > 0
            frame = program.cameras.views.take(_CARD)
            if frame is not None:
                frames.append(frame)
            time.sleep(0.02)
        assert len(masked) > 5
        assert all(frame.pixels[:220, :300].max() == 0 for frame in frames)
        program.desk.ask(SnapshotSaved(_CARD, 1.5, "/somewhere/card.png", "ada"))
        command = {"camera": "card", "utc": 2.5, "file": "/elsewhere/a.jpg", "actor": "bob"}
        assert program.devices.answer({"ask": "snapshot", **command}) == {"ok": True}
        time.sleep(0.2)
    rows = [(row["kind"], row["actor"], row["text"]) for row in audit(tmp_path, Slice())]
    assert ("device", "ada", "camera changed: privacy") in rows
    text = "picture of 1970-01-01T00:00:01.500+00:00 saved as /somewhere/card.png"
    assert ("snapshot", "ada", text) in rows
    assert [row[1] for row in rows if row[0] == "snapshot"].count("bob") == 1
