"""What is said of a detector on another machine follows from its answers."""

import logging

import pytest

from embereye.config.vision_options import RemoteDetector
from embereye.model.ids import CameraId
from embereye.model.remote import RemoteCondition
from embereye.services.remote_setup import RemoteSetup, remote_setup
from embereye.services.remote_standing import RemoteStanding
from embereye.vision.remote_answer import RemoteHealth
from embereye.vision.remote_retry import Failure, RemoteError

WELL = RemoteHealth(degraded=False, model_loaded=True, device="cuda:0")
SILENT = RemoteError(Failure.TIMED_OUT, "It does not answer.")
BAD_PICTURE = RemoteError(Failure.BAD_PICTURE, "It cannot read a picture.")


def _setup(**changes: object) -> RemoteSetup:
    return remote_setup(RemoteDetector(enabled=True, **changes), [CameraId("yard")])


@pytest.fixture
def standing() -> RemoteStanding:
    standing = RemoteStanding(_setup(), 0.0)
    standing.healthy(WELL, 0.0)
    return standing


def _condition(standing: RemoteStanding, now: float = 1.0) -> RemoteCondition:
    return standing.state(now).condition


def test_switched_off_it_is_off_and_asked_nothing():
    standing = RemoteStanding(RemoteSetup(), 0.0)
    assert _condition(standing) is RemoteCondition.OFF
    assert not standing.probe_due(100.0)


def test_it_is_asked_how_it_is_before_any_picture_is_sent():
    standing = RemoteStanding(_setup(), 0.0)
    assert standing.probe_due(0.0)
    assert not standing.probe_due(0.0), "while that question is under way there is no second one"
    assert not standing.admits(0.0)
    assert _condition(standing) is RemoteCondition.STARTING


def test_a_healthy_one_gets_pictures_and_is_asked_again_after_ten_seconds(standing):
    assert standing.admits(1.0)
    assert _condition(standing) is RemoteCondition.WORKING
    assert [standing.probe_due(at) for at in (9.9, 10.0)] == [False, True]


def test_a_silent_one_gets_no_pictures_and_is_asked_again_after_five_seconds(standing):
    standing.unwell("It is gone.", 10.0)
    assert not standing.admits(11.0)
    assert (_condition(standing), standing.state(11.0).text) == (
        RemoteCondition.UNUSABLE,
        "It is gone.",
    )
    assert [standing.probe_due(at) for at in (14.9, 15.0)] == [False, True]


def test_one_without_a_model_gets_no_pictures(standing):
    standing.healthy(RemoteHealth(True, False, ""), 1.0)
    assert not standing.admits(1.0)
    assert _condition(standing) is RemoteCondition.UNUSABLE


def test_a_degraded_one_gets_pictures(standing):
    standing.healthy(RemoteHealth(True, True, ""), 1.0)
    assert standing.admits(1.0)
    assert _condition(standing) is RemoteCondition.DEGRADED


def test_five_failures_make_it_unusable_until_a_trial_succeeds(standing):
    for _ in range(5):
        assert standing.admits(1.0)
        standing.failed(SILENT, 1.0)
    assert _condition(standing) is RemoteCondition.UNUSABLE
    assert standing.state(1.0).text == str(SILENT)
    assert standing.admits(61.0)
    standing.answered(0.2)
    assert _condition(standing, 61.0) is RemoteCondition.WORKING


def test_bad_pictures_are_counted_and_say_nothing_against_it(standing):
    for _ in range(9):
        standing.failed(BAD_PICTURE, 1.0)
    state = standing.state(1.0)
    assert (state.condition, state.failed) == (RemoteCondition.WORKING, 9)


def test_one_that_mostly_fails_is_degraded(standing):
    for _ in range(7):
        for error in (SILENT, SILENT):
            standing.failed(error, 1.0)
        standing.answered(0.2)
    assert _condition(standing) is RemoteCondition.DEGRADED


def test_a_wrong_address_is_unusable_at_once():
    standing = RemoteStanding(_setup(url="nonsense"), 0.0)
    assert _condition(standing) is RemoteCondition.UNUSABLE
    assert not standing.probe_due(0.0)


def test_latencies_and_the_moment_of_change_are_told(standing):
    for latency in (0.1, 0.2, 0.9):
        standing.answered(latency)
    state = standing.state(7.0)
    assert (state.half, state.most, state.answered, state.since) == (0.2, 0.9, 3, 7.0)


def test_changes_are_logged_once(standing, caplog):
    with caplog.at_level(logging.INFO):
        for at in (1.0, 2.0):
            standing.state(at)
        standing.unwell("It is gone.", 3.0)
        for at in (4.0, 5.0):
            standing.state(at)
    assert len(caplog.records) == 2
