"""Which cells a shape on the thermal picture covers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.thermal_region import cells_of, masked_cells

POINT = st.tuples(st.floats(0, 32), st.floats(0, 24))


def cells(shape, *points):
    rows, columns = np.nonzero(cells_of(shape, points).reshape(24, 32))
    return set(zip(rows.tolist(), columns.tolist(), strict=True))


@pytest.mark.parametrize(
    ("point", "cell"),
    [((0, 0), (0, 0)), ((0.99, 1.0), (1, 0)), ((31.5, 23.5), (23, 31)), ((32, 24), (23, 31))],
)
def test_a_point_is_the_cell_it_lies_in(point, cell):
    assert cells("point", point) == {cell}


def test_a_line_covers_every_cell_it_touches():
    assert cells("line", (0.5, 0.5), (3.5, 0.5)) == {(0, 0), (0, 1), (0, 2), (0, 3)}
    assert cells("line", (0.5, 0.2), (1.5, 1.2)) == {(0, 0), (0, 1), (1, 1)}
    assert cells("line", (2.5, 3.5), (2.5, 1.5)) == {(1, 2), (2, 2), (3, 2)}


def test_a_line_goes_round_corners():
    assert cells("line", (0.5, 0.5), (2.5, 0.5), (2.5, 2.5)) == {
        (0, 0), (0, 1), (0, 2), (1, 2), (2, 2),
    }  # fmt: skip


def test_a_line_without_length_is_a_point():
    assert cells("line", (4.5, 4.5), (4.5, 4.5)) == {(4, 4)}


def test_a_line_along_the_border_lies_in_the_last_column():
    assert cells("line", (32, 0), (32, 24)) == {(row, 31) for row in range(24)}


def test_a_polygon_covers_the_cells_whose_centre_is_inside():
    assert cells("polygon", (1, 1), (3, 1), (3, 2), (1, 2)) == {(1, 1), (1, 2)}
    assert cells("polygon", (1, 1), (3.4, 1), (3.4, 2), (1, 2)) == {(1, 1), (1, 2)}


def test_a_hollow_polygon_leaves_its_inside_out():
    frame = [(0, 0), (5, 0), (5, 5), (0, 5), (0, 0), (1, 1), (1, 4), (4, 4), (4, 1), (1, 1)]
    found = cells("polygon", *frame)
    assert (2, 2) not in found
    assert (0, 2) in found


def test_a_polygon_smaller_than_a_cell_is_that_cell():
    assert cells("polygon", (4.1, 6.1), (4.2, 6.1), (4.2, 6.2)) == {(6, 4)}


def test_the_frame_is_everything():
    assert len(cells("frame")) == 768


@given(st.sampled_from(["line", "polygon"]), st.lists(POINT, min_size=3, max_size=12))
@settings(deadline=None)
def test_every_shape_covers_something(shape, points):
    assert cells_of(shape, tuple(points)).any()


@given(POINT, POINT)
@settings(deadline=None)
def test_a_line_covers_what_lies_on_it(start, end):
    found = cells_of("line", (start, end))
    for share in np.linspace(0.0, 1.0, 50):
        x = min(start[0] + share * (end[0] - start[0]), 31.999)
        y = min(start[1] + share * (end[1] - start[1]), 23.999)
        near = {
            min(int(v), 23) * 32 + min(int(u), 31)
            for u in (x - 1e-6, x, x + 1e-6)
            for v in (y - 1e-6, y, y + 1e-6)
            if u >= 0 and v >= 0
        }
        assert found[list(near)].any()


def test_masks_are_joined():
    left, right = ((0, 0), (1, 0), (1, 24), (0, 24)), ((31, 0), (32, 0), (32, 24), (31, 24))
    found = masked_cells((left, right))
    assert found is not None
    assert found.sum() == 48
    assert masked_cells(()) is None
