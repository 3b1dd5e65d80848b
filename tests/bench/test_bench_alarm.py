"""The alarm benchmark measures the real chain and loses nothing."""

import pytest

from embereye.bench.alarm import run

SECONDS = 2.0


@pytest.mark.serial
def test_every_alarm_is_announced_in_time():
    report = run(SECONDS)
    metrics = report.metrics
    assert metrics["alarms"].value == 20
    assert metrics["packet_to_alarm_p95_ms"].ok
    assert metrics["detection_to_alarm_p95_ms"].ok
