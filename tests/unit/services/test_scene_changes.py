"""A changed scene pauses detection for a moment and is noted; a turning camera pauses it too."""

from dataclasses import replace

import pytest
from fakes import FakeClock

from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Cause,
    Priority,
)
from embereye.model.camera import Doubt, PictureSigns
from embereye.model.ids import AlarmId, CameraId, PlaceId
from embereye.model.ptz import CameraTurned
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.scene_changes import SceneChanges

_YARD = CameraId("yard")


class _Site:
    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.engine = clock, Engine(clock, on_bug=pytest.fail)
        self.signs = {_YARD: PictureSigns(at=0.0), CameraId("roof"): PictureSigns(at=0.0)}
        self.pauses: list[tuple[CameraId, float]] = []
        self.notes: list[tuple[str, str, str]] = []
        self.alarms = AlarmTable()
        SceneChanges(
            self.engine,
            lambda: self.signs,
            lambda: self.alarms,
            lambda *one: self.pauses.append(one),
            self._record,
        )

    def _record(self, kind: str, subject: str, actor: str, text: str, at: Stamp) -> None:
        self.notes.append((kind, subject, actor))
        self.text = text

    def advance(self, seconds: float, **signs: object) -> None:
        self.signs[_YARD] = replace(self.signs[_YARD], **signs)  # type: ignore[arg-type]
        for _ in range(round(seconds * 4)):
            self.clock.advance(0.25)
            self.engine.step()


@pytest.fixture
def site(clock: FakeClock) -> _Site:
    return _Site(clock)


def test_a_picture_that_settles_pauses_its_camera_once(site: _Site) -> None:
    until = site.clock.mono() + 3.0
    site.advance(2.0, settling=until)
    assert site.pauses == [(_YARD, until)]


@pytest.mark.parametrize(
    ("kind", "cause", "paused"),
    [
        (AlarmKind.FIRE, Cause.ACTIVE, False),
        (AlarmKind.FIRE, Cause.UNKNOWN, False),
        (AlarmKind.FIRE, Cause.CLEAR, True),
        (AlarmKind.CAMERA_FAULT, Cause.ACTIVE, True),
    ],
)
def test_a_camera_of_an_ongoing_fire_is_never_paused(
    site: _Site, kind: AlarmKind, cause: Cause, paused: bool
) -> None:
    alarm = Alarm(
        id=AlarmId("a"),
        key=AlarmKey(PlaceId("yard"), kind),
        place_name="Yard",
        priority=Priority.EMERGENCY,
        state=AlarmState.ACKNOWLEDGED,
        cause=cause,
        reasons=(),
        raised_utc=0.0,
        changed_utc=0.0,
        cameras=("roof", "yard"),
    )
    site.alarms = AlarmTable(1, (alarm,))
    site.advance(1.0, settling=site.clock.mono() + 3.0)
    site.engine.post(CameraTurned(_YARD, site.clock.mono() + 8.0))
    site.engine.step()
    assert bool(site.pauses) is paused


def test_what_has_settled_already_pauses_nothing(site: _Site) -> None:
    site.advance(2.0, settling=site.clock.mono())
    assert site.pauses == []


def test_a_change_that_stays_is_noted_once_for_its_camera(site: _Site) -> None:
    site.advance(5.0, changed=site.clock.now())
    assert site.notes == [("camera", "yard", "system")]
    assert "looked for anew" in site.text
    site.advance(5.0, changed=site.clock.now())
    assert len(site.notes) == 2


def test_a_change_is_not_noted_again_after_an_outage(site: _Site) -> None:
    site.advance(2.0, changed=site.clock.now())
    signs = site.signs.pop(_YARD)
    site.clock.advance(30.0)
    site.engine.step()
    site.signs[_YARD] = signs
    site.advance(2.0)
    assert len(site.notes) == 1


def test_changes_that_never_end_are_a_fault_and_fill_no_audit(site: _Site) -> None:
    for _ in range(5):
        site.advance(5.0, changed=site.clock.now(), doubts=(Doubt.RESTLESS,))
    assert site.notes == []


def test_a_camera_that_is_turned_is_paused_while_it_settles(site: _Site) -> None:
    site.engine.post(CameraTurned(_YARD, site.clock.mono() + 8.0))
    site.engine.step()
    assert site.pauses == [(_YARD, site.clock.mono() + 3.0)]
