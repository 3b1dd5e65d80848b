"""Thermal frames come back bit for bit, small, and damage is told."""

import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.errors import StorageError
from embereye.storage.thermal_codec import MOST_FRAMES, decode, decode_times, encode

START = 1.7e9
_PERIOD = 4.085  # s between the frames of the recorded device


def noisy(count: int, length: int, spread: int, seed: int = 1) -> list[bytes]:
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 0x10000, length)
    frames = base + rng.integers(-spread, spread + 1, (count, length))
    return [frame.astype(np.uint16).astype(">u2").tobytes() for frame in frames]


def recorded(shared_data: Path) -> list[bytes]:
    lines = (shared_data / "mlx90640" / "frames.hex").read_text().split()
    return [bytes.fromhex(line) for line in lines]


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, MOST_FRAMES),
    length=st.sampled_from((834, 768)),
    spread=st.sampled_from((0, 1, 40, 0x7FFF)),
    seed=st.integers(0, 2**32 - 1),
    steps=st.lists(st.floats(-1e5, 1e5), min_size=MOST_FRAMES, max_size=MOST_FRAMES),
)
def test_frames_come_back_bit_for_bit(count, length, spread, seed, steps):
    frames = noisy(count, length, spread, seed)
    utc = START + np.cumsum(steps[:count])
    run = decode(utc[0], encode(list(utc), frames))
    assert [run.received(index) for index in range(count)] == frames
    np.testing.assert_allclose(run.utc, utc, atol=2e-6, rtol=0)


def test_words_at_the_ends_of_their_range_come_back():
    frames = [bytes.fromhex(word * 768) for word in ("0000", "FFFF", "8000", "7FFF", "0000")]
    run = decode(START, encode([START + n for n in range(5)], frames))
    assert [run.received(index) for index in range(5)] == frames


def test_times_are_read_without_the_words():
    utc = [START, START + 0.5, START + 4.25]
    blob = encode(utc, noisy(3, 834, 9))
    assert decode_times(START, blob).tolist() == utc
    assert decode_times(START, blob[:-50]).tolist() == utc


@pytest.mark.parametrize(
    ("utc", "frames"),
    [
        ([], []),
        ([START], [bytes(100)]),
        ([START], noisy(2, 834, 1)),
        ([START] * 65, noisy(65, 768, 1)),
        ([START] * 2, noisy(1, 834, 1) + noisy(1, 768, 1)),
    ],
)
def test_what_is_no_run_is_not_encoded(utc, frames):
    with pytest.raises(ValueError, match="run"):
        encode(utc, frames)


@settings(deadline=None, max_examples=300)
@given(at=st.integers(0, 10_000), value=st.integers(1, 255))
def test_a_changed_byte_never_shows_other_words(at, value):
    """Both packed parts carry a check sum."""
    frames = noisy(4, 768, 20)
    blob = bytearray(encode([START + n for n in range(4)], frames))
    blob[at % len(blob)] ^= value
    try:
        run = decode(START, bytes(blob))
    except StorageError:
        return
    assert [run.received(index) for index in range(4)] == frames


@settings(deadline=None)
@given(blob=st.binary(max_size=300), keep=st.integers(0, 40))
def test_any_bytes_are_refused_and_nothing_else(blob, keep):
    good = encode([START], noisy(1, 768, 3))
    with pytest.raises(StorageError, match="damaged"):
        decode(START, good[:keep] + blob)


@pytest.mark.parametrize("lost", [1, 3, 4, 100])
def test_a_cut_blob_is_refused(lost):
    blob = encode([START, START + 1], noisy(2, 834, 9))
    with pytest.raises(StorageError, match="damaged"):
        decode(START, blob[:-lost])
    with pytest.raises(StorageError, match="damaged"):
        decode(START, blob + bytes(lost))


def test_a_bomb_is_not_unpacked():
    """A hundred megabytes of zeros behind a good head are given up after the rightful size."""
    times = zlib.compress(bytes(8))
    bomb = struct.pack("<BBHI", 1, 1, 834, len(times)) + times + zlib.compress(bytes(10**8))
    tracemalloc.start()
    try:
        with pytest.raises(StorageError, match="damaged"):
            decode(START, bomb)
        assert tracemalloc.get_traced_memory()[1] < 10**6
    finally:
        tracemalloc.stop()
    with pytest.raises(StorageError, match="255 frames"):
        decode(START, struct.pack("<BBHI", 1, 255, 834, 0))


def test_the_recorded_session_shrinks_five_times_by_the_minute(shared_data: Path):
    frames = recorded(shared_data)
    parts = [frames[first : first + 15] for first in range(0, 60, 15)]
    size = sum(len(encode([START + _PERIOD * n for n in range(15)], part)) for part in parts)
    assert sum(map(len, frames)) / size >= 5.0
    hour = encode([START + _PERIOD * n for n in range(60)], frames)
    assert sum(map(len, frames)) / len(hour) >= 5.7
