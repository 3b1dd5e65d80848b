import pytest

from embereye.bench import sensors
from embereye.bench.sensor_load import age, send_ticks


@pytest.mark.parametrize("sent", [0.0, 0.8191, 12345.6789])
def test_the_age_of_a_packet_survives_the_wrap_of_its_12_bits(sent):
    assert age(send_ticks(sent), sent + 0.5) == pytest.approx(0.5, abs=0.0003)


@pytest.mark.serial
def test_the_bench_runs_and_loses_nothing():
    report = sensors.run(0.2)
    metrics = report.metrics
    for name in ("packets_lost", "latency_packets_lost", "frames_lost"):
        assert metrics[name].ok
    assert metrics["packets_per_s"].value > 1000
    assert any("limits" in note for note in report.notes)
