"""A connection that comes and goes is one fault."""

from embereye.rules.flapping import LOSSES, WINDOW, Flapping


def test_five_losses_in_ten_minutes_are_unstable_and_four_are_not():
    flapping = Flapping()
    for number in range(LOSSES):
        assert not flapping.look(100.0 * number)
        flapping.note(100.0 * number)
    assert flapping.unstable


def test_three_losses_in_a_minute_are_chattering():
    flapping = Flapping()
    for at in (0.0, 29.0, 58.0):
        flapping.note(at)
    assert flapping.unstable


def test_rare_losses_are_single_faults():
    flapping = Flapping()
    for number in range(100):
        flapping.note(150.1 * number)
        assert not flapping.unstable


def test_it_is_stable_again_after_the_whole_window_without_a_loss():
    flapping = Flapping()
    for at in (0.0, 10.0, 20.0):
        flapping.note(at)
    assert flapping.look(20.0 + WINDOW - 0.1)
    assert not flapping.look(20.0 + WINDOW)
    flapping.note(20.0 + WINDOW)
    assert not flapping.unstable
