"""The storage benchmark measures, loses nothing and says where the limit is."""

import pytest

from embereye.bench.storage import run
from embereye.bench.thermal_history import measure
from embereye.runtime.clock import SystemClock


@pytest.mark.serial
def test_a_short_run_stores_everything():
    report = run(2.0)
    assert report.metrics["readings_lost"].value == 0
    assert report.metrics["readings_per_second"].ok
    assert report.metrics["alarms"].value > 5
    assert report.metrics["disk_flush_p95"].value > 0


@pytest.mark.serial
def test_thermal_history_is_four_times_smaller_and_its_size_is_stated(shared_data):
    """The recorded session is measured where it lies beside the repository."""
    metrics, notes = measure(SystemClock())
    assert metrics["thermal_ratio_recorded"].ok
    assert metrics["thermal_ratio_simulated"].ok
    assert 10 < metrics["thermal_30_days_100_devices"].value < 30
    assert "recorded session" in notes[0]
