"""The two streams of a camera, where one of them cannot be opened any more."""

from dataclasses import replace
from typing import cast

import pytest
from fakes import FakeClock

from embereye.config.schema import Camera
from embereye.ingest.camera_view import Detecting
from embereye.ingest.source import Source, parse
from embereye.ingest.views import Stream, Views
from embereye.model.camera import CameraState, CaptureCounters
from embereye.model.errors import SourceError
from embereye.model.frame import ViewDemand
from embereye.model.ids import CameraId
from embereye.model.messages import CaptureChanged
from embereye.services.camera_streams import CameraStreams
from embereye.services.capture_place import Running
from embereye.services.capture_site import CaptureSite

_ONE = CameraId("one")
_AGAIN = 10.0  # s between attempts to open a stream that is gone


class _Running:
    """A stream that is read."""

    def __init__(self) -> None:
        self.counters = CaptureCounters()

    def retry(self) -> None: ...


class _Site:
    """A capture site whose sources can vanish; `gone` are those that did."""

    def __init__(self, views: Views) -> None:
        self.gone: set[str] = set()
        self.asked: list[Stream] = []
        self.runs: dict[Stream, _Running] = {}
        self._views = views

    def check(self, camera: Camera) -> Source:
        if camera.source in self.gone:
            raise SourceError(f"{camera.source} does not exist.")
        return parse(camera.source, ())[0]

    def start(
        self, camera: Camera, detecting: Detecting, stream: Stream = Stream.MAIN
    ) -> tuple[Source, Running]:
        self.asked.append(stream)
        checked = self.check(camera)
        self._views.add(_ONE, detecting, stream)
        self.runs[stream] = _Running()
        return checked, self.runs[stream]

    def stop(self, camera: CameraId, stream: Stream = Stream.MAIN) -> None:
        del self.runs[stream]


class _Rig:
    """A camera whose sub stream is live and whose main stream is not read."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.views = clock, Views()
        self.site = _Site(self.views)
        main, sub = "testcard:640x480", "testcard:320x240"
        camera = Camera(id="one", name="One", source=main, sub_source=sub)
        self.look_at((160, 120))
        site = cast(CaptureSite, self.site)
        self.streams = CameraStreams(camera, site, self.views, Detecting())
        self.streams.heard(CaptureChanged(_ONE, CameraState.LIVE, "", clock.now(), sub=True))
        self.look(0.25)
        assert list(self.site.runs) == [Stream.SUB]

    def look_at(self, size: tuple[int, int]) -> None:
        self.views.demand([ViewDemand(_ONE, (size,), 15.0)])

    def look(self, seconds: float) -> None:
        """Let time pass while the sub stream delivers; four looks a second."""
        for _ in range(round(seconds * 4)):
            now = self.clock.advance(0.25)
            sub = self.site.runs[Stream.SUB]
            sub.counters = replace(sub.counters, height=240, width=320, last_frame=now)
            self.streams.look(now)


@pytest.fixture
def rig(clock: FakeClock) -> _Rig:
    return _Rig(clock)


def test_a_main_stream_whose_file_is_gone_leaves_the_camera_live_by_its_sub_stream(
    rig: _Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.site.gone.add("testcard:640x480")
    rig.look_at((640, 480))
    rig.look(5.0)
    assert rig.streams.state is CameraState.LIVE
    assert list(rig.site.runs) == [Stream.SUB]
    assert caplog.text.count("no main stream") == 1


def test_a_main_stream_that_is_gone_is_tried_every_ten_seconds_and_used_when_it_is_back(
    rig: _Rig,
) -> None:
    rig.site.gone.add("testcard:640x480")
    rig.look_at((640, 480))
    rig.look(2.5 * _AGAIN)
    assert rig.site.asked.count(Stream.MAIN) == 3
    rig.site.gone.clear()
    rig.look(_AGAIN)
    assert Stream.MAIN in rig.site.runs
