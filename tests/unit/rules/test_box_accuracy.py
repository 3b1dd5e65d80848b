"""Boxes found against boxes drawn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.box_accuracy import Area, BoxCounts, Marked, counted, overlap

LEFT, RIGHT = Area(0.0, 0.0, 0.4, 0.4), Area(0.6, 0.0, 1.0, 0.4)
sides = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted)
areas = st.tuples(sides, sides).map(
    lambda s: Area(s[0][0] / 12, s[1][0] / 12, s[0][1] / 12, s[1][1] / 12)
)


def _cells(area: Area) -> set[tuple[int, int]]:
    columns = range(round(area.left * 12), round(area.right * 12))
    rows = range(round(area.top * 12), round(area.bottom * 12))
    return {(x, y) for x in columns for y in rows}


@settings(deadline=None, max_examples=100)
@given(areas, areas)
def test_overlap_counts_cells(one, other):
    union = _cells(one) | _cells(other)
    expected = len(_cells(one) & _cells(other)) / len(union) if union else 0.0
    assert overlap(one, other) == pytest.approx(expected)


def test_the_best_box_must_point_into_a_drawn_one():
    inside, beside = Area(0.1, 0.1, 0.2, 0.2), Area(0.45, 0.1, 0.55, 0.2)
    assert counted([Marked((LEFT, RIGHT), (inside, beside))]).centred == 1
    assert counted([Marked((LEFT, RIGHT), (beside, inside))]).centred == 0
    assert counted([Marked((LEFT,), ())]) == BoxCounts(1, 0, 1, 0)


def test_one_found_box_counts_for_one_drawn_box():
    twin = Area(0.0, 0.0, 0.4, 0.5)
    assert counted([Marked((LEFT, twin), (LEFT,))]).agreeing == 1
    assert counted([Marked((LEFT, twin), (LEFT, LEFT))]).agreeing == 2


@pytest.mark.parametrize(("right", "agreeing"), [(0.13, 1), (0.11, 0)])
def test_an_overlap_of_three_tenths_agrees(right, agreeing):
    assert counted([Marked((LEFT,), (Area(0.0, 0.0, right, 0.4),))]).agreeing == agreeing


def test_small_boxes_are_counted_apart():
    dot = Area(0.5, 0.5, 0.55, 0.55)
    pictures = [Marked((LEFT, dot), (LEFT, dot)), Marked((dot,), ())]
    assert counted(pictures) == BoxCounts(2, 1, 3, 2)
    assert counted(pictures, below=0.01) == BoxCounts(1, 0, 2, 1)
