"""When a camera's clock is right, off or wrong."""

import pytest
from fakes import FakeClock

from embereye.model.camera_clock import ClockCheck
from embereye.rules.camera_clock import ClockVerdict, is_due, judged


@pytest.mark.parametrize(
    ("offset", "accuracy", "tolerance", "verdict"),
    [
        (None, 0.0, 60.0, ClockVerdict.UNKNOWN),
        (0.4, 0.5, 60.0, ClockVerdict.RIGHT),
        (-5.4, 0.5, 60.0, ClockVerdict.RIGHT),
        (-5.6, 0.5, 60.0, ClockVerdict.OFF),
        (60.4, 0.5, 60.0, ClockVerdict.OFF),
        (60.6, 0.5, 60.0, ClockVerdict.WRONG),
        (-3600.0, 0.5, 60.0, ClockVerdict.WRONG),
        (-3600.0, 0.5, 0.0, ClockVerdict.OFF),
        (3.0, 0.5, 2.0, ClockVerdict.WRONG),
        (63.0, 4.0, 60.0, ClockVerdict.OFF),  # a slow answer says less
    ],
)
def test_a_clock_is_judged_by_what_is_sure(
    offset: float | None, accuracy: float, tolerance: float, verdict: ClockVerdict
) -> None:
    check = ClockCheck(FakeClock().now(), offset, accuracy)
    assert judged(check, tolerance) is verdict


def test_nothing_is_said_before_the_first_check() -> None:
    assert judged(None, 60.0) is ClockVerdict.UNKNOWN


@pytest.mark.parametrize(
    ("asked", "live_since", "now", "due"),
    [
        (None, 0.0, 10.0, True),
        (10.0, 0.0, 3609.0, False),
        (10.0, 0.0, 3610.0, True),
        (10.0, 500.0, 609.0, False),  # it came back, but was asked a moment ago
        (10.0, 500.0, 610.0, True),
    ],
)
def test_a_clock_is_looked_at_each_hour_and_after_an_outage(
    asked: float | None, live_since: float, now: float, due: bool
) -> None:
    assert is_due(asked, live_since, now) is due
