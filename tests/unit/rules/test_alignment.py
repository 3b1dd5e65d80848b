"""Thermal and camera picture are brought together, or refused with a reason."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from embereye.model.errors import ConfigError
from embereye.rules.alignment import alignment_of, problem_of

PLAIN = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
TILTED = ((0.2, 0.3), (0.9, 0.1), (0.8, 0.95), (0.3, 0.7))
CORNERS = np.array([(0, 0), (32, 0), (32, 24), (0, 24)], float)
SHIFT = st.floats(-0.6, 0.6)


@pytest.mark.parametrize("corners", [PLAIN, TILTED, TILTED[::-1], TILTED[2:] + TILTED[:2]])
def test_corners_come_out_where_they_were_dragged(corners):
    found = alignment_of(corners)
    assert np.allclose(found.to_camera(CORNERS), corners)
    assert np.allclose(found.to_thermal(np.array(corners)), CORNERS)


def test_the_middle_of_a_plain_rectangle_is_its_middle():
    assert np.allclose(alignment_of(PLAIN).to_camera(np.array([[16.0, 12.0]])), [[0.5, 0.5]])


def test_straight_lines_stay_straight():
    line = np.column_stack([np.linspace(0, 32, 9), np.linspace(3, 20, 9)])
    seen = alignment_of(TILTED).to_camera(line)
    along, way = seen - seen[0], seen[-1] - seen[0]
    assert np.abs(along[:, 0] * way[1] - along[:, 1] * way[0]).max() < 1e-12


@given(st.tuples(*[st.tuples(SHIFT, SHIFT)] * 4), st.floats(0, 32), st.floats(0, 24))
@settings(deadline=None)
def test_there_and_back_is_the_same_point(shifts, x, y):
    corners = tuple((2 * u + a, 2 * v + b) for (u, v), (a, b) in zip(PLAIN, shifts, strict=True))
    assume(problem_of(corners) is None)
    found = alignment_of(corners)
    point = np.array([[x, y]])
    assert np.allclose(found.to_thermal(found.to_camera(point)), point, atol=1e-4)


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (PLAIN[:3], "four corners"),
        ((PLAIN[0], PLAIN[2], PLAIN[1], PLAIN[3]), "cross"),
        ((*PLAIN[:3], (0.6, 0.4)), "between"),
        (((0.5, 0.5),) * 4, "cross"),
        (((0.5, 0.5), (0.51, 0.5), (0.51, 0.51), (0.5, 0.51)), "too close"),
        (((0.0, 0.0), (0.5, -0.001), (1.0, 0.0), (0.5, 1.0)), "one line"),
        ((*PLAIN[:3], (float("nan"), 0.5)), "numbers"),
    ],
)
def test_corners_that_span_no_picture_are_refused_with_a_reason(corners, words):
    assert words in problem_of(corners)
    with pytest.raises(ConfigError, match=words):
        alignment_of(corners)


def test_what_lies_beyond_the_horizon_is_nowhere():
    leaning = alignment_of(((0.4, 0.4), (0.6, 0.4), (1.0, 1.0), (0.0, 1.0)))
    assert np.isnan(leaning.to_camera(np.array([[16.0, 500.0]]))).all()
