"""`embereye alarms`: with and without a running owner."""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hosting import hosted

from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import PlaceId
from embereye.model.messages import AlarmChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.runtime.instance import FolderLock, Ownership
from embereye.services import alarm_access
from embereye.services.alarm_commands import AlarmCommands, requests
from embereye.services.alarms import Alarms
from embereye.services.owner_requests import OwnerRequests
from embereye.storage import queries
from embereye.storage.opening import open_storage

GAS = AlarmKey(PlaceId("boiler"), AlarmKind.GAS)
Out = pytest.CaptureFixture[str]


@contextmanager
def _owner(folder: Path, priority: Priority = Priority.HIGH) -> Iterator[Alarms]:
    """A running program that owns the folder, with one open alarm, as far as alarms go."""
    clock = SystemClock()
    lock = Ownership(folder, lambda: None)
    storage = open_storage(folder, clock, lambda message: None, reserve=0)
    engine = Engine(clock)
    shown = Event()
    alarms = Alarms(engine, lambda message: _note(message, shown), storage.alarms)
    alarms.restore()
    commands = AlarmCommands(engine, alarms)
    lock.on_request = OwnerRequests({alarm_access.ASK: commands.answer})
    if not alarms.current.alarms:
        alarms.report(Report(GAS, Cause.ACTIVE, priority, ("gas 900 ppm",), clock.now(), "Boiler"))
    try:
        with hosted(storage.evidence.run, wait=5.0), hosted(engine.run, lock.run, wait=5.0):
            # What is still being announced cannot be acknowledged.
            assert shown.wait(10.0)
            yield alarms
    finally:
        lock.release()


