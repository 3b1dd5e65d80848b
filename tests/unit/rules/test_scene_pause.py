"""A camera whose scene changed is left alone for a short while, and not again and again."""

from embereye.rules.scene_pause import ScenePause


def test_a_pause_lasts_until_the_moment_asked_for() -> None:
    pause = ScenePause()
    assert pause.ask(100.0, 103.0)
    assert pause.holds(102.9)
    assert not pause.holds(103.0)


def test_a_longer_wish_extends_it_and_a_shorter_one_does_not_end_it() -> None:
    pause = ScenePause()
    pause.ask(100.0, 103.0)
    assert not pause.ask(101.0, 105.0)
    pause.ask(102.0, 102.5)
    assert pause.holds(104.9)


def test_no_pause_is_longer_than_ten_seconds_however_often_it_is_asked_for() -> None:
    pause = ScenePause()
    for tenth in range(200):
        now = 100.0 + tenth / 10
        pause.ask(now, now + 3.0)
        if now >= 110.0:
            assert not pause.holds(now)
    assert pause.until == 110.0


def test_a_wish_for_an_hour_is_one_for_ten_seconds() -> None:
    pause = ScenePause()
    pause.ask(100.0, 3700.0)
    assert pause.until == 110.0


def test_after_a_pause_it_is_looked_at_for_ten_seconds_whatever_changes() -> None:
    pause = ScenePause()
    pause.ask(100.0, 103.0)
    assert not pause.ask(112.9, 115.9)
    assert not pause.holds(112.9)
    assert pause.ask(113.0, 116.0)


def test_a_moment_that_is_over_begins_nothing() -> None:
    pause = ScenePause()
    assert not pause.ask(100.0, 100.0)
    assert not pause.holds(100.0)
