"""The gas sensor that the settings of a device describe."""

from dataclasses import replace

from embereye.config.schema import DeviceLimits
from embereye.rules.gas import CURVES, GasSensor


def gas_sensor(chosen: DeviceLimits) -> GasSensor:
    """How it is connected and which gas it is read for; R0 in ohms here, kΩ in the settings."""
    curve = CURVES[chosen.gas]
    if chosen.gas_a is not None:
        curve = replace(curve, a=chosen.gas_a)
    if chosen.gas_b is not None:
        curve = replace(curve, b=chosen.gas_b)
    return GasSensor(
        curve=curve,
        reference=chosen.gas_reference,
        supply=chosen.gas_supply,
        load=chosen.gas_load * 1000,
        r0=chosen.gas_r0 * 1000,
    )
