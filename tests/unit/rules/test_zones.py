"""Pixels and fractions, and areas and lines that cannot be used."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.detection import Detection
from embereye.rules.zones import (
    Box,
    box_of,
    fraction,
    line_trouble,
    pixel,
    size_of,
    zone_trouble,
)

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))


@pytest.mark.parametrize("size", [(1920, 1080), (640, 480), (1080, 1920)])
def test_the_same_place_of_every_picture_has_the_same_fractions(size):
    width, height = size
    found = Detection("fire", 0.9, width / 4, height / 2, width / 8, height / 4)
    assert box_of(found, size) == Box(0.25, 0.5, 0.375, 0.75)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.tuples(st.integers(1, 8000), st.integers(1, 8000)))
def test_pixels_come_back_from_fractions(x, y, size):
    assert fraction(*pixel((x, y), size), size) == pytest.approx((x, y))


def test_a_result_that_tells_its_size_is_believed_before_the_camera():
    assert size_of((640, 360), (1920, 1080)) == (640, 360)
    assert size_of((0, 0), (1920, 1080)) == (1920, 1080)
    assert size_of((640, 0)) is None


def test_the_foot_is_the_middle_of_the_bottom_edge():
    assert Box(0.2, 0.1, 0.4, 0.9).foot == pytest.approx((0.3, 0.9))


def test_what_reaches_beyond_the_picture_is_cut_at_its_edge():
    assert Box(-0.5, 0.2, 0.5, 1.5).visible == Box(0.0, 0.2, 0.5, 1.0)


def test_a_plain_area_can_be_used():
    assert zone_trouble(SQUARE) == ""
    assert zone_trouble((*SQUARE, SQUARE[-1])) == "", "a double click draws no other area"


def test_crossing_edges_are_named_by_their_corners():
    text = zone_trouble(((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)))
    assert text.startswith("The edge after corner 1 meets the edge after corner 3:")


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ((), "3 corners"),
        (((0.1, 0.1), (0.9, 0.9)), "3 corners"),
        (((0.1, 0.1),) * 8, "3 corners"),
        (((0.1, 0.1), (0.101, 0.1), (0.1, 0.101)), "too small"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "meets"),  # no area at all
        (((-0.1, 0.1), (0.9, 0.1), (0.9, 0.9)), "outside the picture"),
        (((0.1, 0.1), (1.0001, 0.1), (0.9, 0.9)), "outside the picture"),
        (((math.nan, 0.1), (0.9, 0.1), (0.9, 0.9)), "outside the picture"),
        (tuple((0.5, index / 100) for index in range(65)), "at most 64"),
    ],
)
def test_an_area_that_cannot_be_used_is_refused_with_a_sentence(points, words):
    trouble = zone_trouble(points)
    assert words in trouble
    assert trouble.endswith(".")


def test_a_round_area_of_64_corners_can_be_used():
    steps = [2 * math.pi * index / 64 for index in range(64)]
    assert zone_trouble([(0.5 + 0.4 * math.cos(s), 0.5 + 0.4 * math.sin(s)) for s in steps]) == ""


def test_a_line_needs_two_places_in_the_picture():
    assert line_trouble(((0.1, 0.1), (0.9, 0.1))) == ""
    assert "no length" in line_trouble(((0.1, 0.1), (0.1, 0.1)))
    assert "outside" in line_trouble(((0.1, 0.1), (1.5, 0.1)))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=True), st.floats(allow_nan=True))
        | st.tuples(st.floats(0, 1), st.floats(0, 1)),
        max_size=70,
    )
)
def test_no_corners_whatsoever_crash_the_check(points):
    assert isinstance(zone_trouble(points), str)
    assert isinstance(line_trouble(points), str)
