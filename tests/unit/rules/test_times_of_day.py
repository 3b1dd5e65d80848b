"""Shifts over midnight and over nights on which the clock is set."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from embereye.rules.times_of_day import around

BERLIN = ZoneInfo("Europe/Berlin")
THREE = ("22:00", "06:00", "14:00")


@pytest.mark.parametrize(
    ("now", "begin", "end"),
    [
        ("2026-11-20T06:00", "2026-11-20T06:00", "2026-11-20T14:00"),
        ("2026-11-20T13:59", "2026-11-20T06:00", "2026-11-20T14:00"),
        ("2026-11-20T23:30", "2026-11-20T22:00", "2026-11-21T06:00"),
        ("2026-11-20T03:00", "2026-11-19T22:00", "2026-11-20T06:00"),
        ("2027-01-01T00:10", "2026-12-31T22:00", "2027-01-01T06:00"),
    ],
)
def test_a_shift_lasts_from_one_change_to_the_next(now, begin, end):
    assert around(_utc(now), THREE, BERLIN) == (_utc(begin), _utc(end))


def test_without_changes_a_shift_is_a_day():
    found = around(_utc("2026-11-20T12:00"), (), BERLIN)
    assert found == (_utc("2026-11-20T00:00"), _utc("2026-11-21T00:00"))


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-10-25T02:30", 9), ("2026-03-29T03:30", 7), ("2026-11-20T01:00", 8)]
)
def test_on_nights_when_the_clock_is_set_the_shift_lasts_an_hour_more_or_less(now, hours):
    begin, end = around(_utc(now), THREE, BERLIN)
    assert end - begin == hours * 3600


def _utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()
