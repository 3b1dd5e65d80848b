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


def test_a_period_of_an_earlier_run_counts_until_eight_gaps_say_better():
    meter = PeriodMeter(60.0)
    for packet in range(8):
        assert meter.period == 60.0
        assert not meter.learned
        meter.note(packet * 4.0)
    meter.note(32.0)
    assert meter.period == pytest.approx(4.0)


def interrupted(meter, times):
    """Packets so far apart that each gap looks like an outage."""
    for at in times:
        meter.note(at)
        meter.interrupt()


def test_a_slow_device_is_learned_from_two_gaps_that_are_alike():
    meter = PeriodMeter()
    interrupted(meter, [0.0, 60.0, 121.0])
    assert meter.period == pytest.approx(60.5)


@pytest.mark.parametrize("times", [[0.0, 60.0, 200.0, 230.0], [0.0, 4000.0, 8000.0]])
def test_outages_that_are_not_alike_or_too_long_teach_nothing(times):
    meter = PeriodMeter()
    interrupted(meter, times)
    assert meter.period is None


def test_equal_outages_with_packets_between_them_are_no_period():
    meter = PeriodMeter()
    for round_ in range(10):
        for packet in range(9):
            meter.note(round_ * 39.0 + packet)
        meter.interrupt()
    assert meter.period == pytest.approx(1.0)
