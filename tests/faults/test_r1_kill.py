"""R1: what was announced as recorded survives `kill -9`, and is back as it was."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from embereye.storage.backup import check_database
from embereye.storage.database import EVIDENCE_FILE, read_all
from embereye.storage.queries import Slice, actions, alarms

_NODE = Path(__file__).resolve().parents[1] / "servers" / "alarm_node.py"
_KILLS = 40
_LONG_KILLS = 500


@dataclass
class _Ledger:
    """What the killed processes said is recorded."""

    latest: dict[int, dict[str, Any]] = field(default_factory=dict)
    revisions: set[tuple[int, int]] = field(default_factory=set)
    covered: dict[int, float] = field(default_factory=dict)  # alarm → when its overlay began
    overlays: dict[float, bool] = field(default_factory=dict)  # begin → whether it is over

    def note(self, told: dict[str, Any]) -> None:
        alarm, since = told["alarm"], told["since"]
        self.latest[alarm["id"]] = alarm
        self.revisions.add((alarm["id"], alarm["revision"]))
        before = self.covered.pop(alarm["id"], None)
        if before is not None and before != since and alarm["state"] != "normal":
            self.overlays[before] = True
        if since is not None:
            self.covered[alarm["id"]] = since
            self.overlays.setdefault(since, False)


@pytest.fixture
def node() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(_NODE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=_NODE.parents[2],
    )
    yield process
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def _one_life(
    node: subprocess.Popen[str], order: str, lines: int, ledger: _Ledger
) -> list[dict[str, Any]]:
    """Start, read `lines` announcements, kill; the alarms that were open at the start."""
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(order + "\n")
    node.stdin.flush()
    pid = json.loads(node.stdout.readline())["pid"]
    restored = json.loads(node.stdout.readline())["restored"]
    for _ in range(lines):
        ledger.note(json.loads(node.stdout.readline()))
    os.kill(pid, signal.SIGKILL)
    return restored


def _drain(node: subprocess.Popen[str], order: str, ledger: _Ledger) -> int:
    """Start once more, which also ends what the last life printed; its process id."""
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(order + "\n")
    node.stdin.flush()
    while True:
        line = json.loads(node.stdout.readline())
        if "alarm" in line:
            ledger.note(line)
        elif "pid" in line:
            return int(line["pid"])


def _missing(folder: Path, ledger: _Ledger) -> list[str]:
    """What was said to be recorded and is not on the disk."""
    stored = {row["id"]: row for row in alarms(folder, Slice(limit=100_000))}
    missing = [
        f"alarm {ident} is gone or older than announced"
        for ident, told in ledger.latest.items()
        if ident not in stored or stored[ident]["revision"] < told["revision"]
    ]
    kept = {(ident, a["revision"]) for ident in ledger.latest for a in actions(folder, ident)}
    missing += [f"change {change} is gone" for change in ledger.revisions - kept]
    return missing + _missing_overlays(folder, ledger)


def _missing_overlays(folder: Path, ledger: _Ledger) -> list[str]:
    rows = read_all(folder / EVIDENCE_FILE, "SELECT since_utc, ended FROM overlays")
    ended = {row["since_utc"]: bool(row["ended"]) for row in rows}
    return [
        f"the shelving since {since} is gone, or its end"
        for since, over in ledger.overlays.items()
        if since not in ended or (over and not ended[since])
    ]


def _kill_loop(node: subprocess.Popen[str], folder: Path, kills: int, variant: str) -> list[str]:
    rng = random.Random(7)
    ledger = _Ledger()
    for number in range(kills):
        order = f"{folder} {variant} {number}"
        pid = _drain(node, order, ledger)
        assert node.stdout is not None
        json.loads(node.stdout.readline())
        for _ in range(rng.randrange(1, 40)):
            ledger.note(json.loads(node.stdout.readline()))
        os.kill(pid, signal.SIGKILL)
    os.kill(_drain(node, f"{folder} {variant} 0", ledger), signal.SIGKILL)
    assert len(ledger.revisions) > kills * 5
    assert len(ledger.overlays) > kills / 4
    return _missing(folder, ledger)


def test_nothing_recorded_is_missing_after_40_kills(
    node: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert _kill_loop(node, tmp_path, _KILLS, "real") == []
    assert check_database(tmp_path / EVIDENCE_FILE) == []


@pytest.mark.parametrize(("variant", "kills"), [("eager", 6), ("lids", 15)])
def test_telling_before_the_commit_is_caught(
    node: subprocess.Popen[str], tmp_path: Path, variant: str, kills: int
) -> None:
    """Negative control: the same loop finds what a broken order loses."""
    assert _kill_loop(node, tmp_path, kills, variant) != []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_nothing_recorded_is_missing_after_500_kills(
    node: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert _kill_loop(node, tmp_path, _LONG_KILLS, "real") == []


def test_open_alarms_are_identical_after_a_restart(
    node: subprocess.Popen[str], tmp_path: Path
) -> None:
    ledger = _Ledger()
    _one_life(node, f"{tmp_path} real 3", 60, ledger)
    os.kill(_drain(node, f"{tmp_path} real 3", ledger), signal.SIGKILL)
    before = {
        row["id"]: row["state"]
        for row in alarms(tmp_path, Slice(limit=1000))
        if row["state"] != "normal"
    }
    restored = _one_life(node, f"{tmp_path} real 4", 0, _Ledger())
    assert {alarm["id"]: alarm["state"] for alarm in restored} == before
