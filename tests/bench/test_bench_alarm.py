"""The alarm benchmark measures the real program up to eye and ear, and loses nothing."""

import pytest

from embereye.bench.alarm import run

SECONDS, WARM_UP = 3.0, 3.0  # four alarms of each run


@pytest.mark.serial
def test_every_alarm_is_committed_and_painted_idle_and_loaded():
    metrics = run(SECONDS, WARM_UP).metrics
    for name in ("idle", "loaded"):
        assert metrics[f"{name}_committed"].value == 4
        assert metrics[f"{name}_painted"].ok
        assert metrics[f"{name}_packet_to_committed_p95_ms"].value < 1000
        assert metrics[f"{name}_verdict_to_painted_p95_ms"].value < 2000
    # 16 cameras of up to 8 looks and 100 devices of 10 packets a second
    assert metrics["loaded_messages_per_s"].value > 500
    assert metrics["idle_messages_per_s"].value < 200
    assert metrics["loaded_picture_to_verdict_p95_ms"].value > 0
