import pytest

from embereye.rules.supervision import PeriodMeter, fault_after, suspect_after


@pytest.mark.parametrize(
    ("period", "suspect", "fault"),
    [
        (0.1, 10.0, 30.0),
        (4.085, 12.255, 30.0),
        (8.0, 24.0, 30.0),
        (10.0, 30.0, 35.0),
        (60.0, 180.0, 185.0),
    ],
)
def test_limits_follow_the_period(period, suspect, fault):
    assert suspect_after(period) == pytest.approx(suspect)
    assert fault_after(period) == fault


def test_the_period_is_learned():
    meter = PeriodMeter()
    for packet in range(20):
        meter.note(packet * 4.0)
    assert meter.period == pytest.approx(4.0)


def test_a_burst_after_a_stall_does_not_shorten_the_period():
    meter = PeriodMeter()
    times = [0.0, 4.0, 8.0, 20.0, 20.0, 20.0, 24.0, 28.0, 32.0]
    for at in times:
        meter.note(at)
    assert meter.period == pytest.approx(4.0)


def test_an_outage_is_no_period():
    meter = PeriodMeter()
    for packet in range(9):
        meter.note(packet * 1.0)
    meter.interrupt()
    for packet in range(9):
        meter.note(1000.0 + packet * 1.0)
    assert meter.period == pytest.approx(1.0)
