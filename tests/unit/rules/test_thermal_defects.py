"""Failed cells are found, and real spots are not taken for them."""

import numpy as np
import pytest

from embereye.rules.thermal_defects import LASTING, MOST, Defect, DefectWatch

PERIOD = 4.085


def spot(height, share, row=10, column=12):
    """A scene of 25 °C; the lens gives each direct neighbour `share` of the height."""
    cells = np.full((24, 32), 25.0)
    cells[row - 1 : row + 2, column - 1 : column + 2] += height * share / 2
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        cells[row + down, column + right] = 25.0 + height * share
    cells[row, column] = 25.0 + height
    return cells


class Watching:
    def __init__(self, known=()):
        self.watch = DefectWatch(known)
        self.noise = np.random.default_rng(7)
        self.now = 0.0

    def look(self, scene, seconds, period=PERIOD, noise=0.3):
        for _ in range(round(seconds / period)):
            self.now += period
            cells = scene + self.noise.normal(0, noise, scene.shape)
            self.watch.take(self.now, cells.astype(np.float32))
        return self.watch.defects


@pytest.mark.parametrize("height", [20.0, 100.0, -30.0, 500.0])
@pytest.mark.parametrize("period", [0.25, PERIOD])
def test_a_cell_that_stands_out_alone_is_failed_after_ten_minutes(height, period):
    watching = Watching()
    assert watching.look(spot(height, 0.0), LASTING - 30.0, period) == ()
    assert watching.look(spot(height, 0.0), 90.0, period) == (Defect(10, 12),)


@pytest.mark.parametrize("height", [20.0, 60.0, 300.0])
@pytest.mark.parametrize("share", [0.1, 0.2])
def test_a_real_spot_never_is(height, share):
    assert Watching().look(spot(height, share), 4 * LASTING) == ()


@pytest.mark.parametrize("place", [(0, 0), (0, 12), (23, 31), (12, 31)])
def test_cells_at_the_border_are_found_too(place):
    cells = np.full((24, 32), 25.0)
    cells[place] = 90.0
    assert Watching().look(cells, 1.2 * LASTING) == (Defect(*place),)


def test_people_passing_do_not_end_the_suspicion():
    watching = Watching()
    passing = spot(60.0, 0.0)
    passing[8:16, 11:14] += 8.0
    for _ in range(15):
        watching.look(spot(60.0, 0.0), 80.0)
        watching.look(passing, 8.0)
    assert watching.watch.defects == (Defect(10, 12),)


def test_a_cell_that_agrees_again_is_believed_after_ten_times_as_long():
    watching = Watching((Defect(10, 12),))
    calm = np.full((24, 32), 25.0)
    assert watching.look(calm, 10 * LASTING - 60.0) == (Defect(10, 12),)
    assert watching.look(calm, 120.0) == ()


def test_a_cell_that_fails_for_a_fifth_of_the_time_is_found():
    watching = Watching()
    for _ in range(150):
        watching.look(spot(100.0, 0.0), 12.0, 1.0)
        watching.look(np.full((24, 32), 25.0), 48.0, 1.0)
    assert watching.watch.defects == (Defect(10, 12),)


def test_a_cell_hotter_than_it_is_known_is_believed_at_once_and_found_out_anew():
    watching = Watching((Defect(10, 12, 55.0),))
    hot = spot(75.0, 0.0)
    assert watching.watch.repair(hot)[10, 12] == 100.0
    assert watching.look(hot, 60.0) == ()
    (again,) = watching.look(hot, LASTING)
    assert again.highest == pytest.approx(101.0, abs=1.0)
    assert watching.watch.repair(hot)[10, 12] < 30.0


def test_a_failed_cell_is_taken_from_its_neighbours():
    watch = DefectWatch((Defect(0, 0), Defect(10, 12), Defect(10, 13)))
    cells = np.full((24, 32), 25.0, np.float32)
    cells[0, 0] = cells[10, 12] = cells[10, 13] = 300.0
    cells[9, 11] = 34.0
    repaired = watch.repair(cells)
    assert repaired[0, 0] == 25.0
    assert repaired[10, 12] == pytest.approx(25.0 + 9.0 / 7)
    assert cells[0, 0] == 300.0


def test_an_odd_picture_is_not_repaired_away():
    cells = np.full((24, 32), 25.0)
    cells[2:23:5, 2:31:5] = 90.0
    watching = Watching()
    assert watching.look(cells, 2 * LASTING) == ()
    assert watching.watch.suspicious > MOST


def test_two_failed_cells_side_by_side_are_found_one_after_the_other():
    cells = np.full((24, 32), 25.0)
    cells[10, 12] = cells[10, 14] = 90.0
    assert Watching().look(cells, 2 * LASTING) == (Defect(10, 12), Defect(10, 14))


def test_one_picture_an_hour_is_no_proof():
    watching = Watching()
    assert watching.look(spot(60.0, 0.0), 5 * 3600.0, 3600.0) == ()
