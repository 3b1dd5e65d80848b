"""Simulated raw words show the scene that they were made for."""

import numpy as np
import pytest

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import celsius
from embereye.rules.radiometry_inverse import raw_words


def stack(seed: int) -> CalibrationStack:
    return CalibrationStack.of(Calibration.from_words(simulated_eeprom(seed)))


@pytest.mark.parametrize("ta", [-20.0, 32.0, 60.0])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_scene_comes_back(seed: int, ta: float) -> None:
    scene = np.linspace(20, 400, 768).reshape(24, 32)

    result = celsius(raw_words(scene, stack(seed), ta, 3.2)[None], stack(seed))

    assert result.valid[0]
    assert np.abs(result.celsius[0] - scene).max() < 0.1
    assert result.ta[0] == pytest.approx(ta, abs=0.02)
    assert result.vdd[0] == pytest.approx(3.2, abs=0.001)


def test_a_frosty_scene_comes_back() -> None:
    scene = np.full((24, 32), -30.0)
    result = celsius(raw_words(scene, stack(0), ta=-10.0)[None], stack(0))
    assert np.abs(result.celsius[0] - scene).max() < 0.2


def test_a_cell_that_is_too_hot_saturates() -> None:
    scene = np.full((24, 32), 25.0)
    scene[5, 6] = 2000.0

    words = raw_words(scene, stack(0))
    result = celsius(words[None], stack(0))

    assert words[5 * 32 + 6] == 0x7FFF
    assert 450 < result.celsius[0, 5, 6] < 620
    assert np.argmax(result.celsius[0]) == 5 * 32 + 6


def test_noise_is_added_in_counts() -> None:
    scene = np.full((24, 32), 25.0)
    noise = np.arange(768.0).reshape(24, 32) % 3
    difference = raw_words(scene, stack(0), noise=noise)[:768] - raw_words(scene, stack(0))[:768]
    assert difference.tolist() == noise.reshape(768).tolist()
