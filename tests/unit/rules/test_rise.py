import random

import pytest

from embereye.rules.rise import RiseMeter


def rates(temperature, period=1.0, seconds=120.0):
    """The rates at each value of `temperature(t)`."""
    meter = RiseMeter(window=60.0, least=5.0)
    count = int(seconds / period)
    return [meter.feed(n * period, temperature(n * period), period).rate for n in range(count)]


@pytest.mark.parametrize("period", [0.1, 1.0, 4.085])
@pytest.mark.parametrize("rate", [9.0, 30.0])
def test_a_steady_rise_is_measured(period, rate):
    assert rates(lambda t: 25 + rate * t / 60, period)[-1] == pytest.approx(rate, rel=0.1)


def test_a_slow_device_stretches_the_window():
    assert rates(lambda t: 25 + 10 * t / 60, period=30.0, seconds=400)[-1] == pytest.approx(10)


def test_a_slow_warming_stays_below_the_limit():
    assert max(rates(lambda t: 25 + 6 * t / 60)) < 8.0


@pytest.mark.parametrize("height", [8.0, 20.0, 60.0])
def test_a_step_is_no_rise(height):
    assert max(rates(lambda t: 25 + (height if t > 60 else 0))) == 0.0


def test_single_outliers_are_no_rise():
    assert max(rates(lambda t: 125.0 if int(t) % 9 == 0 else 25.0)) == 0.0


def test_noise_is_no_rise():
    chance = random.Random(4)
    assert max(rates(lambda _: 25 + chance.gauss(0, 1.5), 0.1)) < 8.0


def test_a_rise_of_less_than_the_span_is_flat():
    meter = RiseMeter(window=60.0, least=5.0)
    found = [meter.feed(float(n), 25 + 9 * n / 60) for n in range(30)]
    assert all(rise.rate == 0.0 for rise in found)


def test_falling_is_flat():
    assert max(rates(lambda t: 90 - t / 2)) == 0.0
