"""The register of picture slots."""

from fractions import Fraction

import numpy as np
import pytest

from embereye.ingest.camera_view import CameraView, Detecting
from embereye.ingest.views import Views, fitted, limited
from embereye.model.frame import Frame, Tile, ViewDemand
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp

_ONE = CameraId("one")
_SQUARE = Fraction(1)


def _tile(width: int, height: int, seq: int = 1) -> Tile:
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    return Tile(_ONE, pixels, seq, Stamp(1.0, 1.0), 64, 48)


def _put(view: CameraView, tile: Tile) -> None:
    for _, slot in view.wanted().tiles:
        slot.put(tile)
    view.newest = tile


@pytest.mark.parametrize(
    ("source", "shape", "wanted", "expected"),
    [
        ((640, 480), _SQUARE, (320, 240), (320, 240)),
        ((1920, 1080), _SQUARE, (320, 240), (320, 180)),
        ((480, 640), _SQUARE, (320, 240), (180, 240)),
        ((704, 576), Fraction(12, 11), (320, 240), (320, 240)),  # PAL: 4:3 on the screen
        ((64, 48), _SQUARE, (641, 481), (640, 480)),  # enlarged, even
        ((1920, 10), _SQUARE, (100, 100), (100, 2)),
    ],
)
def test_tiles_keep_the_aspect_ratio_of_the_source(
    source: tuple[int, int], shape: Fraction, wanted: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitted(source, shape, wanted) == expected


@pytest.mark.parametrize(
    ("source", "longest", "expected"),
    [
        ((1920, 1080), 640, (640, 360)),
        ((320, 240), 640, (320, 240)),
        ((1920, 1080), 0, (1920, 1080)),
    ],
)
def test_detection_pictures_are_never_enlarged(
    source: tuple[int, int], longest: int, expected: tuple[int, int]
) -> None:
    assert limited(source, _SQUARE, longest) == expected


def test_a_demand_made_before_the_camera_counts() -> None:
    views = Views()
    views.demand([ViewDemand(_ONE, ((320, 240),), 15.0)])
    wanted = views.add(_ONE, Detecting()).wanted()
    assert ([size for size, _ in wanted.tiles], wanted.rate) == ([(320, 240)], 15.0)


def test_a_camera_not_named_any_more_gets_no_pictures() -> None:
    views = Views()
    view = views.add(_ONE, Detecting())
    views.demand([ViewDemand(_ONE, ((320, 240),))])
    _put(view, _tile(320, 240))
    views.demand([])
    assert view.wanted().tiles == ()
    assert views.newest(_ONE, 320, 240) is None


def test_viewers_add_up_to_at_most_three_sizes_the_largest_first() -> None:
    views = Views()
    view = views.add(_ONE, Detecting())
    views.demand([ViewDemand(_ONE, ((10, 10), (40, 40)), 5.0)], "wall")
    views.demand([ViewDemand(_ONE, ((30, 30), (20, 20)), 25.0)], "popup")
    wanted = view.wanted()
    assert [size for size, _ in wanted.tiles] == [(40, 40), (30, 30), (20, 20)]
    assert wanted.rate == 25.0


def test_a_slot_survives_a_change_of_other_sizes() -> None:
    views = Views()
    view = views.add(_ONE, Detecting())
    views.demand([ViewDemand(_ONE, ((320, 240),))])
    slot = view.wanted().tiles[0][1]
    views.demand([ViewDemand(_ONE, ((640, 480), (320, 240)))])
    assert dict(view.wanted().tiles)[320, 240] is slot


def test_a_new_size_shows_the_old_picture_until_its_own_comes() -> None:
    views = Views()
    view = views.add(_ONE, Detecting())
    views.demand([ViewDemand(_ONE, ((320, 240),))])
    old = _tile(320, 240)
    _put(view, old)
    views.demand([ViewDemand(_ONE, ((640, 480),))])
    view.wanted()
    assert views.newest(_ONE, 640, 480) is old


def test_the_same_tile_is_returned_until_a_newer_one_comes() -> None:
    views = Views()
    view = views.add(_ONE, Detecting())
    views.demand([ViewDemand(_ONE, ((320, 240),))])
    _put(view, _tile(320, 240))
    assert views.newest(_ONE, 320, 240) is views.newest(_ONE, 320, 240)


def test_a_frame_is_taken_once() -> None:
    views = Views()
    view = views.add(_ONE, Detecting(8.0))
    frame = Frame(_ONE, np.zeros((2, 2, 3), np.uint8), 1, Stamp(1, 1), 0.0, 2, 2)
    view.frames.put(frame)
    assert views.take(_ONE) is frame
    assert views.take(_ONE) is None


def test_after_clear_no_earlier_picture_can_be_shown() -> None:
    views = Views()
    view = views.add(_ONE, Detecting())
    views.demand([ViewDemand(_ONE, ((320, 240),))])
    _put(view, _tile(320, 240))
    view.clear()
    assert views.newest(_ONE, 320, 240) is None
