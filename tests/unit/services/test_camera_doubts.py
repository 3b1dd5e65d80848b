"""What is doubted about pictures is one fault of the camera, with words that say what to do."""

from dataclasses import dataclass, replace
from typing import cast

from fakes import FakeClock

from embereye.config.schema import Camera
from embereye.model.alarm import AlarmKind, Cause, Report
from embereye.model.camera import CameraState, CaptureCounters, Doubt, PictureSigns
from embereye.model.ids import PlaceId
from embereye.services.camera_entry import CameraEntry
from embereye.services.camera_streams import CameraStreams


@dataclass
class _Streams:
    """The streams of a camera as the register reads them."""

    counters: CaptureCounters
    remark: str = ""


class _Rig:
    """One camera of the register, LIVE, whose signs the test sets."""

    def __init__(self, clock: FakeClock, **changes: object) -> None:
        self.clock = clock
        fields = {"id": "gate", "name": "Gate", "source": "rtsp://10.0.0.1/a", **changes}
        camera = Camera.model_validate(fields)
        self.entry = CameraEntry(camera, PlaceId("yard"), "Yard", clock.now())
        self.streams = _Streams(CaptureCounters(interval=0.04))
        self.entry.streams = cast(CameraStreams, self.streams)
        self.entry.set_link(CameraState.LIVE)
        self.reports: list[Report] = []
        self.looking = True
        self.signs = PictureSigns()

    def advance(self, seconds: float, *doubts: Doubt, picture: bool = True) -> None:
        """Let time pass with pictures that give these doubts."""
        for _ in range(round(seconds * 4)):
            now = self.clock.advance(0.25)
            if self.looking:
                self.signs = replace(self.signs, doubts=doubts, at=now.mono)
            if picture:
                self.streams.counters = replace(
                    self.streams.counters, last_frame=now, picture=self.signs
                )
            _, report = self.entry.look(now)
            if report is not None:
                self.reports.append(report)

    @property
    def causes(self) -> list[Cause]:
        return [report.cause for report in self.reports]


def test_a_doubt_is_a_camera_fault_with_advice(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.advance(2.0)
    rig.advance(2.0, Doubt.BLACK)
    assert rig.causes == [Cause.CLEAR, Cause.ACTIVE]
    report = rig.reports[-1]
    assert report.key.kind is AlarmKind.CAMERA_FAULT
    (reason,) = report.reasons
    assert reason == ("Gate: The picture is black. Check the lens, the light and the exposure.")
    assert rig.entry.status().doubts == (Doubt.BLACK,)
    assert "Check the lens" in rig.entry.status().remark


def test_a_fault_ends_with_its_doubt(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.advance(2.0, Doubt.COVERED)
    rig.advance(2.0)
    assert rig.causes == [Cause.ACTIVE, Cause.CLEAR]
    assert rig.entry.status().remark == ""


def test_a_doubt_that_stays_is_reported_once(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.advance(60.0, Doubt.MOVED)
    assert rig.causes == [Cause.ACTIVE]


def test_several_doubts_are_one_fault_with_all_reasons(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.advance(2.0, Doubt.MOVED)
    rig.advance(2.0, Doubt.MOVED, Doubt.BLURRED)
    assert rig.causes == [Cause.ACTIVE, Cause.ACTIVE]
    assert {report.key for report in rig.reports} == {rig.reports[0].key}
    assert len(rig.reports[-1].reasons) == 2


def test_what_nobody_looks_at_neither_raises_nor_ends_a_fault(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.advance(2.0, Doubt.COVERED)
    rig.looking = False
    rig.advance(30.0)
    assert rig.causes == [Cause.ACTIVE]
    assert rig.entry.doubts == (Doubt.COVERED,)


def test_a_lost_picture_takes_the_place_of_a_doubt_and_gives_it_back(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.advance(2.0, Doubt.MOVED)
    rig.advance(15.0, Doubt.MOVED, picture=False)
    assert "no picture for" in rig.reports[-1].reasons[0]
    rig.advance(2.0, Doubt.MOVED)
    assert rig.reports[-1].cause is Cause.ACTIVE
    assert "another view" in rig.reports[-1].reasons[0]
    assert Cause.CLEAR not in rig.causes


def test_checks_that_are_switched_off_say_nothing(clock: FakeClock) -> None:
    rig = _Rig(clock, picture_checks=False)
    rig.advance(5.0, Doubt.FROZEN)
    assert Cause.ACTIVE not in rig.causes
    assert rig.entry.status().doubts == ()


def test_a_changed_scene_is_a_remark_for_a_minute_and_no_fault(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.signs = replace(rig.signs, changed=clock.now())
    rig.advance(5.0)
    assert "whole picture changed" in rig.entry.status().remark
    rig.advance(60.0)
    assert rig.entry.status().remark == ""
    assert Cause.ACTIVE not in rig.causes


def test_a_changed_size_is_a_remark(clock: FakeClock) -> None:
    rig = _Rig(clock)
    rig.signs = replace(rig.signs, resized=clock.now())
    rig.advance(5.0)
    assert "size" in rig.entry.status().remark
