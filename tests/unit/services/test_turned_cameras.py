"""While an operator moves a camera nobody doubts its picture."""

import pytest
from fakes import FakeClock

from embereye.config.schema import Camera, Settings
from embereye.ingest.camera_view import Detecting
from embereye.ingest.views import Stream, Views
from embereye.model.ids import CameraId
from embereye.model.ptz import CameraTurned
from embereye.runtime.engine import Engine
from embereye.services.turned_cameras import TurnedCameras

_YARD, _ROOF = CameraId("yard"), CameraId("roof")


class Site:
    def __init__(self, clock: FakeClock, **yard: object) -> None:
        self.clock = clock
        self.engine = Engine(clock, on_bug=pytest.fail)
        self.views = Views()
        rows = tuple(
            Camera.model_validate({"id": name, "name": name, "source": "rtsp://h/1", **fields})
            for name, fields in ((_YARD, yard), (_ROOF, {}))
        )
        for row in rows:
            for stream in Stream:
                detecting = Detecting(5.0, 640, row.picture_checks)
                self.views.add(CameraId(row.id), detecting, stream)
        TurnedCameras(self.engine, self.views, lambda: Settings(cameras=rows))

    def turn(self, seconds: float) -> None:
        self.engine.post(CameraTurned(_YARD, self.clock.mono() + seconds))
        self.engine.step()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.engine.step()

    def watched(self, camera: CameraId) -> list[bool]:
        views = [self.views.of(camera, stream) for stream in Stream]
        return [view.detecting.checks for view in views if view is not None]


def test_a_camera_that_is_moved_is_not_watched_and_its_neighbour_is(clock: FakeClock) -> None:
    site = Site(clock)
    site.turn(8.0)
    assert site.watched(_YARD) == [False, False]
    assert site.watched(_ROOF) == [True, True]
    view = site.views.of(_YARD)
    assert view is not None
    assert view.detecting.rate == 5.0  # fire is looked for all the time


def test_the_watch_goes_on_when_the_camera_has_come_to_rest(clock: FakeClock) -> None:
    site = Site(clock)
    site.turn(8.0)
    site.advance(5.0)
    site.turn(8.0)
    site.turn(2.0)  # a shorter one ends nothing sooner
    site.advance(7.5)
    assert site.watched(_YARD) == [False, False]
    site.advance(1.0)
    assert site.watched(_YARD) == [True, True]


def test_changed_settings_do_not_end_the_pause(clock: FakeClock) -> None:
    site = Site(clock)
    site.turn(8.0)
    view = site.views.of(_YARD)
    assert view is not None
    view.detecting = Detecting(5.0, 640, checks=True)
    site.advance(1.0)
    assert site.watched(_YARD) == [False, False]


def test_what_is_switched_off_stays_off(clock: FakeClock) -> None:
    site = Site(clock, picture_checks=False)
    site.turn(8.0)
    site.advance(9.0)
    assert site.watched(_YARD) == [False, False]
