"""Hours, holidays and modes, by the date and time on the wall."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from embereye.rules.calendar import Holidays, HolidayUse, LocalMoment, When, local_moment, words_of
from embereye.rules.hours import Hours

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = Hours(frozenset(), 20 * 60, 6 * 60)
CHRISTMAS = Holidays(frozenset({"12-25", "2026-01-06"}))


def at(day, hour, minute=0):
    return LocalMoment(date.fromisoformat(day), hour * 60 + minute)


@pytest.mark.parametrize(
    ("use", "moment", "counts"),
    [
        ("also", at("2026-12-25", 21), True),
        ("not", at("2026-12-25", 21), False),
        ("not", at("2026-12-26", 5), False),  # the night that began on the holiday
        ("not", at("2026-12-26", 21), True),
        ("not", at("2026-12-25", 5), True),  # the night that began the day before
        ("only", at("2026-12-25", 21), True),
        ("only", at("2026-12-26", 5), True),
        ("only", at("2026-12-24", 21), False),
        ("only", at("2026-01-06", 21), True),  # a day of one year …
        ("only", at("2027-01-06", 21), False),  # … and of that one only
        ("also", at("2026-12-25", 12), False),
    ],
)
def test_a_night_is_a_holidays_when_it_begins_on_one(use, moment, counts):
    when = When(NIGHT, HolidayUse(use))
    assert (when.barred(moment, "armed", CHRISTMAS) == "") is counts


def test_a_mode_that_does_not_count_is_named():
    when = When(modes=frozenset({"armed"}))
    assert when.barred(at("2026-05-01", 12), "disarmed", Holidays()) == "the mode is disarmed"
    assert when.barred(at("2026-05-01", 12), "armed", Holidays()) == ""


def test_what_does_not_count_says_why():
    outside = When(NIGHT).barred(at("2026-12-25", 12), "", CHRISTMAS)
    assert outside == "outside its hours (20:00–06:00)"
    free = When(NIGHT, HolidayUse.NOT).barred(at("2026-12-26", 1), "", CHRISTMAS)
    assert free == "2026-12-25 is a holiday"
    worked = When(use=HolidayUse.ONLY).barred(at("2026-12-26", 1), "", CHRISTMAS)
    assert worked == "2026-12-26 is no holiday"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (Hours(), "always"),
        (NIGHT, "20:00–06:00"),
        (Hours(frozenset({0, 4}), 480, 1020), "Mon Fri 08:00–17:00"),
        (Hours(frozenset({6})), "Sun"),
    ],
)
def test_hours_are_told_as_people_write_them(hours, words):
    assert words_of(hours) == words


@pytest.mark.parametrize(
    ("zone", "utc", "day", "minute"),
    [
        (BERLIN, datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "2026-01-16", 30),
        (NEW_YORK, datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "2026-01-15", 18 * 60 + 30),
        (BERLIN, datetime(2026, 7, 15, 22, 0, tzinfo=UTC), "2026-07-16", 0),
    ],
)
def test_the_date_is_that_of_the_time_zone(zone, utc, day, minute):
    assert local_moment(utc.timestamp(), zone) == LocalMoment(date.fromisoformat(day), minute)


def test_a_night_lasts_nine_or_eleven_hours_when_the_clock_is_changed():
    when = When(NIGHT)

    def hours_of(evening):
        start = datetime.fromisoformat(evening).replace(tzinfo=BERLIN).timestamp()
        moments = [local_moment(start + minute * 60, BERLIN) for minute in range(14 * 60)]
        return sum(when.barred(moment, "", Holidays()) == "" for moment in moments) / 60

    assert hours_of("2026-03-28T20:00") == 9  # forward: 02:00 is 03:00
    assert hours_of("2026-10-24T20:00") == 11  # back: 03:00 is 02:00
    assert hours_of("2026-06-10T20:00") == 10


def test_a_span_in_the_hour_that_is_left_out_begins_after_it():
    span = When(Hours(frozenset(), 2 * 60 + 30, 4 * 60))
    before = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC).timestamp()  # 01:59:59
    assert span.barred(local_moment(before, BERLIN), "", Holidays())
    assert span.barred(local_moment(before + 1, BERLIN), "", Holidays()) == ""  # 03:00
