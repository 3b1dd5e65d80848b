"""`embereye list cameras` tells what a running program knows of its cameras, and does without."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from consoles import camera
from fakes import FakeClock
from hosting import hosted

from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.model.camera import CameraTable, CaptureCounters
from embereye.model.camera_clock import ClockCheck, ClockTable
from embereye.model.ids import CameraId
from embereye.runtime.engine import Engine
from embereye.runtime.instance import Ownership
from embereye.services import camera_access
from embereye.services.camera_access import CameraAnswers, running_figures
from embereye.services.camera_history import PERIOD, CameraHistory
from embereye.services.owner_requests import OwnerRequests

Out = pytest.CaptureFixture[str]


def _answers(*names: str) -> CameraAnswers:
    """Of cameras that deliver 15 pictures a second; their clocks are 3 s slow."""
    clock = FakeClock()
    engine = Engine(clock)
    table = CameraTable(1, tuple(camera(n, clock, counters=CaptureCounters()) for n in names))
    tables = [table]
    history = CameraHistory(engine, lambda: tables[-1])
    for _ in range(3):
        at = clock.advance(PERIOD)
        grown = tuple(
            replace(
                c,
                counters=replace(
                    c.counters,
                    delivered=c.counters.delivered + 30,
                    decoded=c.counters.decoded + 30,
                    received=c.counters.received + 25_000,
                    last_frame=at,
                ),
            )
            for c in tables[-1].cameras
        )
        tables.append(CameraTable(1, grown))
        engine.step()
    checks = {CameraId(name): ClockCheck(clock.now(), -3.0, 0.5) for name in names}
    return CameraAnswers(lambda: tables[-1], lambda: history.current, lambda: ClockTable(checks))


@contextmanager
def _owner(folder: Path, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    requests = OwnerRequests({})
    requests.add(camera_access.ASK, answer)
    owner = Ownership(folder, lambda: None, requests)
    try:
        with hosted(owner.run, wait=5.0):
            yield
    finally:
        owner.release()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables = [
        f'[[cameras]]\nid = "{name}"\nname = "{name}"\nsource = "rtsp://10.1.2.3/{name}"\n'
        for name in ("gate", "yard")
    ]
    (tmp_path / "settings.toml").write_text("\n".join(tables))
    return tmp_path


def _rows(folder: Path, capsys: Out) -> list[dict[str, Any]]:
    assert run_command_line(["--data-dir", str(folder), "list", "cameras", "--json"]) == Exit.OK
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["cameras"]
    return found


def test_figures_of_a_running_program_are_listed(folder: Path, capsys: Out) -> None:
    with _owner(folder, _answers("gate")):
        gate, yard = _rows(folder, capsys)
    told = {name: gate[name] for name in ("state", "fps", "kbps", "reconnects", "clock_offset_s")}
    assert told == {
        "state": "live", "fps": 15.0, "kbps": 100.0, "reconnects": 0, "clock_offset_s": -3.0,
    }  # fmt: skip
    assert gate["decode_ms"] is None
    assert yard["fps"] is None
    assert gate.keys() == yard.keys()


def test_without_a_running_program_the_figures_are_null(folder: Path, capsys: Out) -> None:
    gate, _ = _rows(folder, capsys)
    assert gate["source"] == "rtsp://10.1.2.3/gate"
    assert {gate[name] for name in camera_access.NAMES} == {None}


def test_the_table_has_the_figures_too(folder: Path, capsys: Out) -> None:
    with _owner(folder, _answers("gate", "yard")):
        assert run_command_line(["--data-dir", str(folder), "list", "cameras"]) == Exit.OK
    out = capsys.readouterr().out
    assert "fps" in out
    assert out.count("  15   100  ") == 2


def test_five_hundred_cameras_with_the_longest_ids_are_told(tmp_path: Path) -> None:
    names = [f"{number:03d}" + "x" * 61 for number in range(500)]
    with _owner(tmp_path, _answers(*names)):
        assert list(running_figures(tmp_path)) == names


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": False, "problem": "This program does not know that request."},
        {"ok": True, "cameras": [], "more": True},
        {"ok": True, "cameras": {"gate": 7}, "more": True},
        {"ok": True},
    ],
)
def test_a_program_that_answers_otherwise_does_no_harm(
    folder: Path, capsys: Out, answer: dict[str, Any]
) -> None:
    with _owner(folder, lambda asked: answer):
        gate, _ = _rows(folder, capsys)
    assert gate["fps"] is None


def test_an_answer_that_never_ends_is_ended(folder: Path) -> None:
    endless = {"ok": True, "cameras": {"gate": {"fps": 1.0}}, "more": True}
    with _owner(folder, lambda asked: endless):
        assert running_figures(folder)["gate"]["fps"] == 1.0


@pytest.mark.parametrize("begin", [-1, "all", 1.5, None])
def test_a_wrong_question_is_refused(begin: object) -> None:
    assert not _answers("gate")({"from": begin})["ok"]
