"""When a child of the pool is too large, and when its replacements are worth telling."""

from typing import cast

import pytest

from embereye.runtime.process import Child
from embereye.vision.seat_wear import SeatWear

_MIB = 2**20


class _Child:
    """A child that needs so many MiB."""

    def __init__(self, mib: float) -> None:
        self.mib, self.asked = mib, 0

    def memory(self) -> int:
        self.asked += 1
        return round(self.mib * _MIB)


def _outgrown(mib: float, *, looking: bool) -> bool:
    wear = SeatWear("detector 1", 100)
    return bool(wear.outgrown(cast(Child, _Child(mib)), 0.0, looking=looking))


@pytest.mark.parametrize(
    ("mib", "looking", "outgrown"),
    [(100, False, False), (101, False, True), (101, True, False), (201, True, True)],
)
def test_a_picture_is_finished_unless_the_child_runs_away(
    mib: float, looking: bool, outgrown: bool
) -> None:
    assert _outgrown(mib, looking=looking) is outgrown


def test_what_is_found_during_a_picture_counts_when_that_is_done() -> None:
    wear, child = SeatWear("detector 1", 100), _Child(150)
    assert wear.outgrown(cast(Child, child), 0.0, looking=True) == ""
    assert wear.outgrown(cast(Child, child), 0.1, looking=False) != ""
    wear.replaced(0.1, "too large")
    assert wear.outgrown(cast(Child, _Child(50)), 0.2, looking=False) == ""


def test_memory_is_looked_at_once_a_second() -> None:
    wear, child = SeatWear("detector 1", 100), _Child(50)
    for tenth in range(31):
        wear.outgrown(cast(Child, child), tenth / 10, looking=False)
    assert child.asked == 4


def test_the_third_replacement_within_an_hour_is_told_with_its_reason() -> None:
    wear = SeatWear("detector 1", 100)
    for at in (0.0, 1000.0):
        wear.replaced(at, "detector 1 is gone (exit code -9)")
    assert wear.remark(1000.0) == ""
    wear.replaced(2000.0, "detector 1 is gone (exit code -11)")
    assert "exit code -11" in wear.remark(2000.0)


def test_replacements_now_and_then_are_not_told_and_the_remark_ends() -> None:
    wear = SeatWear("detector 1", 100)
    for at in (0.0, 3000.0, 6000.0):
        wear.replaced(at, "gone")
        assert wear.remark(at) == ""
    wear.replaced(6100.0, "gone")
    assert wear.remark(6100.0) != ""
    assert wear.remark(6700.0) == ""
