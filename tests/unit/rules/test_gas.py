"""Concentrations as worked out by hand from the protocol's formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embereye.rules.gas import (
    CURVES,
    MOST_PPM,
    GasSensor,
    clean_air_r0,
    pf_percent,
    ppm,
    resistance,
)


@pytest.mark.parametrize(
    ("adc", "ohm"),
    # Vout = adc·5/4095; Rs = 5·10,000/Vout - 10,000 = 10,000·(4095/adc - 1)
    [(819, 40_000.0), (1365, 20_000.0), (2457, 6_666.67), (4094, 2.4426)],
)
def test_resistance(adc: int, ohm: float) -> None:
    assert resistance(adc, GasSensor()) == pytest.approx(ohm, rel=1e-4)


@pytest.mark.parametrize(
    ("gas", "expected"),
    # ADC 819: Rs/R0 = 40,000/76,630 = 0.521989, its natural logarithm -0.650109;
    # CO2: 116.602·exp(2.769035·0.650109) = 116.602·6.0506 = 705.5, and so on
    [
        ("CO2", 705.5),
        ("CO", 7824.0),
        ("NH3", 510.2),
        ("alcohol", 610.6),
        ("acetone", 309.8),
        ("toluene", 422.0),
    ],
)
def test_concentration(gas: str, expected: float) -> None:
    assert ppm(819, GasSensor(CURVES[gas])) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("adc", [None, 0, 4095, -1, 5000])
def test_out_of_range_gives_no_value(adc: int | None) -> None:
    sensor = GasSensor()
    assert (ppm(adc, sensor), resistance(adc, sensor), clean_air_r0(adc, sensor)) == (None,) * 3


def test_a_voltage_above_the_supply_gives_no_value() -> None:
    assert ppm(4000, GasSensor(supply=3.3)) is None


def test_clean_air_calibration() -> None:
    assert clean_air_r0(819, GasSensor()) == pytest.approx(40_000 / 3.6)
    assert clean_air_r0(819, GasSensor(CURVES["CO2"])) == pytest.approx(1.56 * 40_000)


def test_clean_air_reads_397_ppm_of_carbon_dioxide_after_calibration() -> None:
    curve = CURVES["CO2"]
    r0 = clean_air_r0(819, GasSensor(curve))
    assert r0 is not None
    assert ppm(819, GasSensor(curve, r0=r0)) == pytest.approx(397, rel=0.01)


@given(st.integers(1, 4094), st.sampled_from(sorted(CURVES)), st.floats(1.0, 1e7))
def test_every_value_in_range_gives_a_possible_concentration(adc: int, gas: str, r0: float) -> None:
    value = ppm(adc, GasSensor(CURVES[gas], r0=r0))
    assert value is not None
    assert 0 <= value <= MOST_PPM


def test_percent_of_a_pf_channel() -> None:
    assert pf_percent(0) == 0
    assert pf_percent(4095) == 100
    assert pf_percent(270) == pytest.approx(6.59, abs=0.01)
