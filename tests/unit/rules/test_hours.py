"""Spans of local time."""

import pytest

from embereye.rules.hours import Hours, minutes

MON, TUE, SUN = 0, 1, 6
NIGHT = Hours(start=minutes("20:00"), end=minutes("06:00"))


@pytest.mark.parametrize(
    ("time", "counts"),
    [("19:59", False), ("20:00", True), ("23:59", True), ("00:00", True), ("05:59", True),
     ("06:00", False), ("12:00", False)],
)  # fmt: skip
def test_a_night_reaches_over_midnight(time, counts):
    assert NIGHT.hold(TUE, minutes(time)) is counts


def test_the_morning_belongs_to_the_day_on_which_the_night_began():
    sunday = Hours(frozenset({SUN}), minutes("20:00"), minutes("06:00"))
    assert sunday.hold(SUN, minutes("21:00"))
    assert sunday.hold(MON, minutes("05:00"))
    assert not sunday.hold(SUN, minutes("05:00"))
    assert not sunday.hold(MON, minutes("21:00"))


def test_a_span_within_a_day_ends_at_its_end():
    office = Hours(frozenset({MON}), minutes("08:00"), minutes("17:00"))
    assert office.hold(MON, minutes("08:00"))
    assert not office.hold(MON, minutes("17:00"))
    assert not office.hold(TUE, minutes("12:00"))


def test_equal_times_mean_24_hours_from_then_on():
    assert Hours().hold(MON, 0)
    assert Hours(frozenset({MON})).hold(MON, minutes("23:59"))
    assert not Hours(frozenset({MON})).hold(TUE, 0)
    from_eight = Hours(frozenset({MON}), minutes("08:00"), minutes("08:00"))
    assert not from_eight.hold(MON, minutes("07:59"))
    assert from_eight.hold(MON, minutes("08:00"))
    assert from_eight.hold(TUE, minutes("07:59"))
    assert not from_eight.hold(TUE, minutes("08:00"))
