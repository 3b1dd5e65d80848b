"""`embereye devices firmware`: with and without a running owner."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from firmware_parts import Maker
from hosting import hosted

from embereye.cli.main import run_command_line
from embereye.cli.output import Exit
from embereye.ingest.firmware import FirmwareLibrary
from embereye.model.firmware import HaltRolloutAsked, ImageRead
from embereye.model.messages import SecurityEvent
from embereye.runtime.clock import SystemClock
from embereye.runtime.instance import FolderLock, Ownership
from embereye.services import firmware_access
from embereye.services.firmware_desk import FirmwareDesk
from embereye.services.owner_requests import OwnerRequests
from embereye.storage.database import EVIDENCE_FILE, read_all

Out = pytest.CaptureFixture[str]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    maker = Maker(time.time())
    maker.images["1.4.0"] = b"an image"
    return maker.publish(tmp_path / "stick")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _run(folder: Path, *words: object) -> int:
    told = [str(word) for word in words]
    return run_command_line(["--data-dir", str(folder), "devices", "firmware", *told])


def _prepare(folder: Path, stick: Path) -> None:
    assert _run(folder, "trust", stick / "metadata" / "root.json") == Exit.OK
    assert _run(folder, "import", stick) == Exit.OK


@contextmanager
def _owner(folder: Path) -> Iterator[list[object]]:
    """A running program that owns the folder, as far as firmware is concerned; what it posts."""
    posted: list[object] = []
    clock = SystemClock()
    library = FirmwareLibrary(folder / "firmware", clock)
    desk = FirmwareDesk(library, clock, posted.append, posted.append)
    answer = partial(firmware_access.answer_firmware, desk, posted.append)
    owner = Ownership(folder, lambda: None, OwnerRequests({firmware_access.ASK: answer}))
    try:
        with hosted(desk.run, owner.run, wait=5.0):
            yield posted
    finally:
        owner.release()


def test_a_repository_is_trusted_imported_and_listed(
    folder: Path, stick: Path, capsys: Out
) -> None:
    _prepare(folder, stick)
    capsys.readouterr()
    assert _run(folder, "list", "--json") == Exit.OK
    (image,) = json.loads(capsys.readouterr().out)["images"]
    assert (image["version"], image["size"]) == ("1.4.0", 8)


def test_what_was_trusted_and_imported_is_in_the_audit(folder: Path, stick: Path) -> None:
    _prepare(folder, stick)
    rows = read_all(folder / EVIDENCE_FILE, "SELECT * FROM audit")
    text = " ".join(str(row) for row in rows)
    assert "trusts the firmware maker" in text
    assert "imported firmware: 1.4.0" in text


def test_a_running_program_does_it_itself(folder: Path, stick: Path, capsys: Out) -> None:
    with _owner(folder) as posted:
        _prepare(folder, stick)
        assert _run(folder, "list") == Exit.OK
        assert _run(folder, "roll-out", "1.4.0") == Exit.OK
        assert _run(folder, "halt") == Exit.OK
    assert "1.4.0" in capsys.readouterr().out
    assert [e.version for e in posted if isinstance(e, ImageRead)] == ["1.4.0"]
    assert any(isinstance(e, HaltRolloutAsked) for e in posted)
    assert sum(isinstance(e, SecurityEvent) for e in posted) == 2


@pytest.mark.parametrize("words", [("roll-out", "1.4.0"), ("halt",)])
def test_a_roll_out_needs_a_running_program(
    folder: Path, stick: Path, capsys: Out, words: tuple[str, ...]
) -> None:
    _prepare(folder, stick)
    capsys.readouterr()
    assert _run(folder, *words) == Exit.USAGE
    shown = capsys.readouterr()
    assert "must be running" in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("running", [False, True])
def test_a_refused_repository_is_one_line_and_an_exit_code(
    folder: Path, stick: Path, capsys: Out, running: bool
) -> None:
    _prepare(folder, stick)
    capsys.readouterr()
    (stick / "metadata" / "timestamp.json").write_text("{}")
    if running:
        with _owner(folder):
            assert _run(folder, "import", stick) == Exit.USAGE
    else:
        assert _run(folder, "import", stick) == Exit.USAGE
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert "Nothing was taken" in shown.err


def test_a_version_that_is_not_there_is_not_rolled_out(
    folder: Path, stick: Path, capsys: Out
) -> None:
    with _owner(folder) as posted:
        _prepare(folder, stick)
        assert _run(folder, "roll-out", "9.9.9") == Exit.USAGE
    assert "no firmware 9.9.9" in capsys.readouterr().err
    assert not any(isinstance(e, ImageRead) for e in posted)


def test_while_another_command_holds_the_folder_nothing_is_done(
    folder: Path, stick: Path, capsys: Out
) -> None:
    lock = FolderLock(folder)
    try:
        assert _run(folder, "trust", stick / "metadata" / "root.json") == Exit.ALREADY_RUNNING
    finally:
        lock.release()
    assert "try again" in capsys.readouterr().err
    assert not (folder / "firmware").exists()


def test_without_any_firmware_the_next_step_is_said(folder: Path, capsys: Out) -> None:
    assert _run(folder, "list") == Exit.OK
    assert "Trust its maker" in capsys.readouterr().out
    assert _run(folder, "status") == Exit.DATABASE
    assert "Start the console once" in capsys.readouterr().err


def test_requests_that_nobody_knows_are_refused_in_words(folder: Path) -> None:
    requests = OwnerRequests({"a": lambda asked: {"ok": True}})
    assert requests({"ask": "a"}) == {"ok": True}
    for asked in ({"ask": "b"}, {}, {"ask": ["a"]}):
        answer = requests(asked)
        assert not answer["ok"]
        assert "does not know" in answer["problem"]
