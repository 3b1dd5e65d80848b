"""Causes that come and go in seconds."""

import pytest

from embereye.model.alarm import AlarmKey, AlarmKind
from embereye.model.ids import PlaceId
from embereye.rules.chatter import Chatter

KEY = AlarmKey(PlaceId("boiler"), AlarmKind.FIRE)


def started(chatter, *moments):
    """Start and end at each moment; how long the last end is waited for."""
    for at in moments:
        chatter.active(KEY, at)
        wait = chatter.cleared(KEY, at + 0.1)
    return wait


@pytest.mark.parametrize(
    ("moments", "wait"),
    [
        ((0.0,), 0.0),
        ((0.0, 59.0), 10.0),
        ((0.0, 61.0), 0.0),
        ((0.0, 30.0, 59.0), 60.0),
        ((0.0, 31.0, 61.0), 10.0),
    ],
)
def test_the_end_is_waited_for_from_the_second_start_in_a_minute_on(moments, wait):
    assert started(Chatter(), *moments) == wait


def test_it_chatters_until_an_end_counted():
    chatter = Chatter()
    started(chatter, 0.0, 1.0, 2.0)
    assert chatter.active(KEY, 50.0)
    assert chatter.cleared(KEY, 200.0) == 60.0
    chatter.ended(KEY)
    assert not chatter.active(KEY, 261.0)


def test_what_comes_back_from_unknown_did_not_start_anew():
    chatter = Chatter()
    for at in range(10):
        chatter.active(KEY, float(at))
        chatter.unknown(KEY)
    assert chatter.cleared(KEY, 10.0) == 0.0


def test_a_cause_that_stays_is_one_start():
    chatter = Chatter()
    assert not any(chatter.active(KEY, at / 10) for at in range(100))
    assert chatter.cleared(KEY, 10.0) == 0.0


def test_keys_are_forgotten_when_there_are_too_many_the_oldest_first():
    chatter = Chatter()
    for number in range(10_000):
        chatter.active(AlarmKey(PlaceId(str(number)), AlarmKind.FIRE), 0.0)
    started(chatter, 1.0, 2.0)
    chatter.active(AlarmKey(PlaceId("last"), AlarmKind.FIRE), 3.0)
    assert len(chatter._memories) == 10_000
    assert started(chatter, 4.0) == 60.0
