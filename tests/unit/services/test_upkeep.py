"""Upkeep: a disk that fills is a fault, once, until there is space again."""

import logging
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from fakes import FakeClock

from embereye.model.messages import WorkerFailed
from embereye.services.upkeep import Upkeep

_Usage = namedtuple("_Usage", "total used free")


def _upkeep(clock: FakeClock, folder: Path, low: int) -> tuple[Upkeep, list[WorkerFailed]]:
    told: list[WorkerFailed] = []
    return Upkeep(folder, low, clock, told.append), told  # type: ignore[arg-type]


def test_a_low_disk_is_told_once_and_its_end_too(clock: FakeClock, tmp_path: Path) -> None:
    upkeep, told = _upkeep(clock, tmp_path, low=2**40)
    upkeep.look()
    upkeep.look()
    upkeep.apply(0)
    upkeep.look()
    assert [t.recovered for t in told] == [False, True]
    assert "Make space" in told[0].text


def test_a_folder_that_is_gone_is_a_fault_in_words(clock: FakeClock, tmp_path: Path) -> None:
    upkeep, told = _upkeep(clock, tmp_path / "gone", low=0)
    upkeep.look()
    assert "cannot be reached" in told[0].text


def test_the_days_left_follow_from_the_rate(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [100 * 2**30]
    monkeypatch.setattr(shutil, "disk_usage", lambda _p: _Usage(0, 0, free[0]))
    upkeep, _ = _upkeep(clock, tmp_path, low=0)
    upkeep.look()
    assert upkeep.days_left is None
    clock.advance(3600.0)
    free[0] -= 2**30
    upkeep.look()
    assert upkeep.days_left == pytest.approx(99 / 24, rel=0.01)


def test_a_step_of_the_wall_clock_is_logged(
    clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    upkeep, _ = _upkeep(clock, tmp_path, low=0)
    with caplog.at_level(logging.WARNING):
        upkeep.look()
        clock.jump_wall(-86_400.0)
        upkeep.look()
    assert "the wall clock was set by -86400 s" in caplog.text


def test_a_large_step_of_the_clock_is_a_fault_for_a_minute(
    clock: FakeClock, tmp_path: Path
) -> None:
    upkeep, told = _upkeep(clock, tmp_path, low=0)
    upkeep.look()
    clock.jump_wall(-30.0)
    upkeep.look()
    assert told == [], "as much as NTP corrects at a start"
    clock.jump_wall(3600.0)
    upkeep.look()
    clock.advance(30.0)
    upkeep.look()
    assert [(t.name, t.recovered) for t in told] == [("clock", False)]
    assert "set by +3600 s" in told[0].text
    clock.advance(40.0)
    upkeep.look()
    assert [t.recovered for t in told] == [False, True]


def test_a_clock_that_nobody_set_is_a_fault_until_it_is(tmp_path: Path) -> None:
    clock = FakeClock(utc=86_400.0)
    upkeep, told = _upkeep(clock, tmp_path, low=0)
    upkeep.look()
    assert "years behind" in told[0].text
    clock.jump_wall(1_700_000_000.0)
    upkeep.look()
    clock.advance(61.0)
    upkeep.look()
    assert [t.recovered for t in told] == [False, True]
