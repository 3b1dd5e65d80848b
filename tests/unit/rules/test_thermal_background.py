"""What is usual at an hour is learned over days."""

import numpy as np
import pytest

from embereye.rules.thermal_background import LEAST_DAYS, MEMORY, Background

MINUTE = 60.0


def picture(celsius):
    return np.full(768, celsius, np.float32)


def taught(celsius=25.0, days=4.0, hours=range(24)):
    background = Background()
    for hour in hours:
        for _ in range(round(days * 60)):
            background.learn(hour, picture(celsius), MINUTE)
    return background


def test_fewer_than_three_days_are_still_learning():
    assert taught(days=LEAST_DAYS - 0.1, hours=[14]).usual(14.5) is None
    assert taught(days=LEAST_DAYS + 0.1, hours=[14]).usual(14.5) is not None
    assert taught(hours=[14]).usual(15.5) is None


def test_between_two_hours_it_is_interpolated():
    background = taught(20.0, hours=[14])
    for _ in range(240):
        background.learn(15, picture(30.0), MINUTE)
    found = [background.usual(hour).expected[0] for hour in (14.5, 15.0, 15.25, 15.5)]
    assert found == [pytest.approx(v, abs=0.01) for v in (20.0, 25.0, 27.5, 30.0)]


def test_midnight_is_between_the_last_and_the_first_hour():
    background = taught(20.0, hours=[23])
    for _ in range(240):
        background.learn(0, picture(30.0), MINUTE)
    assert background.usual(0.0).expected[0] == pytest.approx(25.0, abs=0.01)
    assert background.usual(23.75).expected[0] == pytest.approx(22.5, abs=0.01)


def test_where_only_the_present_hour_is_learned_it_alone_counts():
    assert taught(20.0, hours=[14]).usual(14.9).expected[0] == pytest.approx(20.0)


def test_what_varies_is_usual():
    background = Background()
    for day in range(8):
        for _ in range(60):
            background.learn(3, picture(20.0 + 5.0 * (day % 2)), MINUTE)
    found = background.usual(3.5)
    assert found.expected[0] == pytest.approx(22.5, abs=1.0)
    assert 6.0 < found.spread[0] < 9.0  # three deviations of 2.5 K


def test_a_week_ago_counts_less():
    background = taught(20.0, days=10)
    for _ in range(round(MEMORY * 60)):
        background.learn(3, picture(30.0), MINUTE)
    assert background.usual(3.5).expected[0] == pytest.approx(30.0 - 10.0 / np.e, abs=0.2)


def test_dead_cells_are_not_learned():
    background = taught(hours=[3])
    hole = picture(40.0)
    hole[5] = np.nan
    background.learn(3, hole, MINUTE)
    assert background.usual(3.5).expected[5] == pytest.approx(25.0)
    assert background.usual(3.5).expected[6] > 25.0


def test_what_was_learned_comes_back():
    background, again = taught(hours=[3, 4]), Background()
    for hour in (3, 4):
        again.restore(background.hour(hour))
    assert np.array_equal(again.usual(3.9).expected, background.usual(3.9).expected)
    assert np.allclose(again.usual(3.9).spread, background.usual(3.9).spread)


def test_three_days_with_a_minute_lost_in_each_hour_are_enough():
    learned = Background()
    for _ in range(3 * 59):
        learned.learn(14, np.full(768, 20.0, np.float32), 60.0)
    assert learned.usual(14.5) is not None