def _note(message: object, shown: Event) -> None:
    if isinstance(message, AlarmChanged):
        shown.set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one unacknowledged alarm, number 1, that nobody owns."""
    path = tmp_path / "data"
    with _owner(path):
        pass
    return path


def _run(folder: Path, *words: object) -> int:
    return run_command_line(["--data-dir", str(folder), "alarms", *map(str, words)])


def _row(folder: Path) -> dict[str, Any]:
    return queries.alarms(folder, queries.Slice())[0]


def _events(folder: Path) -> list[str]:
    return [row["event"] for row in queries.actions(folder, 1)]


def _doing(folder: Path) -> None:
    """What a field technician does, and what must be on the disk afterwards."""
    assert _run(folder, "ack", 1, "--reason", "seen on the camera") == Exit.OK
    assert _row(folder)["state"] == "acknowledged"
    assert _row(folder)["acknowledged_by"] == getpass.getuser()
    assert _run(folder, "shelve", 1, "--reason", "valve in repair", "--for", "30m") == Exit.OK
    assert _row(folder)["overlay"] == "shelved"
    assert _run(folder, "assign", 1, "Tom") == Exit.OK
    assert _run(folder, "comment", 1, "--reason", "called Tom") == Exit.OK
    assert _run(folder, "unshelve", 1) == Exit.OK
    assert _row(folder)["state"] == "unacknowledged"
    assert _run(folder, "escalate", 1) == Exit.OK
    wanted = ["comment", "acknowledge", "shelve", "assign", "comment", "unshelve", "escalated"]
    assert [event for event in _events(folder) if event in wanted] == wanted


def test_alarms_are_handled_without_a_running_program(folder: Path) -> None:
    _doing(folder)
    assert "restored" not in _events(folder)


def test_alarms_are_handled_through_the_program_that_runs(folder: Path) -> None:
    with _owner(folder) as alarms:
        _doing(folder)
        assert alarms.current.alarms[0].assigned_to == "Tom"


def test_a_refusal_is_told_and_is_a_usage_error(folder: Path, capsys: Out) -> None:
    assert _run(folder, "ack", 7) == Exit.USAGE
    assert "There is no alarm 7." in capsys.readouterr().err
    assert _run(folder, "reset", 1) == Exit.USAGE
    assert "Acknowledge this alarm before" in capsys.readouterr().err
    assert _run(folder, "unshelve", 7) == Exit.USAGE
    assert "There is no alarm 7" in capsys.readouterr().err
    assert _run(folder, "shelve", 1, "--reason", " ") == Exit.USAGE
    assert "A reason is needed" in capsys.readouterr().err
    assert _run(folder, "shelve", 1, "--reason", "x", "--for", "20s") == Exit.USAGE
    assert "from 1 minute" in capsys.readouterr().err


def test_permissions_are_those_of_the_settings(folder: Path, capsys: Out) -> None:
    settings = folder.parent / "settings.toml"
    settings.write_text('version = 1\nrole = "viewer"\n')
    words = ["--data-dir", str(folder), "--config", str(settings), "alarms", "ack", "1"]
    assert run_command_line(words) == Exit.USAGE
    assert "needs the role operator" in capsys.readouterr().err


def test_nobody_gets_the_rights_of_the_program_by_calling_himself_so(
    folder: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "system")  # what `getpass` asks first
    test_permissions_are_those_of_the_settings(folder, capsys)
    assert _run(folder, "ack", 1) == Exit.OK
    assert _row(folder)["acknowledged_by"] == "system (account)"


def test_another_command_in_the_folder_is_told_of(folder: Path, capsys: Out) -> None:
    lock = FolderLock(folder)
    assert _run(folder, "ack", 1) == Exit.ALREADY_RUNNING
    assert "try again" in capsys.readouterr().err
    lock.release()


def test_nothing_escalates_while_only_a_command_looks(tmp_path: Path) -> None:
    with _owner(tmp_path, Priority.EMERGENCY):
        pass
    connection = open_storage(tmp_path, SystemClock(), lambda m: None).evidence._open()
    connection.execute("UPDATE alarms SET changed_utc = changed_utc - 500")
    connection.close()
    assert _run(tmp_path, "comment", 1, "--reason", "x") == Exit.OK
    assert _events(tmp_path) == ["cause", "comment"]


def test_what_is_shelved_or_out_of_service_is_listed(folder: Path, capsys: Out) -> None:
    _run(folder, "shelve", 1, "--reason", "valve in repair")
    out = ["out-of-service", "boiler", "--kind", "camera fault", "--reason", "hot work"]
    assert _run(folder, *out, "--for", "2h") == Exit.OK
    capsys.readouterr()
    assert _run(folder, "list-shelved", "--json") == Exit.OK
    rows = json.loads(capsys.readouterr().out)["overlays"]
    assert [(r["kind"], r["alarm_kind"], r["reason"]) for r in rows] == [
        ("shelved", "gas", "valve in repair"),
        ("out of service", "camera fault", "hot work"),
    ]
    assert _run(folder, "return", "boiler", "--kind", "camera fault") == Exit.OK
    capsys.readouterr()
    assert _run(folder, "list-shelved") == Exit.OK
    assert "hot work" not in capsys.readouterr().out


def test_a_mistyped_place_is_not_said_to_be_out_of_service(folder: Path, capsys: Out) -> None:
    assert _run(folder, "out-of-service", "boyler", "--reason", "hot work") == Exit.USAGE
    told = capsys.readouterr().err
    assert "There is no place boyler. Known are: boiler, system." in told


def test_nothing_is_listed_where_there_is_no_data(tmp_path: Path, capsys: Out) -> None:
    assert _run(tmp_path, "list-shelved", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"overlays": []}


def test_a_mistyped_folder_is_told_and_stays_as_it_was(tmp_path: Path, capsys: Out) -> None:
    assert _run(tmp_path / "typo", "ack", 1) != Exit.OK
    assert "There is no embereye.db in" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()


def test_with_json_there_is_one_document(folder: Path, capsys: Out) -> None:
    assert _run(folder, "ack", 1, "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {"do": "ack", "alarm": 1, "recorded": True}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "ack"},
        {"do": "ack", "actor": "x", "alarm": "one"},
        {"do": "ack", "actor": "x", "alarm": None},
        {"do": "burn", "actor": "x", "alarm": 1},
        {"do": "shelve", "actor": "x", "alarm": 1, "reason": "r"},
        {"do": "unshelve", "actor": "x", "scope": None},
        {"do": "unshelve", "actor": "x", "scope": {"place": "p", "kind": "flood"}},
        {"do": "return", "actor": "x", "scope": []},
    ],
)
def test_a_request_that_makes_no_sense_is_none(asked: dict[str, Any]) -> None:
    assert requests(asked) == ()
