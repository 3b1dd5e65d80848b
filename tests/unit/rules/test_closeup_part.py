"""Which part of a picture is looked at closely."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embereye.model.frame import Part
from embereye.rules.closeup import part_of
from embereye.rules.hot_region import HotBox


def hot(x=0.5, y=0.5, width=0.05, height=0.1):
    return HotBox(x, y, width, height, 90.0)


def test_nothing_hot_is_no_part():
    assert part_of((), None) is None
    assert part_of((), Part(0.4, 0.4, 0.2, 0.2)) is None


def test_the_part_holds_the_hottest_box_with_room_around():
    part = part_of((hot(), hot(0.0, 0.0)), None)
    assert part.x <= 0.4875
    assert part.y <= 0.475
    assert part.x + part.width >= 0.5625
    assert part.y + part.height >= 0.625


def test_a_spot_that_wanders_a_little_keeps_its_part():
    before = part_of((hot(),), None)
    assert part_of((hot(0.505, 0.51),), before) is before


def test_a_spot_that_leaves_its_part_gets_another():
    before = part_of((hot(),), None)
    assert part_of((hot(0.8, 0.5),), before) != before


def test_a_spot_that_shrinks_far_is_drawn_closer():
    before = part_of((hot(0.35, 0.35, 0.25, 0.25),), None)
    assert part_of((hot(0.5, 0.5, 0.02, 0.02),), before) != before


def test_a_hot_picture_has_no_part():
    assert part_of((hot(0.1, 0.1, 0.6, 0.3),), None) is None


@given(*[st.floats(0, 1)] * 2, *[st.floats(0.001, 1)] * 2)
def test_a_part_lies_in_the_picture_and_is_never_tiny(x, y, width, height):
    part = part_of((hot(x, y, min(width, 1 - x) or 0.001, min(height, 1 - y) or 0.001),), None)
    if part is None:
        return
    assert 0 <= part.x < part.x + part.width <= 1
    assert 0 <= part.y < part.y + part.height <= 1
    assert min(part.width, part.height) >= 1 / 16


@pytest.mark.parametrize("corner", [0.0, 0.97])
def test_a_spot_in_the_corner_has_a_part(corner):
    assert part_of((hot(corner, corner, 0.03, 0.03),), None) is not None
