"""Hot spots of thermal sensors tell cameras where to look."""

import numpy as np
import pytest
from fakes import FakeClock

from embereye.config.schema import Camera, Device, Settings, ThermalArea
from embereye.model.reading import Profile, ThermalFrame
from embereye.runtime.engine import Engine
from embereye.services.hot_spots import HotSpots

CORNERS = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


class Site:
    def __init__(self, **device):
        self.clock = FakeClock()
        self.engine = Engine(self.clock, on_bug=pytest.fail)
        self.hurried = []
        self.closely = []
        chosen = {"alignment": CORNERS, "camera": "c1", **device}
        self.spots = HotSpots(
            self.engine,
            Settings(
                cameras=(Camera(id="c1", name="Door", source="rtsp://h/1"),),
                devices=(Device(id="d1", name="Head", **chosen),),
            ),
            lambda camera, seconds: self.hurried.append((camera, seconds)),
            lambda camera, part, until: self.closely.append((camera, part, until)),
        )

    def show(self, spot=22.0, profile=Profile.MLX90640):
        cells = np.full((24, 32), 22.0, np.float32)
        cells[10:12, 14:18] = spot
        self.engine.post(ThermalFrame("d1", self.clock.now(), profile, cells, cells, spot))
        self.engine.step()
        return self.spots.of("c1")


def test_a_hot_spot_hurries_the_camera_and_is_a_box_of_its_picture():
    site = Site()
    (box,) = site.show(90.0)
    assert site.hurried == [("c1", 15.0)]
    assert 0.15 < box.x < 0.25
    assert box.x + box.width < 0.5


def test_nothing_hot_hurries_nobody():
    site = Site()
    assert site.show(30.0) == ()
    assert site.hurried == []
    assert site.spots.current == {}


def test_a_device_without_alignment_hurries_without_a_box():
    site = Site(alignment=())
    assert site.show(90.0) == ()
    assert site.hurried == [("c1", 15.0)]


def test_an_alignment_that_spans_nothing_counts_as_none():
    site = Site(alignment=((0.5, 0.5),) * 4)
    assert site.show(90.0) == ()
    assert site.hurried == [("c1", 15.0)]


def test_masked_cells_are_not_hot():
    everything = ThermalArea(points=((0, 0), (32, 0), (32, 24), (0, 24)))
    assert Site(masks=(everything,)).show(90.0) == ()


def test_temperatures_without_a_scale_are_not_hot():
    assert Site().show(90.0, Profile.RAW) == ()


def test_a_device_without_a_camera_is_passed_over():
    site = Site(camera="")
    site.show(90.0)
    assert site.hurried == []


def test_a_spot_is_over_when_it_is_not_seen_or_when_the_device_is_silent():
    site = Site()
    site.show(90.0)
    site.clock.advance(1.0)
    assert site.show(22.0) == ()
    site.clock.advance(1.0)
    assert len(site.show(90.0)) == 1
    site.clock.advance(16.0)
    assert site.spots.of("c1") == ()


def test_a_fast_device_is_looked_at_twice_a_second():
    site = Site()
    for _ in range(10):
        site.show(90.0)
        site.clock.advance(0.1)
    assert len(site.hurried) == 2


def test_a_hot_spot_is_looked_at_closely_while_it_counts():
    site = Site()
    (box,) = site.show(90.0)
    ((camera, part, until),) = site.closely
    assert (camera, until) == ("c1", site.clock.mono() + 15.0)
    assert part.x <= box.x
    assert part.x + part.width >= box.x + box.width


def test_the_part_stays_where_it_is_from_picture_to_picture():
    site = Site()
    for _ in range(3):
        site.show(90.0)
        site.clock.advance(1.0)
    assert len({part for _, part, _ in site.closely}) == 1
    assert len(site.closely) == 3


def test_what_has_cooled_down_is_not_looked_at_closely():
    site = Site()
    site.show(90.0)
    site.clock.advance(1.0)
    site.show(22.0)
    assert site.closely[-1][1] is None


def test_without_alignment_nobody_knows_where_to_look_closely():
    site = Site(alignment=())
    site.show(90.0)
    assert [part for _, part, _ in site.closely] == [None]
