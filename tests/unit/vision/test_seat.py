"""What tells a flame from glints and from machines."""

import numpy as np
import pytest

from embereye.vision.seat import Recurrence, Seat

_WHOLE = (0, 0, 80, 80)


def _mask(rng: np.random.Generator, share: float) -> np.ndarray:
    return np.where(rng.random((80, 80)) < share, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_share_of_time_is_that_of_the_flame_colour(share: float):
    rng, seat = np.random.default_rng(1), Seat()
    for _ in range(50):
        seat.look(0.1, _mask(rng, share))

    assert seat.haunted(np.full((80, 80), 255, np.uint8), _WHOLE) == pytest.approx(share, abs=0.05)


def test_pixels_that_did_not_change_do_not_count():
    seat = Seat()
    seat.look(0.1, np.full((80, 80), 255, np.uint8))

    assert seat.haunted(np.zeros((80, 80), np.uint8), _WHOLE) is None


def _noise(index: int) -> np.ndarray:
    rng = np.random.default_rng(index)
    return np.kron(rng.integers(0, 255, (20, 20)), np.ones((4, 4))).astype(np.uint8)


def test_a_cycle_is_recognised():
    recurrence = Recurrence()
    for index in range(20):
        recurrence.look(0.1 * index, _noise(index % 6))

    assert recurrence.novelty(_WHOLE) == 0


def test_turbulence_does_not_come_back():
    recurrence = Recurrence()
    for index in range(20):
        recurrence.look(0.1 * index, _noise(index))

    novelty = recurrence.novelty(_WHOLE)
    assert novelty is not None
    assert novelty > 0.8


def test_nothing_is_said_of_the_first_second():
    recurrence = Recurrence()
    for index in range(8):
        recurrence.look(0.1 * index, _noise(index % 2))

    assert recurrence.novelty(_WHOLE) is None


def test_a_picture_of_another_size_starts_anew():
    recurrence, seat = Recurrence(), Seat()
    for index in range(20):
        recurrence.look(0.1 * index, _noise(index))
        seat.look(0.1, _noise(index))
    recurrence.look(2.0, np.zeros((40, 40), np.uint8))
    seat.look(0.1, np.full((40, 40), 255, np.uint8))

    assert recurrence.novelty((0, 0, 40, 40)) is None
    assert seat.haunted(np.full((40, 40), 255, np.uint8), (0, 0, 40, 40)) == 1
