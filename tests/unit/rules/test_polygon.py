"""Polygons: inside, area, the part in a box, crossing edges."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.polygon import area, area_within, contains, crossing_edges, turn

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
HORSESHOE = (  # open at the top; concave
    (0.0, 0.0), (0.2, 0.0), (0.2, 0.6), (0.8, 0.6), (0.8, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0),
)  # fmt: skip


@st.composite
def stars(draw):
    """Polygons around a middle, concave ones too, without crossing edges."""
    radii = draw(st.lists(st.floats(0.05, 0.45), min_size=5, max_size=64))
    steps = [2 * math.pi * index / len(radii) for index in range(len(radii))]
    return [
        (0.5 + r * math.cos(s), 0.5 + r * math.sin(s)) for r, s in zip(radii, steps, strict=True)
    ]


def test_the_border_belongs_to_an_area():
    for place in ((0.2, 0.3), (0.6, 0.6), (0.4, 0.2)):
        assert contains(SQUARE, *place)
    assert not contains(SQUARE, 0.6000001, 0.4)


def test_the_gap_of_a_concave_area_lies_outside():
    assert contains(HORSESHOE, 0.1, 0.3)
    assert not contains(HORSESHOE, 0.5, 0.3)
    assert contains(HORSESHOE, 0.5, 0.8)


def test_a_box_over_the_gap_has_only_the_two_legs_inside():
    assert area_within(HORSESHOE, 0.1, 0.1, 0.9, 0.5) == pytest.approx(2 * 0.1 * 0.4)


def test_a_box_beside_an_area_has_nothing_inside():
    assert area_within(SQUARE, 0.7, 0.2, 0.9, 0.6) == 0.0


@settings(deadline=None, max_examples=60)
@given(stars(), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_four_boxes_side_by_side_share_an_area_without_loss(points, x, y):
    parts = [
        area_within(points, *box)
        for box in ((0, 0, x, y), (x, 0, 1, y), (0, y, x, 1), (x, y, 1, 1))
    ]
    assert sum(parts) == pytest.approx(area(points), abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(stars(), st.integers(0, 9), st.integers(0, 9))
def test_the_part_in_a_box_agrees_with_counted_places(points, column, row):
    left, top = column / 10, row / 10
    steps = [(index + 0.5) / 400 for index in range(40)]
    hits = sum(contains(points, left + x, top + y) for x in steps for y in steps)
    share = area_within(points, left, top, left + 0.1, top + 0.1) / 0.01
    assert share == pytest.approx(hits / 1600, abs=0.05)


@settings(deadline=None, max_examples=60)
@given(stars())
def test_an_area_around_its_middle_has_no_crossing_edges(points):
    assert crossing_edges(points) is None


@pytest.mark.parametrize(
    "points",
    [
        ((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)),  # an hourglass
        ((0.1, 0.1), (0.9, 0.1), (0.5, 0.1), (0.5, 0.9)),  # an edge that turns back on itself
        ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)),  # a corner on another edge
        ((0.1, 0.1), (0.5, 0.5), (0.9, 0.1), (0.9, 0.9), (0.5, 0.5), (0.1, 0.9)),  # one place twice
    ],
)
def test_edges_that_cross_touch_or_turn_back_are_found(points):
    assert crossing_edges(points) is not None


def test_right_is_where_the_right_hand_points():
    assert turn((0.5, 0.9), (0.5, 0.1), (0.8, 0.5)) > 0  # walking up the picture
    assert turn((0.5, 0.9), (0.5, 0.1), (0.2, 0.5)) < 0
