"""Object temperatures from the raw words of MLX90640 sensors, for many devices at once.

Source: Melexis MLX90640 datasheet, revision 11, section 11.2.2. The formulas are arranged so that
everything which depends on the pixel alone is prepared once per calibration:

- offset·(1 + kta·ΔTa)·(1 + kv·ΔV) is a sum of four planes weighted by 1, ΔTa, ΔV, ΔTa·ΔV; the
  compensation pixel adds one plane per sub-page, so one product of matrices does it all;
- with q = signal / sensitivity the datasheet's Sx becomes ks·⁴√(q + X), so that each step is
  T ← ⁴√(q / f(T) + X), where f is the sensitivity's course, continuous and linear in each range.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, PIXELS, ROWS
from embereye.rules.calibration_stack import KELVIN, CalibrationStack, Repairs, Scalars
from embereye.rules.mlx90640_eeprom import chess_page

FRAME_WORDS = 834
AUX = np.array([768, 776, 778, 800, 808, 810])  # Vbe, CP page 0, gain, PTAT, CP page 1, Vdd
DEFAULT_EMISSIVITY = 0.95
FLOOR_CELSIUS = -100.0  # colder cells are flagged: the clearest night sky reads about -60 °C
# Saturated cells of real devices read about 600 °C. What computes to more is shown as this: a cell
# too hot to be measured must stay the hottest one and never drop out.
CEILING_CELSIUS = 1000.0
# Operating range 3.0–3.6 V (datasheet) and 0.1 V for a weak supply and its measurement.
VDD_RANGE = (2.9, 3.7)
# Operating range -40–85 °C (datasheet); next to a fire it gets hotter and must still be believed.
TA_RANGE = (-50.0, 150.0)
REFLECTED_BELOW_TA = 8.0  # K; datasheet, section 11.2.2.9: Tr = Ta - 8 for a sensor in a housing
GAIN_RANGE = (0.5, 2.0)  # the gain drifts by a few per cent over life

_LEAST_SENSITIVITY = 0.1  # of that at 0 °C; f would reach zero at about 1,450 °C
_CHUNK = 32  # frames; their arrays fit the second-level cache
_SATURATED = 0x7FFF  # also what the memory holds before the first measurement

Floats = NDArray[np.float64]
Celsius = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Temperatures:
    """What n frames show.

    Attributes:
        celsius: (n, 24, 32) float32; NaN marks a cell that cannot be a temperature. Never infinite.
        vdd: (n,) supply of the sensor, V.
        ta: (n,) temperature of the sensor itself, °C.
        valid: (n,) False where supply, ambient temperature or gain are implausible, or a sub-page
            was never measured; such a frame is all NaN and must be refused.
    """

    celsius: Celsius
    vdd: Floats
    ta: Floats
    valid: NDArray[np.bool_]


def celsius(
    frames: NDArray[np.uint16],
    calibrations: CalibrationStack,
    emissivity: Floats | float = DEFAULT_EMISSIVITY,
    reflected: Floats | None = None,
) -> Temperatures:
    """Compute n frames, both sub-pages of each.

    Arguments:
        frames: (n, 834) RAM words as sent, native byte order.
        calibrations: Of one device, or one row per frame.
        emissivity: Of the objects, 0.1–1, a number or (n,).
        reflected: (n,) temperature of the surroundings, °C; NaN or None means Ta - 8 °C.
    """
    count = len(frames)
    if frames.shape != (count, FRAME_WORDS) or len(calibrations) not in (1, count):
        raise ValueError(f"shape {frames.shape} does not fit {len(calibrations)} calibrations")
    epsilon = np.broadcast_to(np.asarray(emissivity, dtype=np.float64), (count,))
    around = np.full(count, np.nan) if reflected is None else reflected
    result = Temperatures(
        np.empty((count, ROWS, COLUMNS), np.float32),
        np.empty(count),
        np.empty(count),
        np.empty(count, np.bool_),
    )
    signed = np.ascontiguousarray(frames).view(np.int16)
    with np.errstate(all="ignore"):  # hostile words are found by their results
        for first in range(0, count, _CHUNK):
            part = slice(first, first + _CHUNK)
            chunk = _compute(signed[part], calibrations.rows(part), epsilon[part], around[part])
            result.celsius[part] = chunk.celsius
            result.vdd[part], result.ta[part] = chunk.vdd, chunk.ta
            result.valid[part] = chunk.valid
    return result


class Conditions(NamedTuple):
    """What applies to a frame as a whole, each (n,) or (n, 6)."""

    vdd: Floats
    ta: Floats
    factor: Floats  # from raw counts to q before subtracting the planes
    weights: Floats  # of the planes
    background: Floats  # X, K⁴
    valid: NDArray[np.bool_]


def _compute(
    signed: NDArray[np.int16], stack: CalibrationStack, emissivity: Floats, reflected: Floats
) -> Temperatures:
    scalars = Scalars(*stack.scalars.T)
    now = conditions_of(signed[:, AUX].astype(np.float64).T, scalars, emissivity, reflected)
    raw = signed[:, :PIXELS]
    q = raw * stack.inverse_alpha
    q *= now.factor[:, None].astype(np.float32)
    q -= subtrahend(now.weights.astype(np.float32), stack.planes)
    kelvin = object_kelvin(q, now.background[:, None].astype(np.float32), scalars)
    kelvin -= np.float32(KELVIN)
    np.minimum(kelvin, np.float32(CEILING_CELSIUS), out=kelvin)
    np.copyto(kelvin, np.float32(np.nan), where=kelvin < FLOOR_CELSIUS)
    _repair(kelvin, stack.repairs)
    valid = now.valid & ~_unmeasured(raw)
    if not valid.all():
        kelvin[~valid] = np.nan
    return Temperatures(kelvin.reshape(-1, ROWS, COLUMNS), now.vdd, now.ta, valid)


def conditions_of(aux: Floats, cal: Scalars, emissivity: Floats, reflected: Floats) -> Conditions:
    """The conditions of n frames, from (6, n) words `AUX`; the rest as `celsius`, (n,) each."""
    vbe, cp_0, gain_word, ptat, cp_1, vdd_word = aux
    dv = (vdd_word * cal.vdd_scale - cal.vdd25) / cal.k_vdd
    art = ptat / (ptat * cal.alpha_ptat + vbe) * 2.0**18
    dta = (art / (1 + cal.kv_ptat * dv) - cal.v_ptat25) / cal.kt_ptat
    vdd, ta = dv + 3.3, dta + 25
    gain = cal.gain / gain_word
    drift = (1 + cal.cp_kta * dta) * (1 + cal.cp_kv * dv)
    scale = 1 / (emissivity * (1 + cal.ks_ta * dta))
    share = cal.tgc * scale
    weights = np.empty((len(ptat), 6))
    weights[:, 0] = scale
    weights[:, 1] = scale * dta
    weights[:, 2] = scale * dv
    weights[:, 3] = weights[:, 1] * dv
    weights[:, 4] = share * (cp_0 * gain - cal.cp_offset_0 * drift)
    weights[:, 5] = share * (cp_1 * gain - cal.cp_offset_1 * drift)
    around = np.where(np.isnan(reflected), ta - REFLECTED_BELOW_TA, reflected)
    around_4 = _fourth(around + KELVIN)
    background = around_4 - (around_4 - _fourth(ta + KELVIN)) / emissivity
    valid = _within(vdd, VDD_RANGE) & _within(ta, TA_RANGE) & _within(gain, GAIN_RANGE)
    return Conditions(vdd, ta, gain * scale, weights, background, valid)


def subtrahend(weights: NDArray[np.float32], planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 768) weighted sums of the planes of each frame's own device."""
    if len(planes) == 1:
        return np.asarray(weights @ planes[0])
    return np.asarray(np.matmul(weights[:, None, :], planes)[:, 0])


