"""The gas concentration of a device over time, from the raw channel that was kept."""

from collections.abc import Callable

import numpy as np

from embereye.config.schema import DeviceLimits
from embereye.model.trend import Trend
from embereye.rules.gas import ADC_FULL, ppm
from embereye.services.gas_sensor import gas_sensor

_KEPT_AS = {"ADC1": "smoke", "ADC2": "flame", "ADC3": "spare"}


def gas_trend(limits: DeviceLimits | None, kept: Callable[[str], Trend]) -> Trend:
    """ppm over time; empty for a device without a gas sensor, NaN where the value is no value.

    Args:
        kept: Gives the trend of one of the channels "smoke", "flame" (%) and "spare" (counts).
    """
    if limits is None or not limits.gas_channel:
        return Trend("gas", "ppm", np.empty(0), np.empty(0))
    raw = kept(_KEPT_AS[limits.gas_channel])
    counts = raw.values * (ADC_FULL / 100 if raw.unit == "%" else 1.0)
    sensor = gas_sensor(limits)
    values = [np.nan if np.isnan(count) else ppm(round(count), sensor) for count in counts]
    return Trend("gas", "ppm", raw.utc, np.array(values, dtype=np.float64))
