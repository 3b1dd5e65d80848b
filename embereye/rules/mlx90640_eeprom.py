"""What the calibration memory of an MLX90640 says about its sensor.

Source: Melexis MLX90640 datasheet, revision 11, sections 11.1 and 11.2.2. Word numbers
below count from the first word of the memory (register 0x2400).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embereye.model.errors import CalibrationError
from embereye.model.reading import COLUMNS, PIXELS, ROWS

EEPROM_WORDS = 832

Floats = NDArray[np.float64]
Words = NDArray[np.uint16]

_FIRST_PIXEL = 64  # word of pixel 0
# The factory delivers at most four deviating pixels (datasheet, table 10, note 3); more means that
# the words are not a factory calibration.
_MOST_BAD_PIXELS = 4
# Sensitivities of real devices are 0.5e-7 to 2e-7 counts/K^4; an order of magnitude is left.
_ALPHA_RANGE = (5e-9, 2e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The calibration of one device; arrays are (768,) float64, row-major, read-only.

    Attributes:
        offset: Counts at 25 °C and 3.3 V.
        kta: Change of offset with ambient temperature, 1/K.
        kv: Change of offset with supply voltage, 1/V.
        alpha: Sensitivity less the share of the compensation pixels, counts/K⁴; 1 where bad.
        correction: Counts to add because the factory calibrated in interleaved pattern; zeros
            when it calibrated in chess pattern, as the devices measure.
        bad: Indices of broken and outlier pixels, ascending.
        gain: Gain word of the factory.
        vdd25, k_vdd: Supply word at 25 °C and 3.3 V, and its slope in counts/V.
        kv_ptat, kt_ptat, v_ptat25, alpha_ptat: Ambient temperature sensor.
        resolution: Bits above 16 that the factory calibrated with (2 means 18 bit).
        tgc: Share of the compensation pixel, 0 when the device does not use it.
        ks_ta: Change of sensitivity with ambient temperature, 1/K.
        ks_to: Change of sensitivity with object temperature in four ranges, 1/K.
        corners: Where the ranges begin, °C: -40, 0 and two of the device.
        cp_offset: Counts of the compensation pixel in sub-page 0 and 1.
        cp_kta, cp_kv: Its changes, 1/K and 1/V.
    """

    offset: Floats
    kta: Floats
    kv: Floats
    alpha: Floats
    correction: Floats
    bad: tuple[int, ...]
    gain: float
    vdd25: float
    k_vdd: float
    kv_ptat: float
    kt_ptat: float
    v_ptat25: float
    alpha_ptat: float
    resolution: int
    tgc: float
    ks_ta: float
    ks_to: tuple[float, float, float, float]
    corners: tuple[float, float, float, float]
    cp_offset: tuple[float, float]
    cp_kta: float
    cp_kv: float

    @classmethod
    def from_bytes(cls, words: bytes) -> "Calibration":
        """Read 832 big-endian words; errors as `from_words`."""
        if len(words) != 2 * EEPROM_WORDS:
            raise CalibrationError(
                f"The calibration has {len(words)} bytes instead of {2 * EEPROM_WORDS}."
                " Ask the device for it again."
            )
        return cls.from_words(np.frombuffer(words, dtype=">u2").astype(np.uint16))

    @classmethod
    def from_words(cls, words: Words) -> "Calibration":
        """Read the (832,) words; CalibrationError when no working sensor can have them."""
        if words.shape != (EEPROM_WORDS,):
            raise CalibrationError(
                f"The calibration has {words.size} words instead of {EEPROM_WORDS}."
                " Ask the device for it again."
            )
        ee = words.astype(np.int64)
        bad = _bad_pixels(ee)
        alpha = _alpha(ee)
        alpha[list(bad)] = 1.0
        calibration = cls(
            offset=_frozen(_offset(ee)),
            kta=_frozen(_kta(ee)),
            kv=_frozen(_kv(ee)),
            alpha=_frozen(alpha),
            correction=_frozen(_interleaved_correction(ee)),
            bad=bad,
            gain=float(_signed(int(ee[48]), 16)),
            vdd25=float(((int(ee[51]) & 0xFF) - 256) * 32 - 8192),
            k_vdd=32.0 * _signed(int(ee[51]) >> 8, 8),
            kv_ptat=_signed(int(ee[50]) >> 10, 6) / 4096,
            kt_ptat=_signed(int(ee[50]) & 0x3FF, 10) / 8,
            v_ptat25=float(ee[49]),
            alpha_ptat=(int(ee[16]) >> 12) / 4 + 8,
            resolution=(int(ee[56]) >> 12) & 3,
            tgc=_tgc(ee),
            ks_ta=_signed(int(ee[60]) >> 8, 8) / 8192,
            ks_to=_ks_to(ee),
            corners=_corners(ee),
            cp_offset=_cp_offset(ee),
            cp_kta=_signed(int(ee[59]) & 0xFF, 8) / 2.0 ** (_nibble(int(ee[56]), 1) + 8),
            cp_kv=_signed(int(ee[59]) >> 8, 8) / 2.0 ** _nibble(int(ee[56]), 2),
        )
        _refuse_implausible(calibration)
        return calibration


