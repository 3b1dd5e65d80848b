"""A camera that goes from one capture process to another: who speaks, what is counted."""

from typing import cast

import pytest
from fakes import FakeClock

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.capture_host import CaptureHost
from embereye.ingest.capture_remote import MIRRORED, RemoteCapture
from embereye.ingest.capture_words import Key
from embereye.ingest.shared_slot import SlotPlace
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CaptureCounters
from embereye.model.ids import CameraId
from embereye.services import capture_place
from embereye.services.capture_place import Place

_YARD = CameraId("yard")
_HOUR = 3600.0  # s
_FRAMES = SlotPlace(_YARD, None, "embereye-0-gone", 4096)


class _Host:
    """A capture process that reads nothing; the test says what comes from it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.captures: list[RemoteCapture] = []

    def begin(self, capture: RemoteCapture) -> None:
        self.captures.append(capture)

    def end(self, capture: RemoteCapture) -> None:
        capture.leave()
        self.captures.remove(capture)


class _Rig:
    """A camera in the first of two processes."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.first, self.second = _Host("capture 1"), _Host("capture 2")
        camera = Camera.model_validate({"id": "yard", "name": "Yard", "source": "testcard:320x240"})
        view = Views().add(_YARD, Detecting(rate=8.0), Stream.MAIN, MIRRORED)
        self.old = RemoteCapture(_key(1), camera, view, CaptureCounters(due=7, decoded=7))
        self.first.begin(self.old)
        self.place = Place(self.old, cast(CaptureHost, self.first))

    def move(self) -> RemoteCapture:
        """Begin to move it; what the second process is to read."""
        host = cast(CaptureHost, self.second)
        self.place.begin_move(host, _key(2), self.clock.mono())
        return self.second.captures[-1]

    def look(self, seconds: float = 0.25) -> None:
        self.clock.advance(seconds)
        self.place.finish_move(self.clock.mono())


@pytest.fixture
def rig(clock: FakeClock) -> _Rig:
    return _Rig(clock)


def test_the_old_process_is_silent_from_the_new_ones_first_picture_on(rig: _Rig) -> None:
    """Its NO SIGNAL would come after the other one's LIVE and stay for ever."""
    new = rig.move()
    assert (rig.old.reports, new.reports) == (True, False)
    new.move(_FRAMES)
    assert (rig.old.reports, new.reports) == (False, True)


def test_the_old_processes_slots_are_not_followed_any_more_once_the_new_one_placed(
    rig: _Rig,
) -> None:
    new = rig.move()
    new.move(_FRAMES)
    rig.old.move(_FRAMES)
    assert not rig.old.placed


def test_a_camera_that_moved_is_read_by_the_new_process_alone(rig: _Rig) -> None:
    new = rig.move()
    new.move(_FRAMES)
    rig.look()
    assert rig.first.captures == []
    assert rig.second.captures == [new]
    assert rig.old.left
    assert rig.place.may_move(rig.clock.mono())


def test_a_refused_move_lets_the_old_process_go_on(rig: _Rig) -> None:
    new = rig.move()
    rig.look(capture_place._HANDOVER + 0.1)
    assert new.left
    assert rig.second.captures == []
    assert rig.old.reports
    new.move(_FRAMES)  # too late
    assert not new.reports
    assert rig.old.reports


def test_a_refused_camera_stays_for_an_hour(rig: _Rig) -> None:
    rig.move()
    assert not rig.place.may_move(rig.clock.mono()), "it is on its way"
    rig.look(capture_place._HANDOVER + 0.1)
    assert not rig.place.may_move(rig.clock.mono() + _HOUR - 1)
    assert rig.place.may_move(rig.clock.mono() + _HOUR)


def test_what_the_old_process_counted_meanwhile_is_not_lost(rig: _Rig) -> None:
    new = rig.move()
    rig.old.count(CaptureCounters(due=30, decoded=27))
    new.count(CaptureCounters(due=9, decoded=9))  # 7 before the move
    new.move(_FRAMES)
    rig.look()
    counters = rig.place.counters
    assert (counters.due, counters.decoded) == (32, 29)


def _key(number: int) -> Key:
    return Key(_YARD, Stream.MAIN, number)
