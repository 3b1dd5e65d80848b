"""An old picture is never shown as live."""

import pytest
from consoles import camera
from fakes import FakeClock

from embereye.model.camera import CameraState, CaptureCounters, Doubt
from embereye.ui import freshness
from embereye.ui.freshness import Remedy


@pytest.mark.parametrize(
    ("age", "interval", "live"),
    [
        (0.0, 0.04, True),
        (2.0, 0.04, True),
        (2.1, 0.04, False),  # more than 2 s
        (2.9, 1.0, True),  # a camera with one picture a second
        (3.1, 1.0, False),  # more than three of its intervals
    ],
)
def test_age_decides_even_when_the_engine_says_live(
    clock: FakeClock, age: float, interval: float, live: bool
) -> None:
    status = camera("gate", clock, counters=CaptureCounters(interval=interval))
    look = freshness.look(status, age)
    assert look.live is live
    assert look.picture


@pytest.mark.parametrize("state", [s for s in CameraState if s is not CameraState.LIVE])
def test_only_live_cameras_look_live(clock: FakeClock, state: CameraState) -> None:
    assert not freshness.look(camera("gate", clock, state), 0.1).live


def test_a_stale_tile_tells_the_age_of_its_picture(clock: FakeClock) -> None:
    assert freshness.look(camera("gate", clock, CameraState.STALE), 4.3).badge == "STALE 4 s"


def test_a_frozen_picture_does_not_look_live(clock: FakeClock) -> None:
    look = freshness.look(camera("gate", clock), 0.1, frozen=True)
    assert not look.live
    assert look.badge.startswith("FROZEN")


def test_a_very_old_picture_is_not_shown_at_all(clock: FakeClock) -> None:
    assert not freshness.look(camera("gate", clock, CameraState.STALE), 61.0).picture


@pytest.mark.parametrize(
    ("state", "remedies"),
    [
        (CameraState.NO_SIGNAL, (Remedy.RETRY, Remedy.EDIT)),
        (CameraState.WRONG_PASSWORD, (Remedy.PASSWORD,)),
        (CameraState.DISABLED, (Remedy.ENABLE,)),
        (CameraState.UNSUPPORTED, (Remedy.EDIT, Remedy.RETRY)),
    ],
)
def test_each_fault_offers_its_way_out(
    clock: FakeClock, state: CameraState, remedies: tuple[Remedy, ...]
) -> None:
    look = freshness.look(camera("gate", clock, state, detail="why"), None)
    assert look.remedies == remedies
    assert look.title
    assert look.detail == "why"


def test_a_picture_that_stands_still_never_looks_live(clock: FakeClock) -> None:
    frozen = camera("gate", clock, CameraState.LIVE, doubts=(Doubt.FROZEN, Doubt.MOVED))
    look = freshness.look(frozen, 0.1)
    assert (look.picture, look.live, look.badge) == (True, False, "STANDS STILL")


@pytest.mark.parametrize("doubt", [each for each in Doubt if each is not Doubt.FROZEN])
def test_a_doubtful_picture_stays_live_under_a_badge(clock: FakeClock, doubt: Doubt) -> None:
    look = freshness.look(camera("gate", clock, CameraState.LIVE, doubts=(doubt,)), 0.1)
    assert look.picture
    assert look.live
    assert look.badge
