"""Hot spots become regions of interest of the camera."""

import numpy as np
import pytest

from embereye.rules.alignment import alignment_of
from embereye.rules.hot_region import hot_boxes

WHOLE = alignment_of(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))


def scene(*spots):
    cells = np.full((24, 32), 22.0, np.float32)
    for rows, columns, celsius in spots:
        cells[rows, columns] = celsius
    return cells


def test_a_spot_becomes_a_box_with_a_margin_and_room_for_flames():
    (box,) = hot_boxes(scene((slice(12, 15), slice(16, 20), 90.0)), WHOLE)
    assert (box.x, box.x + box.width) == (pytest.approx(14 / 32), pytest.approx(22 / 32))
    assert (box.y, box.y + box.height) == (pytest.approx(7 / 24), pytest.approx(17 / 24))
    assert box.celsius == pytest.approx(90.0)


def test_the_hottest_comes_first():
    boxes = hot_boxes(scene((3, 3, 60.0), (20, 28, 90.0)), WHOLE)
    assert [box.celsius for box in boxes] == [pytest.approx(90.0), pytest.approx(60.0)]


def test_what_hangs_together_is_one_spot():
    assert len(hot_boxes(scene((slice(5, 9), 5, 80.0), (9, slice(6, 12), 70.0)), WHOLE)) == 1


def test_a_person_is_no_hot_spot():
    assert hot_boxes(scene((slice(5, 15), slice(5, 9), 34.0)), WHOLE) == ()


def test_the_box_stays_inside_the_picture():
    (box,) = hot_boxes(scene((0, 0, 90.0)), WHOLE)
    assert (box.x, box.y) == (0.0, 0.0)


def test_what_the_camera_does_not_see_is_left_out():
    beside = alignment_of(((0.9, 0.0), (2.9, 0.0), (2.9, 1.0), (0.9, 1.0)))
    assert hot_boxes(scene((12, 20, 90.0)), beside) == ()
    assert len(hot_boxes(scene((12, 1, 90.0)), beside)) == 1


def test_dead_cells_count_for_nothing():
    assert hot_boxes(np.full((24, 32), np.nan, np.float32), WHOLE) == ()
    cells = scene((12, 20, 90.0))
    cells[0] = np.nan
    assert len(hot_boxes(cells, WHOLE)) == 1
