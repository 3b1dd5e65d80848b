"""The storage benchmark measures, loses nothing and says where the limit is."""

import pytest

from embereye.bench.storage import run


@pytest.mark.serial
def test_a_short_run_stores_everything():
    report = run(2.0)
    assert report.metrics["readings_lost"].value == 0
    assert report.metrics["readings_per_second"].ok
    assert report.metrics["alarms"].value > 5
    assert report.metrics["disk_flush_p95"].value > 0
