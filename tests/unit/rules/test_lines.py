"""Crossing a line: direction, jitter, jumps, ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.lines import LineCrossing
from embereye.rules.zones import Box

UP = ((0.5, 0.9), (0.5, 0.1))  # drawn upwards: right of it is the right half of the picture
BENT = ((0.2, 0.5), (0.5, 0.5), (0.8, 0.2))


def walk(line, places, track=1, width=0.04):
    found = []
    for x, y in places:
        found.append(line.step(track, (x, y), Box(x - width / 2, y - 0.1, x + width / 2, y)))
    return found


def along(start, end, steps):
    (x, y), (u, v) = start, end
    return [(x + (u - x) * i / steps, y + (v - y) * i / steps) for i in range(steps + 1)]


def test_a_crossing_counts_once_with_its_direction():
    assert sum(walk(LineCrossing(UP), along((0.3, 0.5), (0.7, 0.5), 40))) == 1
    assert sum(walk(LineCrossing(UP), along((0.7, 0.5), (0.3, 0.5), 40))) == -1
    assert [abs(n) for n in walk(LineCrossing(UP), along((0.3, 0.5), (0.7, 0.5), 40))].count(1) == 1


def test_the_direction_turns_with_the_line():
    assert sum(walk(LineCrossing(UP[::-1]), along((0.3, 0.5), (0.7, 0.5), 40))) == -1


def test_an_object_that_jumps_over_the_line_between_two_looks_counts():
    assert walk(LineCrossing(UP), [(0.3, 0.5), (0.7, 0.5)]) == [0, 1]


def test_an_object_that_walks_around_the_end_does_not_count():
    around = [*along((0.3, 0.5), (0.3, 0.05), 10), *along((0.3, 0.05), (0.7, 0.05), 10),
              *along((0.7, 0.05), (0.7, 0.5), 10)]  # fmt: skip
    assert not any(walk(LineCrossing(UP), around))


def test_swaying_on_the_line_counts_once_at_most():
    sway = [(0.5 + (0.008 if i % 2 else -0.008), 0.5) for i in range(60)]
    assert not any(walk(LineCrossing(UP), sway))
    line = LineCrossing(UP)
    assert sum(walk(line, [(0.3, 0.5), *sway, (0.7, 0.5)])) == 1


def test_who_turns_back_on_the_line_has_not_crossed_it():
    assert not any(walk(LineCrossing(UP), [(0.3, 0.5), (0.505, 0.5), (0.3, 0.5)]))


def test_there_and_back_are_two_crossings():
    assert walk(LineCrossing(UP), [(0.3, 0.5), (0.7, 0.5), (0.3, 0.5)]) == [0, 1, -1]


@pytest.mark.parametrize("x", [0.3, 0.45, 0.5, 0.55, 0.7])
def test_a_corner_of_the_line_is_crossed_once(x):
    line = LineCrossing(BENT)
    assert walk(line, [(x, 0.05), (x, 0.95)]) == [0, 1]


def test_a_place_exactly_on_the_line_is_counted_neither_twice_nor_lost():
    assert sum(walk(LineCrossing(UP), [(0.3, 0.5), (0.5, 0.5), (0.7, 0.5)])) == 1
    assert sum(walk(LineCrossing(UP), [(0.7, 0.5), (0.5, 0.5), (0.3, 0.5)])) == -1


def test_objects_are_told_apart():
    line = LineCrossing(UP)
    assert walk(line, [(0.3, 0.5)], track=1) == [0]
    assert walk(line, [(0.7, 0.5)], track=2) == [0]


def test_a_forgotten_object_begins_anew():
    line = LineCrossing(UP)
    walk(line, [(0.3, 0.5)])
    line.keep([2])
    assert walk(line, [(0.7, 0.5)]) == [0]


def test_a_crossing_is_told_once_the_object_is_believed():
    line = LineCrossing(UP)
    box = Box(0.68, 0.4, 0.72, 0.5)
    line.step(1, (0.3, 0.5), box, believed=False)
    assert line.step(1, (0.7, 0.5), box, believed=False) == 0
    assert line.step(1, (0.71, 0.5), box) == 1


_place = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(deadline=None, max_examples=200)
@given(st.lists(_place, min_size=2, max_size=30))
def test_crossings_of_a_line_through_the_whole_picture_tell_the_side(places):
    """Between clear places the sum of crossings is the change of sides, whatever the way."""
    line = LineCrossing(((0.5, 2.0), (0.5, -1.0)))
    clear = [(0.0, 0.5), *places, (1.0, 0.5)]
    assert sum(walk(line, clear, width=0.04)) == 1
