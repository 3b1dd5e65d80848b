"""The raw words that an MLX90640 would send for a scene: `radiometry` turned round.

For simulators and tests; the calculation back gives the scene within 0.1 K plus the resolution of
the words (about 0.05 K for a scene at room temperature, less for a hot one).
"""

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import PIXELS
from embereye.rules.calibration_stack import KELVIN, CalibrationStack, Scalars
from embereye.rules.radiometry import (
    AUX,
    DEFAULT_EMISSIVITY,
    FRAME_WORDS,
    Conditions,
    conditions_of,
    object_kelvin,
    sensitivity,
    subtrahend,
)

Floats = NDArray[np.float64]
Words = NDArray[np.uint16]

_PTAT = 1640  # word 800; real devices send 1,600–1,700, the voltage beside it carries the change
_ROUNDS = 4  # each leaves a tenth of the error at 100 °C, half at 500 °C, of 0.5 K at first
# Every pixel is near saturation there, and the formulas end soon above.
HOTTEST_CELSIUS = 600.0
_WORD_RANGE = (-0x8000, 0x7FFF)
# What the words beside the used ones hold in every frame (sensor protocol, section 2).
_UNUSED = [770, 772, 774, 787, 791, 801, 803, 805, 807]
_ONES = [*range(792, 800), *range(824, 834)]


def raw_words(
    scene: Floats,
    calibration: CalibrationStack,
    ta: float = 32.0,
    vdd: float = 3.28,
    emissivity: float = DEFAULT_EMISSIVITY,
    noise: Floats | None = None,
) -> Words:
    """The (834,) words for a (24, 32) scene in °C seen by a sensor at `ta` °C and `vdd` V.

    `noise` is (24, 32) counts to add. A pixel that is too hot saturates at 7FFF as in the chip,
    which reads 500–600 °C; more than 600 °C is simulated as 600 °C.
    """
    cal = Scalars(*calibration.scalars.T)
    aux = _aux_words(cal, ta, vdd)
    # From the rounded words, so that their rounding does not shift the picture.
    now = conditions_of(aux[:, None], cal, np.array([emissivity]), np.array([np.nan]))
    target = np.minimum(scene, HOTTEST_CELSIUS).reshape(1, PIXELS) + KELVIN
    with np.errstate(all="ignore"):
        signal = _signal(target, now, cal)
    planes = subtrahend(now.weights.astype(np.float32), calibration.planes)
    counts = (signal + planes) / (calibration.inverse_alpha * now.factor[:, None])
    if noise is not None:
        counts = counts + noise.reshape(1, PIXELS)
    words = np.zeros(FRAME_WORDS, np.int64)
    words[:PIXELS] = np.rint(np.clip(counts[0], *_WORD_RANGE))
    words[_UNUSED] = 0x7FFF
    words[_ONES] = 1
    words[AUX] = aux
    return words.astype(np.uint16)


def _aux_words(cal: Scalars, ta: float, vdd: float) -> Floats:
    """(6,) words in the order of `AUX`: gain as calibrated, compensation pixel without signal."""
    scalar = Scalars(*(float(column[0]) for column in cal))  # type: ignore[arg-type]
    vdd_word = np.rint((scalar.k_vdd * (vdd - 3.3) + scalar.vdd25) / scalar.vdd_scale)
    dv = (vdd_word * scalar.vdd_scale - scalar.vdd25) / scalar.k_vdd
    art = ((ta - 25) * scalar.kt_ptat + scalar.v_ptat25) * (1 + scalar.kv_ptat * dv)
    vbe = _PTAT * (2.0**18 / art - scalar.alpha_ptat)
    drift = (1 + scalar.cp_kta * (ta - 25)) * (1 + scalar.cp_kv * dv)
    compensation = (scalar.cp_offset_0 * drift, scalar.cp_offset_1 * drift)
    aux = [vbe, compensation[0], scalar.gain, _PTAT, compensation[1], vdd_word]
    return np.rint(np.clip(np.array(aux, dtype=np.float64), *_WORD_RANGE))


def _signal(target: Floats, now: Conditions, cal: Scalars) -> Floats:
    """(1, 768) q that the forward calculation turns into `target` kelvin."""
    background = now.background[:, None]
    single = background.astype(np.float32)
    f = sensitivity(target.astype(np.float32), cal)
    fourth = target**4
    q = (fourth - background) * f
    for _ in range(_ROUNDS):  # the forward calculation takes f at an estimate of the temperature
        reached = object_kelvin(q.astype(np.float32), single, cal).astype(np.float64)
        q += f * (fourth - reached**4)
    return np.asarray(q)
