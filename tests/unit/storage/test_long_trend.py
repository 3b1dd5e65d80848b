"""Long trends are thinned: every peak stays, every gap stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storage_parts import AT, opened, running

from embereye.model.ids import DeviceId
from embereye.storage.database import TELEMETRY_FILE
from embereye.storage.long_trend import read_long_trend, thinned
from embereye.storage.readings import Chunk

D = DeviceId("d1")
_DAY = 86_400.0


@settings(deadline=None)
@given(
    steps=st.lists(st.floats(0.0, 50.0), min_size=1, max_size=200),
    values=st.lists(st.one_of(st.floats(-100, 900), st.just(float("nan"))), min_size=200),
    width=st.floats(0.5, 500.0),
)
def test_each_bin_keeps_its_lowest_and_highest_sample_and_its_gap(steps, values, width):
    utc = np.cumsum(steps)
    column = np.array(values[: len(utc)])
    kept = thinned(utc, column, 0.0, width)
    bins = np.floor(utc / width)
    assert (np.diff(kept) > 0).all()
    for number in np.unique(bins):
        whole, left = column[bins == number], column[kept][bins[kept] == number]
        known = whole[np.isfinite(whole)]
        assert np.isnan(whole).any() == np.isnan(left).any()
        assert len(left) <= 3
        if len(known):
            assert (known.min(), known.max()) == (np.nanmin(left), np.nanmax(left))


def store(folder, *parts):
    """Chunks of 100 samples of (utc, values) on the disk."""
    storage = opened(folder)
    chunks = [
        Chunk(D, "thermal max", utc[n : n + 100], values[n : n + 100].astype(np.float32))
        for utc, values in parts
        for n in range(0, len(utc), 100)
    ]
    with running(storage.telemetry):
        storage.readings.save_chunks(chunks)
    return folder / TELEMETRY_FILE


@pytest.fixture
def three_days(tmp_path):
    """A value each 10 s, one peak of a single sample, and a silence of three hours."""
    utc = AT.utc + np.arange(0.0, 3 * _DAY, 10.0)
    values = 25 + np.sin(utc / 5000)
    values[12_345] = 183.0
    silent = (utc > AT.utc + _DAY) & (utc < AT.utc + _DAY + 3 * 3600)
    return store(tmp_path, (utc[~silent], values[~silent])), utc[12_345]


def test_a_peak_of_one_sample_in_three_days_is_shown(three_days):
    path, moment = three_days
    trend = read_long_trend(path, D, "thermal max", AT.utc, AT.utc + 3 * _DAY)
    assert len(trend.utc) <= 3000
    assert np.nanmax(trend.values) == 183.0
    assert trend.utc[int(np.nanargmax(trend.values))] == pytest.approx(moment, abs=1e-4)
    assert (np.diff(trend.utc) >= 0).all()


def test_a_silence_of_hours_is_one_gap_even_across_pieces(three_days):
    path, _ = three_days
    trend = read_long_trend(path, D, "thermal max", AT.utc, AT.utc + 3 * _DAY)
    (gap,) = np.flatnonzero(np.isnan(trend.values))
    assert trend.utc[gap + 1] - trend.utc[gap - 1] == pytest.approx(3 * 3600, abs=600)


def test_a_slow_device_in_a_short_span_has_no_gaps(tmp_path):
    """Bins without a sample are no gaps: a device may send less often than there are bins."""
    utc = AT.utc + np.arange(0.0, 3600.0, 10.0)
    path = store(tmp_path, (utc, np.full(len(utc), 21.0)))
    trend = read_long_trend(path, D, "thermal max", AT.utc, AT.utc + 3600.0)
    assert len(trend.utc) == len(utc)
    assert np.isfinite(trend.values).all()


def test_reading_ends_when_it_is_cancelled(three_days):
    path, _ = three_days
    trend = read_long_trend(path, D, "thermal max", AT.utc, AT.utc + _DAY, lambda: True)
    assert len(trend.utc) == 0
