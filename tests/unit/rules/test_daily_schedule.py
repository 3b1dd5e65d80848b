"""The daily self-test is due once a day, whatever is done to clocks and programs."""

import os
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from embereye.model.stamp import Stamp
from embereye.rules.daily_schedule import LATEST, SETTLE, Before, due, following

STARTED = 1000.0
RUNNING = STARTED + SETTLE + 1.0
HOUR = 3600.0


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    monkeypatch.undo()
    time.tzset()


def utc(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()  # naive: local time


def is_due(now: str, last: str | None, mono: float = RUNNING, last_mono: float | None = None):
    before = Before(None if last is None else utc(last), last_mono)
    return due("10:00", before, Stamp(mono, utc(now)), STARTED)


@pytest.mark.parametrize(
    ("now", "last", "wanted"),
    [
        ("2026-06-02 09:59:59", "2026-06-01 10:01", False),
        ("2026-06-02 10:00:00", "2026-06-01 10:01", True),
        ("2026-06-02 10:59:59", "2026-06-01 10:01", True),
        ("2026-06-02 11:00:01", "2026-06-01 10:01", False),  # too late for the hour, not for 26 h
        ("2026-06-02 12:02:00", "2026-06-01 10:01", True),  # 26 h: caught up
        ("2026-06-02 10:30:00", "2026-06-02 10:01", False),  # done
        ("2026-03-29 10:00:30", "2026-03-28 10:01", True),  # clocks went forward: 23 h later
        ("2026-10-25 10:00:30", "2026-10-24 10:01", True),  # and back: 25 h
        ("2026-10-25 09:30:00", "2026-10-24 10:01", False),
        ("2026-06-02 03:00:00", None, True),  # the first one of all
    ],
)
def test_it_is_due_at_its_hour_or_after_26_hours(now, last, wanted):
    assert is_due(now, last) is wanted


def test_it_waits_until_the_start_is_over():
    assert not is_due("2026-06-02 10:00", None, mono=STARTED + SETTLE - 1)


def test_a_clock_set_back_makes_no_more_tests():
    # it ran at 10:00:30, then somebody set the clock back by two hours: it is 10:00 again
    assert not is_due("2026-06-02 10:00:30", "2026-06-02 10:00:30", RUNNING + 600, RUNNING)
    late = RUNNING + 2 * HOUR
    assert not is_due("2026-06-02 10:00:30", "2026-06-02 10:00:30", late, RUNNING)


def test_a_clock_set_a_year_back_stops_no_test():
    assert is_due("2025-06-02 10:00:30", "2026-06-02 10:01", RUNNING + 20 * HOUR, RUNNING)
    assert is_due("2025-06-02 04:00", "2026-06-02 10:01", RUNNING + LATEST + 1, RUNNING)
    assert is_due("2025-06-02 04:00", "2026-06-02 10:01"), "nor after a restart"


def test_a_clock_set_forward_runs_one_and_no_more():
    assert is_due("2027-06-02 04:00", "2026-06-02 10:01", RUNNING + 2 * HOUR, RUNNING)
    assert not is_due("2027-06-02 04:10", "2027-06-02 04:01", RUNNING + 3 * HOUR, RUNNING)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2026-06-02 09:00", "2026-06-02 10:00"),
        ("2026-06-02 10:00", "2026-06-03 10:00"),
        ("2026-03-28 11:00", "2026-03-29 10:00"),
    ],
)
def test_the_next_one_is_told_in_local_time(now, wanted):
    assert following("10:00", utc(now)) == utc(wanted)
