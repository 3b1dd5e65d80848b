"""When a camera is stale, when that is a fault, and how attempts are spaced."""

from itertools import pairwise

import pytest

from embereye.model.camera import CameraState
from embereye.rules.camera_supervision import Link, judge, pause

_LIVE, _GONE = CameraState.LIVE, CameraState.NO_SIGNAL


@pytest.mark.parametrize(
    ("link", "silent", "interval", "state", "fault"),
    [
        (_LIVE, 0.5, 0.04, _LIVE, False),
        (_LIVE, 1.9, 0.04, _LIVE, False),
        (_LIVE, 2.0, 0.04, CameraState.STALE, None),
        (_LIVE, 2.9, 1.0, _LIVE, False),  # a camera with one picture a second
        (_LIVE, 3.0, 1.0, CameraState.STALE, None),
        (_LIVE, 10.0, 0.04, CameraState.STALE, True),
        (_LIVE, 11.0, 5.0, _LIVE, False),
        (_LIVE, 25.0, 5.0, CameraState.STALE, True),
        (_GONE, 4.0, 0.04, _GONE, None),  # neither raised nor ended
        (_GONE, 10.0, 0.04, _GONE, True),
        (CameraState.CONNECTING, 5.0, 0.0, CameraState.CONNECTING, None),
        (CameraState.CONNECTING, 10.0, 0.0, CameraState.CONNECTING, True),
        (CameraState.UNSUPPORTED, 10.0, 0.0, CameraState.UNSUPPORTED, True),
        (CameraState.WRONG_PASSWORD, 0.0, 0.0, CameraState.WRONG_PASSWORD, True),
        (CameraState.DISABLED, 99.0, 0.0, CameraState.DISABLED, False),
    ],
)
def test_judgement(
    link: CameraState, silent: float, interval: float, state: CameraState, fault: bool | None
) -> None:
    verdict = judge(Link(link, 100.0, 100.0, interval), 100.0 + silent)
    assert (verdict.state, verdict.fault) == (state, fault)


def test_time_before_the_first_picture_counts_from_the_start() -> None:
    assert judge(Link(CameraState.CONNECTING, 100.0, None, 0.0), 111.0).fault is True


def test_a_camera_that_was_switched_on_again_is_not_judged_by_its_last_life() -> None:
    assert judge(Link(CameraState.CONNECTING, 100.0, 20.0, 0.04), 101.0).fault is None


def _attempts(outage: float, chance: float) -> list[float]:
    """When attempts start, for failures that are noticed at once."""
    now, failures, starts = 0.0, 0, []
    while now < outage:
        failures += 1
        now += pause(failures, now, chance, refused=False)
        starts.append(now)
    return starts


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_short_outage_is_retried_at_least_each_second_and_a_bit(chance: float) -> None:
    starts = [0.0, *_attempts(10.0, chance)]
    assert max(b - a for a, b in pairwise(starts)) <= 1.21


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_it_never_gives_up_and_never_pauses_longer_than_ten_seconds(chance: float) -> None:
    starts = _attempts(86_400.0, chance)
    assert max(b - a for a, b in pairwise(starts[30:])) < 10.0
    assert len(starts) > 8_000


def test_a_rejected_password_is_tried_rarely_so_that_no_account_is_locked() -> None:
    pauses = [pause(failures, 100.0, 0.5, refused=True) for failures in (1, 2, 3, 4, 50)]
    assert pauses == [10.0, 20.0, 40.0, 60.0, 60.0]


@pytest.mark.parametrize(
    ("link", "silent", "period", "state", "fault"),
    [
        (_LIVE, 9999.0, 0.0, _LIVE, False),  # uploads are never overdue
        (_LIVE, 59.0, 60.0, _LIVE, False),
        (_LIVE, 60.0, 60.0, CameraState.STALE, True),
        (_GONE, 10.0, 0.0, _GONE, True),  # its folder cannot be read
    ],
)
def test_a_camera_that_sends_files_is_faulty_only_after_its_own_period(
    link: CameraState, silent: float, period: float, state: CameraState, fault: bool
) -> None:
    verdict = judge(Link(link, 100.0, 100.0, 0.04, period), 100.0 + silent)
    assert (verdict.state, verdict.fault) == (state, fault)
