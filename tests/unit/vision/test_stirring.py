"""How a place has changed lately."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from embereye.vision.evidence import lively
from embereye.vision.stirring import STILL, Place, Stir, Stirring

Play = Callable[..., Iterator[tuple[float, np.ndarray]]]
FLAME: Place = (0.38, 0.35, 0.24, 0.5)
MIDDLE: Place = (0.25, 0.25, 0.5, 0.5)


def _stir(frames: Iterator[tuple[float, np.ndarray]], place: Place) -> Stir:
    stirring = Stirring()
    last = STILL
    for time, pixels in frames:
        stirring.look(time, pixels)
        last = stirring.at(place)
    return last


def test_a_flame_changes_to_and_fro_in_parts_apart_from_the_rest(play: Play):
    stir = _stir(play("flame", 3.0), FLAME)

    assert stir.turns > 1
    assert stir.balance > 0.5
    assert stir.apart == 1.0
    assert stir.boils == pytest.approx(1.0, abs=0.2)


def test_a_frozen_picture_does_not_stir(play: Play):
    _, pixels = next(play("flame", 0.1))

    assert _stir(((0.1 * n, pixels) for n in range(30)), FLAME).active == 0.0


@pytest.mark.parametrize("scene", ["sunset", "wood_panels", "drifting_clouds", "driving_fog"])
def test_noise_and_slow_drift_are_no_stir(play: Play, scene: str):
    assert _stir(play(scene, 4.0), MIDDLE).active < 0.02


@pytest.mark.parametrize("scene", ["strobe", "candle_bulb", "auto_exposure"])
def test_light_that_changes_all_at_once_is_not_lively(play: Play, scene: str):
    assert lively(_stir(play(scene, 4.0), MIDDLE)) < 0.5 < lively(_stir(play("flame", 4.0), FLAME))


@pytest.mark.parametrize("scene", ["fan_before_lamp", "neon_sign"])
def test_what_comes_round_again_is_less_lively(play: Play, scene: str):
    assert _stir(play(scene, 4.0), MIDDLE).novel < 0.6 < _stir(play("flame", 4.0), FLAME).novel


def test_nothing_is_said_before_six_pictures(play: Play):
    assert _stir(play("flame", 0.5), FLAME) == STILL


def test_a_gap_forgets(play: Play):
    stirring = Stirring()
    frames = list(play("flame", 3.0))
    for time, pixels in frames:
        stirring.look(time, pixels)
    stirring.look(frames[-1][0] + 5.0, frames[-1][1])

    assert stirring.at(FLAME) == STILL


@pytest.mark.parametrize(
    "place", [(0, 0, 1, 1), (0.99, 0.99, 0.5, 0.5), (-1, -1, 9, 9), (0.5, 0.5, 0, 0)]
)
@pytest.mark.parametrize("shape", [(8, 8), (240, 320), (8, 320)])
def test_any_place_in_any_picture_can_be_asked_about(place: Place, shape: tuple[int, int]):
    rng = np.random.default_rng(3)
    pictures = ((0.1 * n, rng.integers(0, 255, (*shape, 3)).astype(np.uint8)) for n in range(12))
    stir = _stir(pictures, place)

    assert 0 <= stir.active <= 1
    assert 0 <= stir.balance <= 1


def test_a_picture_that_changes_its_size_begins_anew(play: Play):
    stirring = Stirring()
    for time, pixels in play("flame", 2.0):
        stirring.look(time, pixels)
    stirring.look(2.0, np.zeros((120, 160, 3), np.uint8))

    assert stirring.at(FLAME) == STILL
