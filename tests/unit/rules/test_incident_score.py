"""The rule score and the levels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from incident_parts import member, tally

from embereye.model.alarm import AlarmKind, Priority
from embereye.model.incident import Level
from embereye.rules.incident_score import LevelLimits, level, score

BANDS = {
    Priority.DIAGNOSTIC: Level.LOW,
    Priority.LOW: Level.LOW,
    Priority.MEDIUM: Level.MEDIUM,
    Priority.HIGH: Level.HIGH,
    Priority.EMERGENCY: Level.CRITICAL,
}


@pytest.mark.parametrize(
    ("points", "expected"),
    [(0, Level.LOW), (29, Level.LOW), (30, Level.MEDIUM), (59, Level.MEDIUM), (60, Level.HIGH),
     (84, Level.HIGH), (85, Level.CRITICAL), (100, Level.CRITICAL)],
)  # fmt: skip
def test_levels_are_those_of_the_design(points, expected):
    assert level(points, LevelLimits()) is expected


def test_levels_follow_the_settings():
    assert level(29, LevelLimits(10, 20, 28)) is Level.CRITICAL


@settings(deadline=None)
@given(
    priority=st.sampled_from(Priority),
    kinds=st.lists(st.sampled_from(AlarmKind), min_size=1, max_size=30),
    seen=st.booleans(),
)
def test_each_priority_keeps_its_level_however_many_alarms(priority, kinds, seen):
    members = [member(n, kind=kind, priority=priority) for n, kind in enumerate(kinds)]
    points = score(members, [tally()] if seen else [])
    assert 0 <= points <= 100
    assert level(points, LevelLimits()) is BANDS[priority]


def test_more_alarms_of_more_sources_score_higher():
    one, two = [member(1)], [member(1), member(2, kind=AlarmKind.GAS)]
    assert (score(one, []), score(two, []), score(two, [tally()])) == (91, 95, 96)


@pytest.mark.parametrize(
    ("label", "best", "points"), [("fire", 1.0, 50), ("smoke", 0.5, 25), ("person", 0.9, 27)]
)
def test_detections_alone_score_by_confidence(label, best, points):
    assert score([], [tally(label=label, best=best)]) == points


def test_nothing_scores_nothing():
    assert score([], []) == 0
