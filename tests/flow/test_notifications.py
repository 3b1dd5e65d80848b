"""From a person in an area to a webhook and a siren, set up while the program runs."""

import json
import os
import select
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeClock
from notify_parts import HookReceiver, webhook
from waiting import WAIT, until

from embereye.app import Program, Site
from embereye.config.load import Layers
from embereye.config.schema import Camera, Place, Sensors, Zone
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.messages import AcknowledgeAsked
from embereye.model.notice import (
    BlockRelaysAsked,
    EditTargetAsked,
    NoticeTable,
    SendTestAsked,
    TargetKind,
    TargetState,
)
from embereye.runtime.worker import PlainThreads

_SQUARE = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
_SECRET = "c4nary-of-the-signature"
_ON, _OFF = bytes.fromhex("A00101A2"), bytes.fromhex("A00100A1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(utc=time.mktime((2026, 1, 15, 12, 0, 0, 0, 0, -1)))


@pytest.fixture
def program(tmp_path: Path, clock: FakeClock) -> Iterator[Program]:
    store = SettingsStore(Layers(tmp_path / "settings.toml", environment={}))
    zone = Zone(id="gate", name="Gate", points=_SQUARE, labels=("person",), alarm=True)
    camera = Camera(id="c1", name="North", source="rtsp://h/1", place="yard", zones=(zone,))
    places = (Place(id="yard", name="Yard", guidance="Call the guard."),)
    changes = {"places": places, "cameras": (camera,), "sensors": Sensors(enabled=False)}
    store.save(changes, store.current.revision)
    site = Site(tmp_path, store, FileSecrets(tmp_path), PlainThreads(), clock, safe_mode=True)
    made = Program(site)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def board() -> Iterator[tuple[int, str]]:
    far, near = os.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


def _hears(far: int, command: bytes) -> bool:
    end, heard = time.monotonic() + WAIT, b""
    while len(heard) < 4 and time.monotonic() < end:
        if select.select([far], [], [], 0.05)[0]:
            heard += os.read(far, 4 - len(heard))
    return heard == command


def _see_a_person(program: Program, clock: FakeClock) -> None:
    for picture in range(4):
        person = Detection("person", 0.81, 160.0 + picture, 100.0, 40.0, 100.0)
        now = clock.advance(0.125)
        program.engine.post(
            DetectionResult(
                CameraId("c1"), 1, now, now, (person,), 0.0, 0.0, True, "m", 0.0, (640, 360)
            )
        )
    until("alarm", lambda: program.desk.alarms().alarms)


def _state(table: NoticeTable, target: str) -> TargetState | None:
    return next((state for state in table.targets if state.id == target), None)


def test_an_alarm_reaches_those_outside(
    program: Program,
    clock: FakeClock,
    board: tuple[int, str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    far, port = board
    receiver, desk = HookReceiver(), program.desk
    with webhook(receiver) as number:
        url = f"http://127.0.0.1:{number}/alarms"
        told = ("announced", "acknowledged")
        hook = {"name": "SCADA", "url": url, "occasion.events": told}
        desk.ask(EditTargetAsked(TargetKind.WEBHOOK, "scada", hook, "anna", _SECRET, None, True))
        siren = {"name": "Siren", "port": port, "line": "bytes"}
        desk.ask(EditTargetAsked(TargetKind.RELAY, "siren", siren, "anna", added=True))
        until("targets", lambda: len(desk.notifications().targets) == 2)
        desk.ask(SendTestAsked("scada", "anna"))
        until("test", lambda: receiver.requests)
        assert _hears(far, _OFF)
        _see_a_person(program, clock)
        assert _hears(far, _ON)
        until("notice", lambda: len(receiver.requests) == 2)
        (alarm,) = desk.alarms().alarms
        desk.ask(AcknowledgeAsked(alarm.id, "anna"))
        assert _hears(far, _OFF)
        until("second notice", lambda: len(receiver.requests) == 3)
        desk.ask(BlockRelaysAsked(True, "anna"))
        until("kill switch", lambda: desk.notifications().relays_blocked)
    documents = [json.loads(body) for _, _, body in receiver.requests]
    assert [d["event"] for d in documents] == ["announced", "announced", "acknowledged"]
    assert [d["test"] for d in documents] == [True, False, False]
    assert documents[2]["actor"] == "anna"
    assert all("X-EmberEye-Signature" in headers for _, headers, _ in receiver.requests)
    state = _state(desk.notifications(), "scada")
    assert state is not None
    assert state.test is not None
    assert state.test.good
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if _SECRET.encode() in path.read_bytes()]
    assert _SECRET not in caplog.text


def test_a_stop_leaves_no_siren_on(
    program: Program, clock: FakeClock, board: tuple[int, str]
) -> None:
    far, port = board
    siren = {"name": "Siren", "port": port, "line": "bytes"}
    program.desk.ask(EditTargetAsked(TargetKind.RELAY, "siren", siren, "anna", added=True))
    assert _hears(far, _OFF)
    _see_a_person(program, clock)
    assert _hears(far, _ON)
    program.stop()
    assert _hears(far, _OFF)