def chess_page() -> NDArray[np.bool_]:
    """(768,) whether a pixel belongs to sub-page 1 of the chess pattern."""
    row, column = np.divmod(np.arange(PIXELS), COLUMNS)
    return ((row + column) & 1).astype(np.bool_)


def _refuse_implausible(calibration: Calibration) -> None:
    low, high = _ALPHA_RANGE
    good = np.delete(calibration.alpha, calibration.bad)
    checks = (
        (1000 <= calibration.gain <= 30000, "gain"),
        (calibration.k_vdd <= -320, "supply slope"),
        (calibration.vdd25 < 0, "supply offset"),
        (8 <= calibration.kt_ptat <= 64, "ambient slope"),
        (2000 <= calibration.v_ptat25 <= 40000, "ambient offset"),
        (bool(np.all((good > low) & (good < high))), "sensitivity"),
        (0 < calibration.corners[2] < calibration.corners[3], "temperature ranges"),
        (abs(calibration.ks_ta) <= 0.0075, "ambient change of sensitivity"),
        (all(abs(slope) < 0.01 for slope in calibration.ks_to), "range slopes"),
    )
    wrong = [name for ok, name in checks if not ok]
    if wrong:
        raise CalibrationError(
            f"The calibration is not that of a working sensor ({', '.join(wrong)})."
            " Ask the device for it again; if that does not help, replace the device."
        )


def _bad_pixels(ee: NDArray[np.int64]) -> tuple[int, ...]:
    pixels = ee[_FIRST_PIXEL:]
    bad = np.flatnonzero((pixels == 0) | (pixels & 1 == 1))
    if bad.size > _MOST_BAD_PIXELS:
        raise CalibrationError(
            f"The calibration marks {bad.size} pixels as defective; at most {_MOST_BAD_PIXELS} are"
            " possible. Ask the device for it again; if that does not help, replace the device."
        )
    return tuple(int(pixel) for pixel in bad)


def _offset(ee: NDArray[np.int64]) -> Floats:
    remainder, column, row = (_nibble(int(ee[16]), i) for i in range(3))
    base = _signed(int(ee[17]), 16) + _rows_and_columns(ee, 18, row, column)
    return np.asarray(base + _fields(ee, 10, 6) * 2**remainder, dtype=np.float64)


def _alpha(ee: NDArray[np.int64]) -> Floats:
    remainder, column, row, scale = (_nibble(int(ee[32]), i) for i in range(4))
    base = int(ee[33]) + _rows_and_columns(ee, 34, row, column)
    alpha = (base + _fields(ee, 4, 6) * 2**remainder) / 2.0 ** (scale + 30)
    cp = _signed(int(ee[57]) & 0x3FF, 10) / 2.0 ** (scale + 27)
    ratio = 1 + _signed(int(ee[57]) >> 10, 6) / 128
    # Mean of both sub-pages, as the vendor's library does; the pages differ by about 1 %.
    return np.asarray(alpha - _tgc(ee) * (cp + cp * ratio) / 2, dtype=np.float64)


def _kta(ee: NDArray[np.int64]) -> Floats:
    even, odd = int(ee[54]), int(ee[55])
    quad = [_signed(word, 8) for word in (even >> 8, odd >> 8, even & 0xFF, odd & 0xFF)]
    step = 2 ** _nibble(int(ee[56]), 0)
    kta = _by_parity(quad) + _fields(ee, 1, 3) * step
    return np.asarray(kta / 2.0 ** (_nibble(int(ee[56]), 1) + 8), dtype=np.float64)


