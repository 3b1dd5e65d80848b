"""A picture that changes again and again is told; one that changes now and then is not."""

from embereye.rules.picture_scene import Restlessness


def _after(changes: list[float], now: float) -> bool:
    restless = Restlessness()
    told = False
    for at in changes:
        restless.changed(at)
        told = restless.look(at)
    return restless.look(now) if now > changes[-1] else told


def test_lights_that_people_switch_are_no_fault() -> None:
    assert not _after([60.0 * number for number in range(11)], 600.0)


def test_twelve_changes_in_ten_minutes_are_one() -> None:
    changes = [50.0 * number for number in range(12)]
    assert not _after(changes[:11], 500.0)
    assert _after(changes, 550.0)


def test_it_ends_when_the_picture_has_come_to_rest() -> None:
    changes = [20.0 * number for number in range(12)]
    assert _after(changes, 740.0)  # five of them are left
    assert not _after(changes, 800.0)


def test_a_thousand_changes_are_counted_like_twelve() -> None:
    assert _after([float(number) for number in range(1000)], 1000.0)
