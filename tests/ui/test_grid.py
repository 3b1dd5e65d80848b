"""Where tiles lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.ids import CameraId
from embereye.ui import grid

SCREEN = (1920, 1000)


def ids(count: int) -> list[CameraId]:
    return [CameraId(f"c{i}") for i in range(count)]


@pytest.mark.parametrize(
    ("cameras", "layout"), [(0, 1), (1, 1), (2, 2), (4, 2), (5, 3), (100, 10), (500, 10)]
)
def test_fit_shows_all_cameras_up_to_a_hundred(cameras: int, layout: int) -> None:
    assert grid.fitting_layout(cameras) == layout


@settings(deadline=None)
@given(
    layout=st.integers(1, 10),
    width=st.integers(320, 3840),
    height=st.integers(180, 2160),
    promoted=st.integers(0, 3),
)
def test_cells_never_overlap_and_stay_inside(
    layout: int, width: int, height: int, promoted: int
) -> None:
    cameras = ids(layout * layout)
    cells = grid.arrange(cameras, layout, (width, height), cameras[:promoted])
    for cell in cells:
        assert cell.x >= 0
        assert cell.y >= 0
        assert cell.x + cell.width <= width
        assert cell.y + cell.height <= height
    for number, one in enumerate(cells):
        for other in cells[number + 1 :]:
            apart = (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.y + one.height <= other.y
                or other.y + other.height <= one.y
            )
            assert apart


@pytest.mark.parametrize("layout", range(2, 11))
def test_promotion_hides_no_camera_of_the_page(layout: int) -> None:
    cameras = ids(layout * layout)
    cells = grid.arrange(cameras, layout, SCREEN, [cameras[-1]])
    assert {cell.camera for cell in cells if cell.camera} == set(cameras)


@pytest.mark.parametrize("layout", range(2, 11))
def test_promoting_a_camera_of_another_page_hides_none_either(layout: int) -> None:
    cameras = ids(layout * layout)
    cells = grid.arrange(cameras, layout, SCREEN, [CameraId("elsewhere")])
    assert {c.camera for c in cells if c.camera} == {*cameras, CameraId("elsewhere")}


@pytest.mark.parametrize("layout", range(2, 11))
def test_the_promoted_camera_is_first_and_much_larger(layout: int) -> None:
    cells = grid.arrange(ids(layout * layout), layout, SCREEN, [CameraId("c3")])
    assert cells[0].camera == "c3"
    assert cells[0].width * cells[0].height > 3.5 * cells[1].width * cells[1].height


def test_a_single_tile_shows_the_alarmed_camera() -> None:
    cells = grid.arrange(ids(1), 1, SCREEN, [CameraId("burning")])
    assert [cell.camera for cell in cells] == ["burning"]


def test_a_promoted_page_wastes_no_row() -> None:
    cells = grid.arrange(ids(9), 3, SCREEN, [CameraId("c0")])
    assert all(cell.camera is not None for cell in cells)
