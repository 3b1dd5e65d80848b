"""A calibration memory for a simulated MLX90640: invented numbers, as a factory might write them.

Fields and scales: Melexis MLX90640 datasheet, revision 11, section 11.1. Sizes and spreads are
those one finds in real devices: offsets of -40 to -90 counts, sensitivities that fall to the
corners by the lens, 0.6 %/K change of offset.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embereye.model.reading import COLUMNS, PIXELS, ROWS
from embereye.rules.mlx90640_eeprom import EEPROM_WORDS

Ints = NDArray[np.int64]

_OFFSET_SCALES = 0x4110  # PTAT ratio 9; row and column steps of 2 counts, pixel steps of 1
_ALPHA_SCALES = 0x7994  # unit 2^-37; row and column steps of 512, pixel steps of 16
_OTHER_SCALES = 0x2352  # 18 bit; kv in 1/8, kta in 1/8192 with pixel steps of 4


def simulated_eeprom(seed: int, outliers: Sequence[int] = ()) -> NDArray[np.uint16]:
    """The (832,) words of simulated device `seed`; `outliers` are pixels marked as defective."""
    rng = np.random.default_rng(seed)
    words = np.zeros(EEPROM_WORDS, np.int64)
    words[7:10] = rng.integers(1, 0xFFFF, 3)  # serial number
    words[12] = 0x1901  # control register after power-up: chess pattern, 18 bit
    words[15] = 0xBE33  # bus address
    words[16] = _OFFSET_SCALES
    words[17] = _bits(int(rng.integers(-72, -58)), 16)
    words[18:24] = _nibbles(rng.integers(-2, 3, ROWS))
    words[24:32] = _nibbles(rng.integers(-3, 4, COLUMNS))
    words[32] = _ALPHA_SCALES
    words[33] = int(rng.integers(12000, 13000))
    words[34:40] = _nibbles(_vignette(ROWS))
    words[40:48] = _nibbles(_vignette(COLUMNS))
    words[48:64] = _common(rng)
    words[64:] = _pixels(rng)
    words[64 + np.array(outliers, dtype=np.intp)] |= 1
    return words.astype(np.uint16)


def _common(rng: np.random.Generator) -> list[int]:
    """Words 48 to 63: what the whole sensor shares."""
    kta = [int(value) for value in rng.integers(48, 56, 4)]
    kt_ptat = int(rng.integers(334, 344))  # 1/8 count/K
    cp_offset = int(rng.integers(-72, -60))
    return [
        int(rng.integers(5500, 6500)),  # gain
        int(rng.integers(12050, 12350)),  # PTAT at 25 °C
        11 << 10 | kt_ptat,
        _bits(-95, 8) << 8 | int(rng.integers(118, 126)),  # -3,040 counts/V; about -12,500 at 3.3 V
        0x4353,  # kv 0.375–0.625 by parity
        0,  # no interleaved correction: calibrated in chess pattern
        kta[0] << 8 | kta[1],
        kta[2] << 8 | kta[3],
        _OTHER_SCALES,
        _bits(2, 6) << 10 | 64,  # compensation pixel: 4e-9 counts/K⁴, 1.6 % more in sub-page 1
        _bits(4, 6) << 10 | _bits(cp_offset, 10),
        3 << 8 | 32,  # its kv 0.375/V and kta 0.0039/K
        _bits(-20, 8) << 8 | 4,  # KsTa -0.0024/K, TGC 0.125
        _bits(-26, 8) << 8 | _bits(-16, 8),  # KsTo above and below 0 °C, 1/65536 per K
        _bits(-52, 8) << 8 | _bits(-40, 8),  # and above the corners
        0x2668,  # corners 120 and 240 °C
    ]


def _pixels(rng: np.random.Generator) -> Ints:
    offset = np.clip(np.rint(rng.normal(0, 3, PIXELS)), -32, 31).astype(np.int64)
    alpha = np.clip(np.rint(rng.normal(0, 8, PIXELS)), -32, 31).astype(np.int64)
    kta = np.clip(np.rint(rng.normal(0, 0.8, PIXELS)), -4, 3).astype(np.int64)
    words = (offset & 0x3F) << 10 | (alpha & 0x3F) << 4 | (kta & 0x7) << 1
    # An empty word would mean a broken pixel.
    return np.asarray(np.where(words == 0, 1 << 4, words), dtype=np.int64)


def _vignette(count: int) -> Ints:
    """Signed nibbles that fall from the middle to the edges."""
    from_middle = np.abs(np.arange(count) - (count - 1) / 2) / (count / 2)
    return np.asarray(np.rint(3 - 7 * from_middle**2), dtype=np.int64)


def _nibbles(values: Ints) -> Ints:
    """Four signed nibbles a word, the first lowest."""
    return np.asarray(((values.reshape(-1, 4) & 0xF) << np.array([0, 4, 8, 12])).sum(axis=1))


def _bits(value: int, bits: int) -> int:
    """Two's complement."""
    return value & ((1 << bits) - 1)
