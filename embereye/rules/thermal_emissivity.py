"""Temperatures of a picture computed anew for another emissivity and other surroundings.

Source: Melexis MLX90640 datasheet, section 11.2.2.9, as arranged in `radiometry`. The sensor
measures the difference of what it receives and what it radiates, s = signal / sensitivity. With
object T, surroundings Tr, sensor Ta (K), emissivity ε and the sensitivity's course f:

    s / f(T) = ε·T⁴ + (1 - ε)·Tr⁴ - Ta⁴,   or with q = s / ε and X = Tr⁴ - (Tr⁴ - Ta⁴) / ε
    T⁴ = q / f(T) + X

s does not depend on ε. So q follows from T by the first emissivity, is multiplied by ε₁ / ε₂, and
gives the temperature by the second one, each with its own X. Where f does not change (devices that
send temperatures) Ta cancels out.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embereye.model.thermal import Optics
from embereye.rules.calibration_stack import KELVIN, Scalars
from embereye.rules.radiometry import (
    CEILING_CELSIUS,
    DEFAULT_EMISSIVITY,
    FLOOR_CELSIUS,
    object_kelvin,
    sensitivity,
)

# The datasheet takes f at an estimate of T, so q is found step by step; `radiometry_inverse` says
# what each leaves: 1.7, 0.2, 0.03 K at 300 °C after none, one, two (measured over the tests).
_ROUNDS = 2
# A device that sends temperatures says nothing of its surroundings: a room.
ASSUMED_OPTICS = Optics(DEFAULT_EMISSIVITY, 25.0, 25.0)

Cells = NDArray[np.float32]


def recomputed(celsius: Cells, optics: Optics, emissivity: Cells, reflected: Cells) -> Cells:
    """Temperatures (k,) of cells with an emissivity (k,) of their own.

    `reflected` is (k,) °C, NaN for that of `optics`. NaN stays NaN, and marks what would be colder
    than `FLOOR_CELSIUS`: an object cannot shine less than what it mirrors. At most
    `CEILING_CELSIUS`.
    """
    around = np.where(np.isnan(reflected), np.float32(optics.reflected), reflected)
    with np.errstate(invalid="ignore"):  # colder than absolute zero becomes NaN
        q = _signal(celsius[None], optics) * (np.float32(optics.emissivity) / emissivity)
        kelvin = _objects(q, _background(around, optics.ta, emissivity), optics)[0]
        result = np.minimum(kelvin - np.float32(KELVIN), np.float32(CEILING_CELSIUS))
        result[result < FLOOR_CELSIUS] = np.nan
    return np.asarray(result)


def _signal(celsius: Cells, optics: Optics) -> Cells:
    """(1, k) q by the emissivity of `optics`."""
    background = _background(np.float32(optics.reflected), optics.ta, np.float32(optics.emissivity))
    kelvin = celsius + np.float32(KELVIN)
    fourth = _fourth(kelvin)
    if optics.course is None:
        return np.asarray(fourth - background)
    course = _scalars(optics.course)
    f = sensitivity(kelvin, course)
    q = (fourth - background) * f
    for _ in range(_ROUNDS):
        q += f * (fourth - _fourth(object_kelvin(q, background, course)))
    return np.asarray(q)


def _objects(q: Cells, background: Cells, optics: Optics) -> Cells:
    if optics.course is None:
        return np.asarray(np.sqrt(np.sqrt(q + background)))
    return object_kelvin(q, background, _scalars(optics.course))


def _background(around: Cells | np.float32, ta: float, emissivity: Cells | np.float32) -> Cells:
    """X of the module's formulas, K⁴."""
    around_4 = _fourth(around + np.float32(KELVIN))
    return np.asarray(around_4 - (around_4 - np.float32((ta + KELVIN) ** 4)) / emissivity)


def _fourth(values: Cells | np.float32) -> Cells:
    squares = values * values
    return np.asarray(squares * squares)


@lru_cache(maxsize=1024)  # one a device; ten times the largest installation
def _scalars(course: tuple[float, ...]) -> Scalars:
    nothing = np.zeros(1)
    names = ("ks", "cold", "warm", "hot", "warm_corner", "hot_corner")
    given = {name: np.array([value]) for name, value in zip(names, course, strict=True)}
    return Scalars(*(nothing for _ in Scalars._fields))._replace(**given)
