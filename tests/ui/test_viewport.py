"""Digital zoom as numbers: what is shown of a picture."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ui.viewport import MOST, WHOLE, Viewport, wanted_size

_FRACTION = st.floats(0.0, 1.0)
_NOTCHES = st.integers(-20, 20)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), _NOTCHES, _FRACTION, _FRACTION),
        st.tuples(st.just("pan"), st.just(0), st.floats(-5, 5), st.floats(-5, 5)),
    ),
    max_size=12,
)
_EPS = 1e-9


def _after(steps: list[tuple[str, int, float, float]]) -> Viewport:
    view = WHOLE
    for kind, notches, x, y in steps:
        view = view.zoomed(notches, x, y) if kind == "zoom" else view.panned(x, y)
    return view


@given(_STEPS)
@settings(deadline=None)
def test_nothing_beyond_the_edge_of_the_picture_is_ever_shown(
    steps: list[tuple[str, int, float, float]],
) -> None:
    view = _after(steps)
    part = view.part
    assert 1.0 <= view.zoom <= MOST
    assert part.x >= -_EPS
    assert part.y >= -_EPS
    assert part.x + part.width <= 1 + _EPS
    assert part.y + part.height <= 1 + _EPS


@given(_STEPS, st.integers(1, 6), _FRACTION, _FRACTION)
@settings(deadline=None)
def test_zooming_in_keeps_the_point_under_the_pointer(
    steps: list[tuple[str, int, float, float]], notches: int, x: float, y: float
) -> None:
    before = _after(steps)
    after = before.zoomed(notches, x, y)
    assert after.pictured(x, y) == pytest.approx(before.pictured(x, y), abs=1e-6)


@given(_STEPS, _FRACTION, _FRACTION)
@settings(deadline=None)
def test_to_the_picture_and_back_is_the_same_point(
    steps: list[tuple[str, int, float, float]], x: float, y: float
) -> None:
    view = _after(steps)
    assert view.shown(*view.pictured(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_two_notches_double_and_the_same_way_back_is_the_whole_picture() -> None:
    near = WHOLE.zoomed(2, 0.25, 0.75)
    assert near.zoom == pytest.approx(2.0)
    assert near.zoomed(-2, 0.9, 0.1) == WHOLE


def test_the_hand_moves_the_picture_by_what_it_travels() -> None:
    view = WHOLE.zoomed(4)
    at = view.pictured(0.5, 0.5)
    assert view.panned(0.2, -0.1).shown(*at) == pytest.approx((0.7, 0.4))
    assert WHOLE.panned(0.2, 0.2) is WHOLE


@pytest.mark.parametrize(
    ("zoom", "source", "more", "wanted"),
    [
        (1.0, (1920, 1080), False, (480, 270)),
        (2.0, (1920, 1080), False, (960, 540)),
        (8.0, (1920, 1080), False, (1920, 1080)),  # there is no more detail
        (8.0, (8192, 4608), False, (3840, 2160)),
        (4.0, (320, 240), False, (480, 270)),  # the tile is larger than the source
        (4.0, (0, 0), False, (480, 270)),  # not known yet
        (4.0, (640, 360), True, (1920, 1080)),  # the main stream has more than its sub stream
    ],
)
def test_capture_is_asked_for_all_the_detail_there_is_and_no_more(
    zoom: float, source: tuple[int, int], more: bool, wanted: tuple[int, int]
) -> None:
    assert wanted_size((480, 270), zoom, source, more) == wanted


def test_no_side_is_longer_than_capture_makes() -> None:
    assert wanted_size((1920, 1080), 8.0, (16384, 8192), False) == (4096, 4096)
