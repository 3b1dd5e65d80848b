"""Text becomes words strictly: nothing is skipped, shortened or filled up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.thermal_words import (
    are_mlx90640,
    eeprom_bytes,
    frame_bytes,
    padded_words,
    words_to_hex,
)
from embereye.model.errors import CalibrationError


@settings(deadline=None)
@given(st.sampled_from([834, 768]), st.integers(0, 2**32 - 1), st.booleans())
def test_words_survive_text(count: int, seed: int, upper: bool) -> None:
    words = np.random.default_rng(seed).integers(0, 0x10000, count).astype(np.uint16)
    text = words_to_hex(words) if upper else words_to_hex(words).lower()

    body = frame_bytes(text)

    assert body is not None
    assert np.array_equal(padded_words([body])[0, :count], words)


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["0000"] * 767),
        " ".join(["0000"] * 834),
        " ".join(["000"] * 768),
        "0000" * 767 + "00 0",
        "0x" + "0" * 3334,
    ],
)
def test_other_texts_are_no_frames(text: str) -> None:
    assert frame_bytes(text) is None
    assert frame_bytes(text.encode()) is None


def test_missing_words_are_zero() -> None:
    words = padded_words([None, b"\xff" * 1536])
    assert not words[0].any()
    assert (words[1, :768] == 0xFFFF).all()
    assert not words[1, 768:].any()


@pytest.mark.parametrize("damaged", [770, 787, 807, 792, 799, 824, 831])
def test_each_word_of_the_signature_counts(damaged: int) -> None:
    words = np.zeros((2, 834), np.uint16)
    words[:, [770, 772, 774, 787, 791, 801, 803, 805, 807]] = 0x7FFF
    words[:, [*range(792, 800), *range(824, 834)]] = 1
    words[1, damaged] = 2
    assert are_mlx90640(words).tolist() == [True, False]


def test_the_calibration_packet_holds_832_words() -> None:
    assert eeprom_bytes("00Ff" * 832) == b"\x00\xff" * 832
    for text in ("00FF" * 831, "00FG" * 832, "é" * 3328, b""):
        with pytest.raises(CalibrationError, match="3328"):
            eeprom_bytes(text)
