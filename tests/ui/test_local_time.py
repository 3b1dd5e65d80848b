"""Days and shifts as people of this place count them."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from embereye.config.schema import Alarms
from embereye.ui import words
from embereye.ui.local_time import seconds_until


def at(clock: str) -> float:
    return datetime.fromisoformat(f"2026-03-02T{clock}").astimezone().timestamp()


@pytest.mark.parametrize(
    ("now", "hours"),
    [("05:00", 1.0), ("06:00", 8.0), ("13:30", 0.5), ("22:30", 7.5), ("23:59", 6 + 1 / 60)],
)
def test_the_next_change_of_shift_may_be_tomorrow(now: str, hours: float) -> None:
    assert seconds_until(("06:00", "14:00", "22:00"), at(now)) == pytest.approx(hours * 3600)


def test_without_shifts_none_ends() -> None:
    assert seconds_until((), at("05:00")) is None


@pytest.mark.parametrize("clock", ["24:00", "6:00", "06:60", "noon", ""])
def test_a_change_of_shift_is_a_time_of_day(clock: str) -> None:
    with pytest.raises(ValidationError, match="hours and minutes"):
        Alarms(shift_changes=(clock,))


def test_a_time_in_the_name_of_a_file_has_no_sign_that_file_systems_refuse() -> None:
    noon = datetime(2026, 3, 1, 14, 3, 22).astimezone()

    assert words.file_time(noon.timestamp()) == "2026-03-01-1403"
