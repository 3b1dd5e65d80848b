"""The rearranged calculation against the datasheet's formulas, pixel by pixel as they are printed.

The recorded devices use neither the compensation pixel nor the hot ranges; these do.
"""

from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import celsius
from embereye.rules.radiometry_inverse import raw_words

Words = NDArray[np.uint16]


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >= 1 << (bits - 1) else value


class Datasheet:
    """Sections 11.1 and 11.2.2 for one frame, with emissivity 0.9 and Tr = Ta - 8."""

    def __init__(self, eeprom: Words, frame: Words) -> None:
        self.ee = [int(word) for word in eeprom]
        self.raw = [signed(int(word), 16) for word in frame]
        ee, raw = self.ee, self.raw
        k_vdd = signed(ee[51] >> 8, 8) * 2.0**5
        vdd_25 = ((ee[51] & 0xFF) - 256) * 2.0**5 - 2.0**13
        correction = 2.0 ** ((ee[56] & 0x3000) >> 12) / 2.0**2
        self.vdd = (correction * raw[810] - vdd_25) / k_vdd + 3.3
        v_art = raw[800] / (raw[800] * ((ee[16] >> 12) / 4 + 8) + raw[768]) * 2.0**18
        kv_ptat = signed(ee[50] >> 10, 6) / 2.0**12
        kt_ptat = signed(ee[50] & 0x3FF, 10) / 2.0**3
        self.ta = (v_art / (1 + kv_ptat * (self.vdd - 3.3)) - ee[49]) / kt_ptat + 25
        self.gain = ee[48] / raw[778]
        self.tgc = signed(ee[60] & 0xFF, 8) / 2.0**5
        scale = 2.0 ** ((ee[32] >> 12) + 27)
        first = signed(ee[57] & 0x3FF, 10) / scale
        self.cp_alpha = (first, first * (1 + signed(ee[57] >> 10, 6) / 2.0**7))

    def compensation(self, page: int) -> float:
        ee = self.ee
        offset = float(signed(ee[58] & 0x3FF, 10))
        if page == 1:
            offset += signed(ee[58] >> 10, 6)
            if ee[10] & 0x0800:
                offset += signed(ee[53] & 0x3F, 6) / 2.0**4
        kta = signed(ee[59] & 0xFF, 8) / 2.0 ** (((ee[56] & 0x00F0) >> 4) + 8)
        kv = signed(ee[59] >> 8, 8) / 2.0 ** ((ee[56] & 0x0F00) >> 8)
        reading = self.raw[808 if page else 776] * self.gain
        return reading - offset * (1 + kta * (self.ta - 25)) * (1 + kv * (self.vdd - 3.3))

    def drift(self, row: int, column: int) -> float:
        """Offset of a pixel now; rows and columns count from 1 as in the datasheet."""
        ee, word = self.ee, self.ee[64 + 32 * (row - 1) + column - 1]
        occ_row = signed(ee[18 + (row - 1) // 4] >> 4 * ((row - 1) % 4) & 0xF, 4)
        occ_column = signed(ee[24 + (column - 1) // 4] >> 4 * ((column - 1) % 4) & 0xF, 4)
        offset = signed(ee[17], 16) + occ_row * 2.0 ** ((ee[16] & 0x0F00) >> 8)
        offset += occ_column * 2.0 ** ((ee[16] & 0x00F0) >> 4)
        offset += signed(word >> 10, 6) * 2.0 ** (ee[16] & 0x000F)
        common = ee[54] if column % 2 else ee[55]
        average = signed(common >> 8 if row % 2 else common & 0xFF, 8)
        kta = average + signed((word & 0xE) >> 1, 3) * 2.0 ** (ee[56] & 0xF)
        kta_now = 1 + kta / 2.0 ** (((ee[56] & 0x00F0) >> 4) + 8) * (self.ta - 25)
        shift = {(1, 1): 12, (0, 1): 8, (1, 0): 4, (0, 0): 0}[row % 2, column % 2]
        kv = signed(ee[52] >> shift & 0xF, 4) / 2.0 ** ((ee[56] & 0x0F00) >> 8)
        return offset * kta_now * (1 + kv * (self.vdd - 3.3))

    def interleaved(self, row: int, column: int) -> float:
        ee = self.ee
        if not ee[10] & 0x0800:
            return 0.0
        number = 32 * (row - 1) + column  # from 1
        pattern = (number - 1) // 32 - (number - 1) // 64 * 2
        steps = (number + 1) // 4 - (number + 2) // 4 + number // 4 - (number - 1) // 4
        conversion = steps * (1 - 2 * pattern)
        il_1, il_2 = signed((ee[53] & 0x07C0) >> 6, 5) / 2, signed(ee[53] >> 11, 5) / 8
        return il_2 * (2 * pattern - 1) - il_1 * conversion

    def alpha(self, row: int, column: int) -> float:
        ee, word = self.ee, self.ee[64 + 32 * (row - 1) + column - 1]
        acc_row = signed(ee[34 + (row - 1) // 4] >> 4 * ((row - 1) % 4) & 0xF, 4)
        acc_column = signed(ee[40 + (column - 1) // 4] >> 4 * ((column - 1) % 4) & 0xF, 4)
        alpha = ee[33] + acc_row * 2.0 ** ((ee[32] & 0x0F00) >> 8)
        alpha += acc_column * 2.0 ** ((ee[32] & 0x00F0) >> 4)
        alpha += signed((word & 0x3F0) >> 4, 6) * 2.0 ** (ee[32] & 0xF)
        shared = self.tgc * (self.cp_alpha[0] + self.cp_alpha[1]) / 2
        ks_ta = signed(ee[60] >> 8, 8) / 2.0**13
        return (alpha / 2.0 ** ((ee[32] >> 12) + 30) - shared) * (1 + ks_ta * (self.ta - 25))

    def temperature(self, row: int, column: int) -> float:
        ee, emissivity = self.ee, 0.9
        page = (row + column) % 2
        signal = self.raw[32 * (row - 1) + column - 1] * self.gain - self.drift(row, column)
        signal += self.interleaved(row, column)
        signal = (signal - self.tgc * self.compensation(page)) / emissivity
        alpha = self.alpha(row, column)
        tr_4, ta_4 = (self.ta - 8 + 273.15) ** 4, (self.ta + 273.15) ** 4
        reflected = tr_4 - (tr_4 - ta_4) / emissivity
        scale = 2.0 ** ((ee[63] & 0xF) + 8)
        words = (ee[61] & 0xFF, ee[61] >> 8, ee[62] & 0xFF, ee[62] >> 8)
        ks = [signed(word, 8) / scale for word in words]
        sx = ks[1] * sqrt(sqrt(alpha**3 * signal + alpha**4 * reflected))
        estimate = sqrt(sqrt(signal / (alpha * (1 - ks[1] * 273.15) + sx) + reflected)) - 273.15
        step = (ee[63] >> 12 & 3) * 10
        ct_3 = (ee[63] >> 4 & 0xF) * step
        ct_4 = ct_3 + (ee[63] >> 8 & 0xF) * step
        hot = 1 + ks[1] * ct_3
        shares = (1 / (1 + ks[0] * 40), 1, hot, hot * (1 + ks[2] * (ct_4 - ct_3)))
        corners = (-40, 0, ct_3, ct_4)
        index = (estimate >= 0) + (estimate >= ct_3) + (estimate >= ct_4)
        slope = 1 + ks[index] * (estimate - corners[index])
        return sqrt(sqrt(signal / (alpha * shares[index] * slope) + reflected)) - 273.15


def prepared(eeprom: Words) -> CalibrationStack:
    return CalibrationStack.of(Calibration.from_words(eeprom))


def plain() -> Words:
    return simulated_eeprom(11)


def interleaved() -> Words:
    words = simulated_eeprom(12)
    words[10] |= 0x0800
    words[53] = 0x1F42
    return words


def coarse() -> Words:
    """Calibrated with 17 bit, with another sign of the slopes and a strong compensation pixel."""
    words = simulated_eeprom(13)
    words[56] = 0x1352
    words[51] = 0xD0BC  # half the counts per volt
    words[61:63] = 0x1A0C, 0xE0F8
    words[60] = 0xEC20
    return words


@pytest.mark.parametrize(
    "eeprom", [plain(), interleaved(), coarse()], ids=["plain", "il", "17 bit"]
)
@pytest.mark.parametrize("ta", [-15.0, 32.0, 70.0])
def test_each_pixel_is_what_the_datasheet_prints(eeprom: Words, ta: float) -> None:
    scene = np.linspace(-35, 480, 768).reshape(24, 32)
    frame = raw_words(scene, prepared(eeprom), ta, vdd=3.15, emissivity=0.9)
    # The compensation pixel has another signal in each sub-page, and the gain has drifted.
    for word, change in ((776, 40), (808, 90), (778, -200)):
        frame[word] = (int(frame[word]) + change) & 0xFFFF
    datasheet = Datasheet(eeprom, frame)

    result = celsius(frame[None], prepared(eeprom), emissivity=0.9)

    rows_and_columns = [(row, column) for row in range(1, 25) for column in range(1, 33)]
    expected = [datasheet.temperature(row, column) for row, column in rows_and_columns]
    assert result.vdd[0] == pytest.approx(datasheet.vdd, abs=1e-6)
    assert result.ta[0] == pytest.approx(datasheet.ta, abs=1e-6)
    assert result.celsius.reshape(768) == pytest.approx(expected, abs=0.005)
