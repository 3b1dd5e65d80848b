"""Calibration memories are read as the datasheet says, or refused in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from embereye.ingest.simulate_eeprom import simulated_eeprom
from embereye.model.errors import CalibrationError
from embereye.rules.calibration_stack import CalibrationStack
from embereye.rules.mlx90640_eeprom import Calibration
from embereye.rules.radiometry import celsius
from embereye.rules.radiometry_inverse import raw_words

Words = NDArray[np.uint16]


def test_fields_are_read_as_the_datasheet_lays_them_out() -> None:
    words = simulated_eeprom(3)
    words[[48, 49, 50, 51]] = 6383, 12273, 0x5952, 0x9D68  # examples of the datasheet, 11.2.2
    words[[60, 61, 62, 63]] = 0xF010, 0x9797, 0x9797, 0x2889

    read = Calibration.from_words(words)

    assert read.gain == 6383
    assert read.v_ptat25 == 12273
    assert read.kv_ptat == pytest.approx(0.0053710938)
    assert read.kt_ptat == pytest.approx(42.25)
    assert read.k_vdd == -3168
    assert read.vdd25 == -13056
    assert read.tgc == 0.5
    assert read.ks_ta == pytest.approx(-0.001953125)
    assert read.ks_to == pytest.approx([-0.00080108] * 4, abs=1e-7)
    assert read.corners == (-40.0, 0.0, 160.0, 320.0)


def test_bytes_and_words_read_the_same() -> None:
    words = simulated_eeprom(3)
    read = Calibration.from_bytes(words.astype(">u2").tobytes())
    assert np.array_equal(read.offset, Calibration.from_words(words).offset)


def test_an_interleaved_calibration_is_corrected_for_the_chess_pattern() -> None:
    words = simulated_eeprom(3)
    words[10] |= 0x0800
    words[53] = 0x1F42  # 3 eighths, -3 halves and 2 sixteenths of a count

    read = Calibration.from_words(words)
    row_share, conversion_share = 3 / 8, -3 / 2

    # Patterns of the datasheet, 11.2.2: -1 0 1 0 along an even row, turned round in an odd one.
    pattern = [0, -1, 0, 1, 0, -1, 0, 1]
    even = [-row_share - conversion_share * step for step in pattern]
    odd = [row_share + conversion_share * step for step in pattern]
    assert read.correction[:8].tolist() == even
    assert read.correction[32:40].tolist() == odd
    plain = Calibration.from_words(simulated_eeprom(3))
    assert read.cp_offset == (plain.cp_offset[0], plain.cp_offset[1] + 2 / 16)


def test_the_interleaved_correction_adds_counts_to_the_signal() -> None:
    words = simulated_eeprom(3)
    frame = raw_words(np.full((24, 32), 25.0), CalibrationStack.of(Calibration.from_words(words)))
    words[10] |= 0x0800
    words[53] = 8 << 11  # one count less in even rows, one more in odd ones

    cells = celsius(frame[None], CalibrationStack.of(Calibration.from_words(words))).celsius[0]

    assert (cells[0::2] < 25.0).all()
    assert (cells[1::2] > 25.0).all()


@pytest.mark.parametrize("size", [0, 831, 833])
def test_a_wrong_number_of_words_is_refused(size: int) -> None:
    with pytest.raises(CalibrationError, match="832"):
        Calibration.from_words(np.ones(size, np.uint16))


def test_a_wrong_number_of_bytes_is_refused() -> None:
    with pytest.raises(CalibrationError, match="1664"):
        Calibration.from_bytes(b"\0" * 1663)


@pytest.mark.parametrize("fill", [0, 1, 0x7FFF, 0xFFFE, 0xFFFF])
def test_an_empty_memory_is_refused(fill: int) -> None:
    with pytest.raises(CalibrationError):
        Calibration.from_words(np.full(832, fill, np.uint16))


def test_more_than_four_defective_pixels_are_refused() -> None:
    assert Calibration.from_words(simulated_eeprom(1, (5, 6, 7, 8))).bad == (5, 6, 7, 8)
    with pytest.raises(CalibrationError, match="5 pixels"):
        Calibration.from_words(simulated_eeprom(1, (5, 6, 7, 8, 9)))


@pytest.mark.parametrize(
    ("word", "value", "part"),
    [
        (48, 0, "gain"),
        (51, 0x0000, "supply slope"),
        (50, 0x0000, "ambient slope"),
        (49, 0, "ambient offset"),
        (33, 0, "sensitivity"),
        (63, 0, "temperature ranges"),
    ],
)
def test_the_error_names_what_is_wrong(word: int, value: int, part: str) -> None:
    words = simulated_eeprom(1)
    words[word] = value
    with pytest.raises(CalibrationError, match=part):
        Calibration.from_words(words)


def _read_or_refuse(words: Words) -> None:
    try:
        read = Calibration.from_words(words)
    except CalibrationError:
        return
    frame = raw_words(np.full((24, 32), 25.0), CalibrationStack.of(read))
    assert not np.isinf(celsius(frame[None], CalibrationStack.of(read)).celsius).any()


@settings(deadline=None, max_examples=100)
@given(arrays(np.uint16, 832))
def test_random_words_are_read_or_refused(words: Words) -> None:
    _read_or_refuse(words)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(st.integers(0, 831), st.integers(0, 0xFFFF), min_size=1, max_size=6),
)
def test_damaged_words_are_read_or_refused(damage: dict[int, int]) -> None:
    words = simulated_eeprom(1)
    for word, value in damage.items():
        words[word] = value
    _read_or_refuse(words)
