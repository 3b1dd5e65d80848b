"""Gas over time: the raw channel of the settings, turned into ppm."""

import numpy as np
import pytest

from embereye.config.schema import DeviceLimits
from embereye.model.trend import Trend
from embereye.rules.gas import CURVES, GasSensor, ppm
from embereye.services.gas_trend import gas_trend

_UTC = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("channel", "kept", "unit", "scale"),
    [
        ("ADC1", "smoke", "%", 100 / 4095),
        ("ADC2", "flame", "%", 100 / 4095),
        ("ADC3", "spare", "counts", 1),
    ],
)
def test_the_chosen_channel_becomes_ppm(channel: str, kept: str, unit: str, scale: float) -> None:
    asked: list[str] = []

    def trend(name: str) -> Trend:
        asked.append(name)
        return Trend(name, unit, _UTC, np.array([900.0, np.nan, 0.0]) * scale)

    found = gas_trend(DeviceLimits(gas_channel=channel, gas="CO"), trend)  # type: ignore[arg-type]
    assert asked == [kept]
    assert found.unit == "ppm"
    assert found.values[0] == pytest.approx(ppm(900, GasSensor(curve=CURVES["CO"])))
    assert np.isnan(found.values[1:]).all()


def test_a_device_without_a_gas_sensor_has_no_trend() -> None:
    assert gas_trend(DeviceLimits(), lambda _c: pytest.fail("asked")).utc.size == 0
    assert gas_trend(None, lambda _c: pytest.fail("asked")).utc.size == 0
