"""From an operator's key to a dome that turns, with settings, secrets and audit of a program."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from onvif_parts import LOGIN, Simulator, simulator

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Detection, Sensors
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.ids import CameraId
from embereye.model.ptz import PtzMoveAsked, PtzOpenAsked, PtzPresetAsked, PtzState, PtzStopAsked
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.services.configuration import secret_name
from embereye.storage.queries import Slice, audit

pytestmark = pytest.mark.paced

_YARD = CameraId("yard")


@pytest.fixture
def dome() -> Iterator[Simulator]:
    with simulator("--auth", "token", login=LOGIN) as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, dome: Simulator) -> Iterator[Program]:
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    source = "rtsp://127.0.0.1:9/live/main"  # nobody listens: a dome without picture still moves
    camera = Camera(id="yard", name="Yard", source=source, onvif=dome.address, user=LOGIN.user)
    changes = {
        "cameras": (camera,),
        "sensors": Sensors(enabled=False),
        "detection": Detection(enabled=False),
    }
    store.save(changes, 0)
    secrets = FileSecrets(tmp_path)
    secrets.write(secret_name("yard"), LOGIN.password)
    made = Program(Site(tmp_path, store, secrets, PlainThreads(), SystemClock()))
    made.start()
    yield made
    made.stop()


def _until(good: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not good():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_operator_moves_a_dome_and_the_audit_knows(
    program: Program, dome: Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = program.desk
    desk.ask(PtzOpenAsked(_YARD, "ada"))

    def state() -> PtzState | None:
        status = desk.ptz(_YARD)
        return None if status is None else status.state

    _until(lambda: state() is PtzState.READY)
    desk.ask(PtzMoveAsked(_YARD, 1.0, 0.0, 0.0, "ada"))
    _until(lambda: dome.tell("state")["speed"] == [1.0, 0.0, 0.0])
    desk.ask(PtzStopAsked(_YARD, "ada"))
    _until(lambda: dome.tell("state")["speed"] == [0.0, 0.0, 0.0])
    assert "Stop" in dome.tell("state")["requests"]
    desk.ask(PtzPresetAsked(_YARD, "1", "bob"))
    _until(lambda: dome.tell("state")["pan"] == 0.5)
    program.stop()
    rows = [(r["kind"], r["subject"], r["actor"], r["text"]) for r in audit(tmp_path, Slice())]
    assert ("camera", "yard", "ada", "moved by hand") in rows
    assert ("camera", "yard", "bob", "sent to preset Gate") in rows
    assert LOGIN.password not in caplog.text


def test_a_program_that_ends_leaves_no_dome_turning(program: Program, dome: Simulator) -> None:
    program.desk.ask(PtzMoveAsked(_YARD, 0.3, 0.0, 0.0, "ada"))
    _until(lambda: dome.tell("state")["speed"] == [0.3, 0.0, 0.0])
    program.stop()
    state = dome.tell("state")
    assert state["speed"] == [0.0, 0.0, 0.0]
    assert "Stop" in state["requests"]
