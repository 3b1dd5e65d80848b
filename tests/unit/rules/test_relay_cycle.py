"""A relay is on while something wants it, never for too long, and never for nothing."""

import pytest
from consoles import alarm
from fakes import FakeClock

from embereye.model.alarm import (
    AlarmKind,
    AlarmState,
    AlarmTable,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import PlaceId
from embereye.model.notice import NoticeEvent
from embereye.rules.notices import Selection
from embereye.rules.relay_cycle import RelayCycle, wanting

ALL = Selection(Priority.LOW, frozenset(NoticeEvent))


def run(cycle, *steps):
    return [cycle.step(now, wants) for now, wants in steps]


def test_it_is_on_while_something_wants_it():
    steps = [(0, ()), (1, "a"), (2, "a"), (3, ())]
    assert run(RelayCycle(180, 0), *steps) == [False, True, True, False]


def test_after_its_longest_time_only_something_else_switches_it_on_again():
    steps = [(0, "a"), (9.9, "a"), (10, "a"), (500, "a"), (501, "ab"), (511, "ab")]
    assert run(RelayCycle(10, 0), *steps) == [True, True, False, False, True, False]


def test_what_came_while_it_was_on_gets_its_own_time_after_that():
    steps = [(0, "a"), (9, "ab"), (10, "ab"), (20, "ab")]
    assert run(RelayCycle(10, 0), *steps) == [True, True, True, False]


def test_it_cools_down_after_its_longest_time():
    steps = [(0, "a"), (10, "ab"), (39.9, "ab"), (40, "ab")]
    assert run(RelayCycle(10, 30), *steps) == [True, False, False, True]


def test_an_alarm_that_ends_and_comes_again_switches_it_on_again():
    steps = [(0, "a"), (10, "a"), (11, ()), (12, "a")]
    assert run(RelayCycle(10, 0), *steps) == [True, False, False, True]


@pytest.mark.parametrize(
    ("changes", "until_clear", "wanted"),
    [
        ({}, False, True),
        ({"state": AlarmState.RETURNED, "cause": Cause.CLEAR}, False, True),
        ({"state": AlarmState.ACKNOWLEDGED}, False, False),
        ({"state": AlarmState.ACKNOWLEDGED}, True, True),
        ({"state": AlarmState.ACKNOWLEDGED, "cause": Cause.UNKNOWN}, True, True),
        ({"state": AlarmState.LATCHED, "cause": Cause.CLEAR}, True, False),
        ({"priority": Priority.DIAGNOSTIC, "kind": AlarmKind.CAMERA_FAULT}, True, False),
    ],
)
def test_what_wants_it(changes, until_clear, wanted):
    clock = FakeClock()
    table = AlarmTable(1, (alarm(1, clock, **changes),))
    found = wanting(table, ALL, clock.mono(), until_clear=until_clear, silenced=True)
    assert bool(found) is wanted


@pytest.mark.parametrize("kind", list(OverlayKind))
def test_what_is_covered_wants_nothing(kind):
    clock = FakeClock()
    over = Overlay(kind, Scope(PlaceId("p")), "", "", 0.0, None, Priority.EMERGENCY)
    table = AlarmTable(1, (alarm(1, clock, overlay=over),))
    assert wanting(table, ALL, clock.mono(), until_clear=True, silenced=False) == []


def test_silence_ends_a_siren_but_no_beacon():
    clock = FakeClock()
    table = AlarmTable(1, (alarm(1, clock),), clock.mono() + 120.0)
    later = clock.mono() + 121.0
    assert wanting(table, ALL, clock.mono(), until_clear=False, silenced=True) == []
    assert wanting(table, ALL, clock.mono(), until_clear=False, silenced=False)
    assert wanting(table, ALL, later, until_clear=False, silenced=True)


@pytest.mark.parametrize(("choice", "wanted"), [(None, False), (True, True), (False, False)])
def test_a_rule_that_names_targets_decides_for_its_alarms(choice, wanted):
    clock = FakeClock()
    table = AlarmTable(1, (alarm(1, clock, priority=Priority.DIAGNOSTIC),))
    found = wanting(
        table, ALL, clock.mono(), until_clear=False, silenced=False, named=lambda _alarm: choice
    )
    assert bool(found) is wanted
