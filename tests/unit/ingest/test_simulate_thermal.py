"""Simulated imagers are repeatable, different from each other, and believable."""

import numpy as np
import pytest

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.ingest.simulate_thermal import SimulatedImager, centi27_words, room_with_spot
from embereye.ingest.thermal_words import are_mlx90640
from embereye.rules.mlx90640_eeprom import Calibration


def test_the_seed_decides_everything() -> None:
    scene = room_with_spot(22.0, 90.0, 12, 16, 3.0)
    assert np.array_equal(SimulatedImager(4).frame(scene), SimulatedImager(4).frame(scene))
    assert not np.array_equal(simulated_eeprom(4), simulated_eeprom(5))


@pytest.mark.parametrize("seed", range(20))
def test_each_invented_calibration_is_believable(seed: int) -> None:
    read = Calibration.from_words(simulated_eeprom(seed))
    assert -100 < read.offset.min() < read.offset.max() < -30
    assert 5e-8 < read.alpha.min() < read.alpha.max() < 1.5e-7
    assert read.alpha.reshape(24, 32)[12, 16] > 1.3 * read.alpha.reshape(24, 32)[0, 0]
    assert 0.004 < read.kta.min() < read.kta.max() < 0.009
    assert read.bad == ()


def test_frames_carry_the_signature_of_a_real_sensor() -> None:
    words = SimulatedImager(1).frame(np.full((24, 32), 20.0))
    assert are_mlx90640(words[None])[0]
    assert words[832] == words[833] == 1


def test_noise_differs_from_frame_to_frame() -> None:
    imager, scene = SimulatedImager(1), np.full((24, 32), 20.0)
    first, second = (imager.frame(scene)[:768].astype(int) for _ in range(2))
    assert 0.8 < np.std(first - second) < 2.2  # √2 counts, rounded


def test_centi27_words_of_the_protocol() -> None:
    scene = np.full((24, 32), 25.0)
    scene[0, :3] = 26.26, 80.28, 0.0
    words = centi27_words(scene, np.random.default_rng(1))
    assert [f"{word:04X}" for word in words[:4]] == ["FFB6", "14D0", "F574", "FF38"]
    assert not are_mlx90640(words[None])[0]


def test_the_spot_is_the_hottest_place_of_the_room() -> None:
    scene = room_with_spot(22.0, 90.0, 12, 16, 3.0)
    assert scene.argmax() == 12 * 32 + 16
    assert scene.max() == pytest.approx(90.0)
    assert 21.9 < scene.min() < 23.1
