"""Which start of the machine monotonic seconds belong to."""

import subprocess
import sys

import pytest

from embereye.runtime.clock import SystemClock


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_all_processes_of_one_start_of_the_machine_name_it_alike():
    code = "from embereye.runtime.clock import SystemClock; print(SystemClock().boot())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == SystemClock().boot() != ""