def _kv(ee: NDArray[np.int64]) -> Floats:
    quad = [_signed(_nibble(int(ee[52]), i), 4) for i in (3, 1, 2, 0)]
    return np.asarray(_by_parity(quad) / 2.0 ** _nibble(int(ee[56]), 2), dtype=np.float64)


def _interleaved_correction(ee: NDArray[np.int64]) -> Floats:
    if not int(ee[10]) & 0x0800:
        return np.zeros(PIXELS)
    word = int(ee[53])
    conversion_share = _signed((word >> 6) & 0x1F, 5) / 2
    row_share = _signed(word >> 11, 5) / 8
    pixel = np.arange(PIXELS)
    odd_row = (pixel // COLUMNS) & 1
    conversion = (pixel + 2) // 4 - (pixel + 3) // 4 + (pixel + 1) // 4 - pixel // 4
    correction = row_share * (2 * odd_row - 1) - conversion_share * conversion * (1 - 2 * odd_row)
    return np.asarray(correction, dtype=np.float64)


def _cp_offset(ee: NDArray[np.int64]) -> tuple[float, float]:
    first = _signed(int(ee[58]) & 0x3FF, 10)
    second = float(first + _signed(int(ee[58]) >> 10, 6))
    if int(ee[10]) & 0x0800:
        second += _signed(int(ee[53]) & 0x3F, 6) / 16
    return float(first), second


def _tgc(ee: NDArray[np.int64]) -> float:
    return _signed(int(ee[60]) & 0xFF, 8) / 32


def _ks_to(ee: NDArray[np.int64]) -> tuple[float, float, float, float]:
    scale = 2.0 ** (_nibble(int(ee[63]), 0) + 8)
    cold, hot = int(ee[61]), int(ee[62])
    parts = (cold & 0xFF, cold >> 8, hot & 0xFF, hot >> 8)
    first, second, third, fourth = (_signed(part, 8) / scale for part in parts)
    return first, second, third, fourth


def _corners(ee: NDArray[np.int64]) -> tuple[float, float, float, float]:
    step = ((int(ee[63]) >> 12) & 3) * 10
    third = _nibble(int(ee[63]), 1) * step
    return -40.0, 0.0, float(third), float(third + _nibble(int(ee[63]), 2) * step)


def _rows_and_columns(
    ee: NDArray[np.int64], first: int, row_scale: int, column_scale: int
) -> NDArray[np.int64]:
    """(768,) sum of a row share (6 words from `first`) and a column share (the 8 after them)."""
    rows = _signed_nibbles(ee[first : first + 6]) * 2**row_scale
    columns = _signed_nibbles(ee[first + 6 : first + 14]) * 2**column_scale
    return np.asarray(rows[:, None] + columns[None, :], dtype=np.int64).reshape(PIXELS)


def _signed_nibbles(words: NDArray[np.int64]) -> NDArray[np.int64]:
    nibbles = (words[:, None] >> np.array([0, 4, 8, 12])) & 0xF
    return np.asarray(np.where(nibbles > 7, nibbles - 16, nibbles)).reshape(-1)


def _fields(ee: NDArray[np.int64], shift: int, bits: int) -> NDArray[np.int64]:
    """(768,) signed bit field of the pixel words."""
    field = (ee[_FIRST_PIXEL:] >> shift) & ((1 << bits) - 1)
    return np.asarray(np.where(field >= 1 << (bits - 1), field - (1 << bits), field))


def _by_parity(quad: list[int]) -> NDArray[np.int64]:
    """(768,) one of four values by parity of row, then column: even-even, even-odd, odd-even, …"""
    cell = np.array(quad, dtype=np.int64).reshape(2, 2)
    return np.tile(cell, (ROWS // 2, COLUMNS // 2)).reshape(PIXELS)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >= 1 << (bits - 1) else value


def _nibble(word: int, index: int) -> int:
    return (word >> (4 * index)) & 0xF


def _frozen(values: Floats) -> Floats:
    values.setflags(write=False)
    return values
