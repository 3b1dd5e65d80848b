"""The facts of a thermal picture leave flagged cells out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from embereye.rules.thermal_facts import facts_of

Picture = NDArray[np.float32]


def room() -> Picture:
    return np.full((24, 32), 20.0, np.float32)


def test_highest_lowest_mean_and_place() -> None:
    picture = room()
    picture[3, 30], picture[23, 0] = 100.0, -5.0

    facts = facts_of(np.array([room(), picture]))

    assert facts.highest.tolist() == [20.0, 100.0]
    assert facts.lowest.tolist() == [20.0, -5.0]
    assert facts.mean[1] == pytest.approx(picture.mean())
    assert (facts.row[1], facts.column[1]) == (3, 30)


@pytest.mark.parametrize(
    ("row", "column", "neighbours", "agreeing"),
    [
        (5, 5, [], 0),
        (5, 5, [(4, 4, 93.0), (5, 6, 92.1), (6, 5, 91.9)], 2),  # height 80: the limit is 92
        (0, 0, [(0, 1, 99.0), (1, 0, 99.0), (1, 1, 99.0), (0, 31, 99.0), (23, 0, 99.0)], 3),
        (23, 31, [(22, 30, 99.0), (5, 5, 99.0)], 1),
    ],
)
def test_agreeing_neighbours_lie_within_a_tenth_of_the_height(
    row: int, column: int, neighbours: list[tuple[int, int, float]], agreeing: int
) -> None:
    picture = room()
    picture[row, column] = 100.0
    for at_row, at_column, value in neighbours:
        picture[at_row, at_column] = value
    assert facts_of(picture[None]).agreeing.tolist() == [agreeing]


def test_flagged_cells_take_no_part() -> None:
    picture = np.linspace(0, 767, 768, dtype=np.float32).reshape(24, 32)
    picture[23, 31] = picture[0, 0] = np.nan

    facts = facts_of(np.array([picture, room()]))

    assert facts.usable.tolist() == [766, 768]
    assert facts.highest[0] == 766
    assert facts.lowest[0] == 1
    assert facts.mean[0] == pytest.approx(np.nanmean(picture))
    assert facts.agreeing[0] == 4  # median 383.5: the row above and the cell to the left
    assert np.isfinite(facts.mean).all()


def test_a_picture_of_flags_has_no_usable_cell() -> None:
    facts = facts_of(np.full((1, 24, 32), np.nan, np.float32))
    assert facts.usable.tolist() == [0]
