import random
from math import isnan

import pytest

from embereye.rules.rise import RiseMeter


def rates(temperature, period=1.0, seconds=120.0):
    """The known rates at the values of `temperature(t)`."""
    meter = RiseMeter(window=60.0, least=5.0)
    count = int(seconds / period)
    found = [meter.feed(n * period, temperature(n * period), period).rate for n in range(count)]
    return [rate for rate in found if not isnan(rate)]


def test_a_short_history_tells_no_rate():
    meter = RiseMeter(window=60.0, least=5.0)
    found = [isnan(meter.feed(4.0 * n, 25.0, 4.0).rate) for n in range(16)]
    assert found == [True] * 12 + [False] * 4


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
    assert set(rates(lambda t: 25 + 4.5 * t / 60)) == {0.0}


def test_falling_is_flat():
    assert max(rates(lambda t: 90 - t / 2)) == 0.0
