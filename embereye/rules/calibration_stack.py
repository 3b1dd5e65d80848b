"""Calibrations of one or many MLX90640 sensors, prepared for computing temperatures.

Source: Melexis MLX90640 datasheet, revision 11, section 11.2.2; `radiometry` says how the formulas
are arranged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, ROWS
from embereye.rules.mlx90640_eeprom import Calibration, Floats, chess_page

KELVIN = 273.15  # of 0 °C
Repairs = dict[int, tuple[int, ...]]

_RESOLUTION = 2  # of control word 0x1901, 18 bit; devices send 0001 in its place


class Scalars(NamedTuple):
    """One (m,) array per name; `Calibration` says what they are."""

    gain: Floats
    vdd25: Floats
    k_vdd: Floats
    kv_ptat: Floats
    kt_ptat: Floats
    v_ptat25: Floats
    alpha_ptat: Floats
    vdd_scale: Floats  # resolution of the calibration to that of the measurement
    tgc: Floats
    ks_ta: Floats
    cp_offset_0: Floats
    cp_offset_1: Floats
    cp_kta: Floats
    cp_kv: Floats
    ks: Floats  # slope of f above 0 °C, 1/K
    cold: Floats  # what the slope differs by below 0 °C
    warm: Floats  # … and above the first corner
    hot: Floats  # … and above the second
    warm_corner: Floats  # K
    hot_corner: Floats  # K


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationStack:
    """The calibrations of m devices, prepared for computing; build it once and keep it.

    Attributes:
        planes: (m, 6, 768) float32, divided by sensitivity.
        inverse_alpha: (m, 768) float32, K⁴/count.
        scalars: (m, n) float64, the columns of `Scalars`.
        repairs: Per device the bad pixels and, for each, twelve good neighbours to take the median
            of (fewer are repeated: twelve is a multiple of one to four); empty without bad pixels.
    """

    planes: NDArray[np.float32]
    inverse_alpha: NDArray[np.float32]
    scalars: Floats
    repairs: tuple[Repairs, ...]

    @classmethod
    def of(cls, calibration: Calibration) -> "CalibrationStack":
        """The stack of one device; it serves any number of frames of that device."""
        inverse = 1 / calibration.alpha
        offset = calibration.offset * inverse
        page = chess_page()
        planes = (
            offset - calibration.correction * inverse,
            offset * calibration.kta,
            offset * calibration.kv,
            offset * calibration.kta * calibration.kv,
            np.where(page, 0.0, inverse),
            np.where(page, inverse, 0.0),
        )
        return cls(
            planes=np.array([planes], dtype=np.float32),
            inverse_alpha=inverse[None].astype(np.float32),
            scalars=np.array([_scalars(calibration)], dtype=np.float64),
            repairs=(_repairs(calibration.bad),),
        )

    @classmethod
    def join(cls, stacks: "Sequence[CalibrationStack]") -> "CalibrationStack":
        """One stack of several, in order: row i computes frame i."""
        return cls(
            planes=np.concatenate([stack.planes for stack in stacks]),
            inverse_alpha=np.concatenate([stack.inverse_alpha for stack in stacks]),
            scalars=np.concatenate([stack.scalars for stack in stacks]),
            repairs=tuple(repair for stack in stacks for repair in stack.repairs),
        )

    @property
    def course(self) -> tuple[float, float, float, float, float, float]:
        """How the first device's sensitivity changes; see `Optics.course`."""
        ks, cold, warm, hot, warm_corner, hot_corner = self.scalars[0, -6:].tolist()
        return ks, cold, warm, hot, warm_corner, hot_corner

    def __len__(self) -> int:
        return len(self.scalars)

    def rows(self, part: slice) -> "CalibrationStack":
        """The rows of `part`; all of them when the stack is that of one device."""
        if len(self) == 1:
            return self
        return CalibrationStack(
            self.planes[part], self.inverse_alpha[part], self.scalars[part], self.repairs[part]
        )


def _scalars(calibration: Calibration) -> tuple[float, ...]:
    ks = calibration.ks_to
    _, _, warm_corner, hot_corner = calibration.corners
    # f is 1 at 0 °C and continuous; datasheet, section 11.2.2.9.1.
    at_warm = 1 + ks[1] * warm_corner
    at_hot = at_warm * (1 + ks[2] * (hot_corner - warm_corner))
    cold_slope = ks[0] / (1 + ks[0] * 40)
    warm_slope = at_warm * ks[2]
    return (
        calibration.gain,
        calibration.vdd25,
        calibration.k_vdd,
        calibration.kv_ptat,
        calibration.kt_ptat,
        calibration.v_ptat25,
        calibration.alpha_ptat,
        2.0 ** (calibration.resolution - _RESOLUTION),
        calibration.tgc,
        calibration.ks_ta,
        *calibration.cp_offset,
        calibration.cp_kta,
        calibration.cp_kv,
        ks[1],
        cold_slope - ks[1],
        warm_slope - ks[1],
        at_hot * ks[3] - warm_slope,
        warm_corner + KELVIN,
        hot_corner + KELVIN,
    )


def _repairs(bad: tuple[int, ...]) -> Repairs:
    """For each bad pixel twelve indices of good neighbours; without any, the pixel itself."""
    return {pixel: _neighbours(pixel, bad) for pixel in bad}


def _neighbours(pixel: int, bad: tuple[int, ...]) -> tuple[int, ...]:
    row, column = divmod(pixel, COLUMNS)
    # Diagonal neighbours belong to the same sub-page, so they were measured at the same moment.
    for steps in (((-1, -1), (-1, 1), (1, -1), (1, 1)), ((-1, 0), (1, 0), (0, -1), (0, 1))):
        cells = [(row + down, column + right) for down, right in steps]
        inside = [r * COLUMNS + c for r, c in cells if 0 <= r < ROWS and 0 <= c < COLUMNS]
        good = [cell for cell in inside if cell not in bad]
        if good:
            return tuple(good * (12 // len(good)))
    return (pixel,) * 12
