"""R15: a shelving ends within ± 1 s on the real clock, over a kill and a clock set by days."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faketime import faketime_environment

NODE = Path(__file__).resolve().parents[1] / "servers" / "shelving_node.py"
SECONDS = 60.0  # s, as long as the node shelves
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def start(tmp_path):
    """Starts the node on one data folder; its wall clock is what the file `faketime` says."""
    environment = faketime_environment(tmp_path / "faketime")
    started = []

    def begin():
        process = subprocess.Popen(
            [sys.executable, str(NODE), str(tmp_path / "data")],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def heard(process, what):
    """When the node said this."""
    for line in process.stdout:
        told = json.loads(line)
        if what in told:
            return told[what]
    raise AssertionError(f"the node ended without saying: {what}")


def wait_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))


def test_a_shelving_ends_in_time_over_a_kill_and_a_clock_that_is_set_by_days(start, tmp_path):
    control = tmp_path / "faketime"
    first = start()
    begun = heard(first, "shelved")
    wait_until(begun + 5.0)
    control.write_text("+1d\n")
    wait_until(begun + 15.0)
    first.kill()
    control.write_text("-1d\n")
    second = start()
    heard(second, "shelved")
    wait_until(begun + 40.0)
    control.write_text("+0\n")
    assert heard(second, "calls") == pytest.approx(begun + SECONDS, abs=1.0)
