"""Another emissivity gives the temperatures that computing with it at once would give."""

import numpy as np
import pytest

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.model.thermal import Optics
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import CEILING_CELSIUS, celsius
from embereye.rules.radiometry_inverse import raw_words
from embereye.rules.thermal_emissivity import ASSUMED_OPTICS, recomputed

SCENE = np.linspace(0.0, 300.0, 768).reshape(24, 32)
STACK = CalibrationStack.of(Calibration.from_words(simulated_eeprom(3)))


def filled(value):
    return np.full(768, value, np.float32)


def computed(words, emissivity, reflected):
    around = None if reflected is None else np.array([reflected])
    return celsius(words[None], STACK, emissivity, around)


@pytest.mark.parametrize("first", [0.6, 0.95, 1.0])
@pytest.mark.parametrize("second", [0.3, 0.5, 0.8, 0.98])
@pytest.mark.parametrize("around", [None, 15.0, 60.0])
def test_recomputing_agrees_with_computing_directly(first, second, around):
    words = raw_words(SCENE, STACK, ta=32.0, emissivity=second)
    before = computed(words, first, None)
    ta = float(before.ta[0])
    optics = Optics(first, ta - 8.0, ta, STACK.course)
    reflected = filled(np.nan if around is None else around)

    found = recomputed(before.celsius.reshape(-1), optics, filled(second), reflected)

    direct = computed(words, second, around).celsius.reshape(-1)
    known = ~np.isnan(direct) & ~np.isnan(before.celsius.reshape(-1))
    assert known.sum() > 600
    assert np.abs(found - direct)[known].max() <= 0.1


def test_the_same_emissivity_changes_nothing():
    cells = SCENE.reshape(-1).astype(np.float32)
    same = recomputed(cells, ASSUMED_OPTICS, filled(0.95), filled(np.nan))
    assert np.abs(same - cells).max() < 0.01


def test_a_device_that_sends_temperatures_follows_stefan_and_boltzmann():
    optics = Optics(0.95, 25.0, 99.0)  # the sensor's own temperature cancels out
    (found,) = recomputed(
        np.array([80.0], np.float32), optics, np.array([0.5], np.float32), np.array([np.nan])
    )
    radiance = 0.95 * (80 + 273.15) ** 4 + 0.05 * (25 + 273.15) ** 4
    expected = ((radiance - 0.5 * (25 + 273.15) ** 4) / 0.5) ** 0.25 - 273.15
    assert found == pytest.approx(expected, abs=0.01)


def test_what_shines_less_than_it_mirrors_is_no_temperature():
    (found,) = recomputed(
        np.array([-60.0], np.float32),
        ASSUMED_OPTICS,
        np.array([0.1], np.float32),
        np.array([200.0], np.float32),
    )
    assert np.isnan(found)


def test_a_saturated_cell_stays_the_hottest():
    hot = np.array([CEILING_CELSIUS, np.nan], np.float32)
    found = recomputed(hot, ASSUMED_OPTICS, filled(0.2)[:2], filled(np.nan)[:2])
    assert found[0] == CEILING_CELSIUS
    assert np.isnan(found[1])
