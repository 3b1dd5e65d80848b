"""Concentrations from the voltage of a gas sensor of type MQ-135, and percent of PF channels.

Source: sensor protocol, section 3; the curves are fits ppm = a·(Rs/R0)^b to the data sheet.
"""

from dataclasses import dataclass

ADC_FULL = 4095  # 12 bit
# More than all of the air: the curves end long before, and 1/0 must not be shown as a number.
MOST_PPM = 1_000_000.0


@dataclass(frozen=True, slots=True)
class GasCurve:
    """One gas.

    Attributes:
        a, b: ppm = a·(Rs/R0)^b.
        r0_per_rs: R0 as a share of the resistance measured in clean air.
    """

    a: float
    b: float
    r0_per_rs: float = 1 / 3.6


CURVES = {
    "CO2": GasCurve(116.6020682, -2.769034857, r0_per_rs=1.56),  # clean air holds 397 ppm
    "CO": GasCurve(605.18, -3.937),
    "NH3": GasCurve(102.2, -2.473),
    "alcohol": GasCurve(77.255, -3.18),
    "acetone": GasCurve(34.668, -3.369),
    "toluene": GasCurve(44.947, -3.445),
}


@dataclass(frozen=True, slots=True)
class GasSensor:
    """How a gas sensor is connected and which gas it is read for.

    Attributes:
        curve: Of the gas.
        reference: Voltage of the converter's full scale, V.
        supply: Voltage of the sensor, V.
        load: Load resistor, Ω.
        r0: Resistance in clean air as calibrated, Ω.
    """

    curve: GasCurve = CURVES["CO"]
    reference: float = 5.0
    supply: float = 5.0
    load: float = 10_000.0
    r0: float = 76_630.0


def resistance(adc: int | None, sensor: GasSensor) -> float | None:
    """Rs in Ω; None without a value, at both ends of the range, and at or above the supply."""
    if adc is None or not 0 < adc < ADC_FULL:
        return None
    volts = adc * sensor.reference / ADC_FULL
    if volts >= sensor.supply:
        return None
    return sensor.supply * sensor.load / volts - sensor.load


def ppm(adc: int | None, sensor: GasSensor) -> float | None:
    """Concentration, at most `MOST_PPM`; None where `resistance` is None."""
    rs = resistance(adc, sensor)
    if rs is None or rs <= 0:
        return None
    try:
        value = sensor.curve.a * float((rs / sensor.r0) ** sensor.curve.b)
    except OverflowError:
        return MOST_PPM
    return min(value, MOST_PPM)


def clean_air_r0(adc: int | None, sensor: GasSensor) -> float | None:
    """R0 in Ω from a measurement in clean air; None where `resistance` is None."""
    rs = resistance(adc, sensor)
    return None if rs is None else rs * sensor.curve.r0_per_rs


def pf_percent(adc: int) -> float:
    """A smoke or flame channel in percent of its range, 0–100."""
    return adc * 100 / ADC_FULL