def object_kelvin(
    q: NDArray[np.float32], background: NDArray[np.float32], cal: Scalars
) -> NDArray[np.float32]:
    """Kelvin from (n, 768) q and (n, 1) X; NaN where the signal is colder than absolute zero."""
    kelvin = q + background
    np.sqrt(kelvin, out=kelvin)
    np.sqrt(kelvin, out=kelvin)
    for extended in (False, True):  # the datasheet estimates first without the extended ranges
        np.divide(q, sensitivity(kelvin, cal, extended), out=kelvin)
        kelvin += background
        np.sqrt(kelvin, out=kelvin)
        np.sqrt(kelvin, out=kelvin)
    return kelvin


def sensitivity(
    kelvin: NDArray[np.float32], cal: Scalars, extended: bool = True
) -> NDArray[np.float32]:
    """f, the sensitivity at (n, 768) object temperatures relative to that at 0 °C."""
    f = kelvin * cal.ks[:, None].astype(np.float32)
    f += (1 - KELVIN * cal.ks)[:, None].astype(np.float32)
    if extended:
        _extend(f, kelvin, cal)
    return np.maximum(f, np.float32(_LEAST_SENSITIVITY), out=f)


def _extend(f: NDArray[np.float32], kelvin: NDArray[np.float32], cal: Scalars) -> None:
    """Correct the sensitivity outside the basic range; NaN cells count as outside."""
    if not kelvin.min() >= KELVIN:
        below = np.minimum(kelvin - np.float32(KELVIN), 0)
        f += below * cal.cold[:, None].astype(np.float32)
    if not kelvin.max() < cal.warm_corner.min():
        for corner, change in ((cal.warm_corner, cal.warm), (cal.hot_corner, cal.hot)):
            above = np.maximum(kelvin - corner[:, None].astype(np.float32), 0)
            f += above * change[:, None].astype(np.float32)


def _repair(kelvin: NDArray[np.float32], repairs: tuple[Repairs, ...]) -> None:
    if not any(repairs):
        return
    for index, frame in enumerate(kelvin):
        repair = repairs[index if len(repairs) > 1 else 0]
        for pixel, good in repair.items():
            frame[pixel] = np.nan if pixel in good else np.median(frame[list(good)])


def _unmeasured(raw: NDArray[np.int16]) -> NDArray[np.bool_]:
    """(n,) whether a whole sub-page still holds what the memory holds before a measurement."""
    unmeasured = np.zeros(len(raw), np.bool_)
    if raw.max() < _SATURATED:
        return unmeasured
    page = chess_page()
    saturated = raw == _SATURATED
    np.logical_or(saturated[:, page].all(1), saturated[:, ~page].all(1), out=unmeasured)
    return unmeasured


def _fourth(values: Floats) -> Floats:
    squares = values * values
    return squares * squares


def _within(values: Floats, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= limits[0]) & (values <= limits[1])
