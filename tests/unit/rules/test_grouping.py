"""Which alarms and detections are one incident: the window runs from the last event."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.ids import AlarmId, IncidentId, PlaceId
from embereye.rules.grouping import Grouping, Terms

A, B = PlaceId("boiler"), PlaceId("yard")
WINDOW, IDLE = 90.0, 30.0


def grouping(**terms) -> Grouping:
    numbers = itertools.count(1)
    return Grouping(lambda: IncidentId(next(numbers)), Terms(**terms))


def groups(events, **terms):
    """The number of the group of each alarm; events: (at, alarm, open) at one place."""
    groups = grouping(**terms)
    return {a: groups.alarm(A, AlarmId(a), is_open, at).number for at, a, is_open in events}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(0, 1, False), (90, 2, False)], {1: 1, 2: 1}),
        ([(0, 1, False), (90.1, 2, False)], {1: 1, 2: 2}),
        # no fixed buckets: 80 s apart each, 160 s in all
        ([(0, 1, False), (80, 2, False), (160, 3, False)], {1: 1, 2: 1, 3: 1}),
        # an open alarm keeps its incident open, however long
        ([(0, 1, True), (5000, 2, False)], {1: 1, 2: 1}),
        # the window begins when the last alarm ends
        ([(0, 1, True), (500, 1, False), (590, 2, False)], {1: 1, 2: 1}),
        ([(0, 1, True), (500, 1, False), (590.1, 2, False)], {1: 1, 2: 2}),
        # the old alarm stays where it was while the new one has an incident of its own
        ([(0, 1, False), (200, 2, True), (210, 1, True), (220, 3, True)], {1: 1, 2: 2, 3: 2}),
        # what comes late joins the present incident
        ([(100, 1, False), (60, 2, False), (185, 3, False)], {1: 1, 2: 1, 3: 1}),
    ],
)  # fmt: skip
def test_alarms_within_the_window_of_the_last_event_are_one(events, expected):
    assert groups(events) == expected


@pytest.mark.parametrize("window", [1.0, 3600.0])
def test_the_window_is_the_one_that_was_set(window):
    assert groups([(0, 1, False), (window, 2, False)], window=window) == {1: 1, 2: 1}
    assert groups([(0, 1, False), (window + 0.1, 2, False)], window=window) == {1: 1, 2: 2}


def test_each_place_has_incidents_of_its_own():
    known = grouping()
    assert known.alarm(A, AlarmId(1), True, 0.0) is not known.alarm(B, AlarmId(2), True, 0.0)


def test_a_timer_that_fires_late_splits_nothing():
    known = grouping()
    first = known.alarm(A, AlarmId(1), False, 0.0)
    known.look(1000.0)
    assert first.ended
    assert known.alarm(A, AlarmId(2), True, 90.0) is first
    assert not first.ended


def test_an_uncertain_detection_is_shown_when_it_is_over():
    known = grouping()
    group = known.seen(A, 0.0, fast=False)
    known.look(IDLE - 0.1)
    assert not group.shown
    assert known.look(IDLE) == [group]
    assert group.shown


def test_a_certain_detection_is_shown_at_once():
    assert grouping().seen(A, 0.0, fast=True).shown


def test_an_alarm_shows_what_was_seen_before_it():
    known = grouping()
    seen = known.seen(A, 0.0, fast=False)
    assert known.alarm(A, AlarmId(1), True, 10.0) is seen
    assert seen.shown
    assert seen.first == 0.0


def test_something_seen_without_end_is_shown_after_the_window():
    known = grouping()
    for second in range(95):
        group = known.seen(A, float(second), fast=False)
        known.look(float(second))
        assert group.shown == (second >= WINDOW)


def test_an_incident_ends_only_when_its_alarms_have():
    known = grouping()
    group = known.alarm(A, AlarmId(1), True, 0.0)
    known.look(10_000.0)
    assert not group.ended
    known.alarm(A, AlarmId(1), False, 10_000.0)
    known.look(10_000.0 + WINDOW)
    assert not group.ended
    known.look(10_000.1 + WINDOW)
    assert group.ended


def test_an_ended_alarm_that_comes_back_is_in_its_own_incident():
    known = grouping()
    first = known.alarm(A, AlarmId(1), False, 0.0)
    known.look(3600.0)
    assert known.alarm(A, AlarmId(1), True, 3600.0) is first


def test_what_is_long_over_is_forgotten():
    known = grouping()
    for number in range(50):
        known.alarm(A, AlarmId(number), False, number * 100.0)
    known.look(20_000.0)
    assert not known._of_alarm
    assert not known._current
    assert not known._former


@pytest.mark.parametrize(
    ("label", "confidence", "fast"),
    [("fire", 0.90, True), ("fire", 0.899, False), ("person", 0.95, True), ("cat", 1.0, False)],
)
def test_the_fast_path_takes_certain_detections_of_its_types(label, confidence, fast):
    assert Terms().fast(label, confidence) is fast


EVENTS = st.lists(
    st.tuples(
        st.floats(0, 2000, allow_nan=False),
        st.sampled_from([A, B]),
        st.integers(1, 12),
        st.booleans(),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=200)
@given(events=EVENTS, window=st.floats(1, 3600))
def test_every_alarm_is_in_exactly_one_incident_in_any_order(events, window):
    known = grouping(window=window)
    found: dict[int, set[int]] = {}
    for at, place, number, is_open in events:  # as they arrive: not in the order of their times
        alarm = AlarmId(number if place == A else 100 + number)
        group = known.alarm(place, alarm, is_open, at)
        assert group.place == place
        found.setdefault(alarm, set()).add(group.number)
        known.look(at)
    assert all(len(numbers) == 1 for numbers in found.values())
    everywhere = [g for g in (*known._current.values(), *known._former) if g.alarms]
    assert sum(len(g.alarms) for g in everywhere) == len({a for g in everywhere for a in g.alarms})


@settings(deadline=None, max_examples=200)
@given(
    gaps=st.lists(st.floats(0, 300), min_size=1, max_size=40),
    window=st.floats(1, 200),
    looks=st.lists(st.floats(0, 10_000), max_size=5),
)
def test_neighbours_are_together_exactly_when_the_window_covers_their_gap(gaps, window, looks):
    known = grouping(window=window, idle=1.0)
    at, before = 0.0, None
    for number, gap in enumerate(gaps):
        last, at = at, at + gap
        group = known.alarm(A, AlarmId(number), False, at)
        if before is not None:
            assert (group is before) == (at - last <= window)
        before = group
        if looks:
            known.look(at + looks[number % len(looks)] % 1.0)
