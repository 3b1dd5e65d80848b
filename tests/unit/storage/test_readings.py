"""Readings: every sample comes back, damaged chunks are refused."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_parts import AT, opened, running

from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.model.reading import SensorReading
from embereye.storage.database import TELEMETRY_FILE, read_all
from embereye.storage.readings import (
    CHANNELS,
    decode,
    decode_picture,
    encode,
    sensor_chunks,
    trend_of,
)

D = DeviceId("d1")
counts = st.one_of(st.just(float("nan")), st.integers(0, 4095).map(float))


@settings(deadline=None)
@given(
    values=st.lists(counts, min_size=1, max_size=120),
    steps=st.lists(st.floats(-1e5, 1e5), min_size=120, max_size=120),
    channel=st.sampled_from(sorted(CHANNELS)),
)
def test_a_chunk_comes_back_as_it_was(values, steps, channel):
    column = np.array(values, np.float32)
    utc = 1.7e9 + np.cumsum(steps[: len(values)])
    times, stored = decode(channel, utc[0], encode(channel, utc, column))
    np.testing.assert_array_equal(stored, column)
    np.testing.assert_allclose(times, utc, atol=2e-6, rtol=0)


@settings(deadline=None)
@given(blob=st.binary(max_size=300), keep=st.integers(0, 6))
def test_a_damaged_chunk_is_refused_and_nothing_else(blob, keep):
    good = encode("smoke", np.array([1.0, 2.0]), np.array([1, 2], np.float32))
    try:
        decode("smoke", 0.0, good[:keep] + blob)
    except StorageError:
        return
    assert len(good[:keep] + blob) >= 6


def test_a_bomb_is_not_unpacked():
    head = struct.pack("<BcI", 1, b"u", 0xFFFFFFFF)
    with pytest.raises(StorageError, match="damaged"):
        decode("smoke", 0.0, head + zlib.compress(bytes(10**7)))


def test_a_picture_of_an_earlier_version_is_read():
    """They were differences along the rows of 1/100 °C, packed by zlib."""
    celsius = np.random.default_rng(1).normal(30.0, 15.0, (24, 32)).round(2)
    celsius[3, 4], celsius[0, 0] = 320.0, -40.0
    centi = np.round(celsius * 100).astype("<i2")
    across = np.diff(centi, axis=1, prepend=np.zeros((24, 1), "<i2")).astype("<i2")
    np.testing.assert_allclose(decode_picture(zlib.compress(across.tobytes())), celsius, atol=1e-4)


def test_a_damaged_picture_is_refused():
    with pytest.raises(StorageError, match="damaged"):
        decode_picture(b"not zlib")


def reading(number, smoke=270):
    return SensorReading(D, AT.later(number / 10), adc1=smoke, adc2=None, flame=number % 2 == 0)


def test_absent_channels_take_no_room():
    chunks = sensor_chunks(D, [reading(n) for n in range(10)])
    assert [chunk.channel for chunk in chunks] == ["smoke", "flame digital"]


def test_stored_readings_are_found_by_time_in_their_unit(tmp_path):
    storage = opened(tmp_path)
    packets = [reading(n, smoke=n) for n in range(300)]
    with running(storage.telemetry):
        for start in (0, 100, 200):
            storage.readings.save_chunks(sensor_chunks(D, packets[start : start + 100]))
    found = storage.readings.trend(D, "smoke", AT.utc + 5.0, AT.utc + 15.0)
    assert found.unit == "%"
    np.testing.assert_allclose(found.utc, AT.utc + np.arange(50, 151) / 10, atol=1e-5)
    np.testing.assert_allclose(found.values, np.arange(50, 151) * 100 / 4095, rtol=1e-6)
    assert len(storage.readings.trend(DeviceId("other"), "smoke", 0.0, 2e9).utc) == 0


def test_a_gap_stays_a_gap():
    utc = np.array([0.0, 1.0, 2.0, 60.0, 61.0])
    trend = trend_of("smoke", utc, np.ones(5), 0.0)
    assert np.isnan(trend.values).tolist() == [False, False, False, True, False, False]
    assert (np.diff(trend.utc) > 0).all()


def test_pruning_removes_what_is_old_and_nothing_else(tmp_path):
    storage = opened(tmp_path)
    with running(storage.telemetry):
        for minute in range(10):
            packet = SensorReading(D, AT.later(60.0 * minute), adc1=1)
            storage.readings.save_chunks(sensor_chunks(D, [packet]))
        storage.readings.save_metrics(AT.utc, [("x_seconds", 1.0), ("nan", float("nan"))])
        storage.readings.save_metrics(AT.utc + 600, [("x_seconds", 2.0)])
        storage.readings.prune(AT.utc + 300.0)
    starts = read_all(
        tmp_path / TELEMETRY_FILE, "SELECT start_utc - ? AS s FROM readings", (AT.utc,)
    )
    assert [row["s"] for row in starts] == [300.0, 360.0, 420.0, 480.0, 540.0]
    assert read_all(tmp_path / TELEMETRY_FILE, "SELECT value FROM metrics") == [{"value": 2.0}]
