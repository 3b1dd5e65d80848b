"""A kill loses at most the minute of thermal frames that is open, and what is called stored is."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embereye.model.ids import DeviceId
from embereye.storage.backup import check_database
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.thermal_history import read_run, spans

_NODE = Path(__file__).resolve().parents[1] / "servers" / "thermal_node.py"
D = DeviceId("d1")
_MINUTE = 60.0
# s of a clock that runs 100 times too fast: the engine looks each second (10 ms of ours), and the
# writer needs its turn on a loaded machine: 0.3 s of ours
_LATE = 31.0


def _life(folder: Path, stored: int) -> tuple[list[float], float]:
    """Run until `stored` moments were told, then kill; times of all frames, the last moment."""
    process = subprocess.Popen(
        [sys.executable, str(_NODE), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_NODE.parents[2],
    )
    frames, moments = [], []
    assert process.stdout is not None
    try:
        while len(moments) < stored:
            kind, number = process.stdout.readline().split()
            (frames if kind == "T" else moments).append(float(number))
    finally:
        process.kill()
        rest = process.stdout.read()
        process.stdout.close()
        process.wait(10)
    # what it wrote between our last look and the kill
    frames += [float(line[2:]) for line in rest.splitlines() if line.startswith("T ")]
    return frames, moments[-1]


@pytest.mark.paced
@pytest.mark.timeout(120)
def test_a_kill_loses_at_most_the_open_minute(tmp_path: Path) -> None:
    path = tmp_path / TELEMETRY_FILE
    for _ in range(3):
        sent, until = _life(tmp_path, 3)
        found = [read_run(path, span.id) for span in spans(path, D, sent[0] - 1, sent[-1])]
        kept = np.concatenate([run.utc for run in found if run is not None])
        missing = [utc for utc in sent if np.abs(kept - utc).min() > 0.01]
        assert all(utc > until for utc in missing), "said to be stored, and is not"
        assert not missing or sent[-1] - missing[0] < _MINUTE + _LATE
        assert missing, "the open minute cannot be on the disk already"
    assert check_database(path) == []
