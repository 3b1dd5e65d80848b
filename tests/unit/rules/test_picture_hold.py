"""A sign must last to be a doubt, and be gone to end it."""

from embereye.model.camera import Doubt
from embereye.rules.picture_hold import Hold, Holds, Patience


def _hold() -> Hold:
    return Hold(Patience(10.0, 3.0))


def test_a_sign_is_believed_after_its_time() -> None:
    hold = _hold()
    assert [hold.feed(now, True) for now in (0.0, 9.9, 10.0)] == [False, False, True]


def test_a_sign_that_breaks_off_begins_again() -> None:
    hold = _hold()
    said = [hold.feed(now, sign) for now, sign in ((0.0, True), (6.0, False), (7.0, True))]
    assert [*said, hold.feed(16.0, True), hold.feed(17.0, True)] == [False] * 4 + [True]


def test_a_doubt_does_not_flutter() -> None:
    hold = _hold()
    hold.feed(0.0, True)
    hold.feed(10.0, True)
    assert hold.feed(11.0, False)
    assert hold.feed(12.0, True)
    assert hold.feed(13.0, False)
    assert not hold.feed(16.0, False)


def test_what_cannot_be_judged_neither_begins_nor_ends_a_doubt() -> None:
    hold = _hold()
    hold.feed(0.0, True)
    assert not hold.feed(20.0, None)
    hold.feed(21.0, True)
    assert hold.feed(31.0, True)
    assert hold.feed(99.0, None)


def test_doubts_are_listed_the_gravest_first() -> None:
    holds = Holds()
    for now in (0.0, 60.0):
        holds.feed(now, Doubt.DELAYED, True)
        holds.feed(now, Doubt.FROZEN, True)
    assert holds.doubts == (Doubt.FROZEN, Doubt.DELAYED)
