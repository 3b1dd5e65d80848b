"""Stored thermal frames are found by time, bit for bit, and removed when they are too old."""

import zlib

import numpy as np
import pytest
from storage_parts import AT, opened, running

from embereye.model.errors import StorageError
from embereye.model.ids import DeviceId
from embereye.storage.database import TELEMETRY_FILE, open_writer, read_all
from embereye.storage.thermal_chunks import FrameRun
from embereye.storage.thermal_history import (
    extent,
    neighbours,
    old_pictures,
    read_run,
    spans,
)

D = DeviceId("d1")


def run(start, count=4, device=D):
    rng = np.random.default_rng(int(start))
    frames = rng.integers(0, 0x10000, (count, 834)).astype(">u2")
    utc = tuple(AT.utc + start + 4.0 * n for n in range(count))
    return FrameRun(device, utc, tuple(f.tobytes() for f in frames), 20.0 + start)


@pytest.fixture
def path(tmp_path):
    return tmp_path / TELEMETRY_FILE


def stored(folder, *runs, before=None):
    storage = opened(folder)
    done = []
    with running(storage.telemetry):
        for one in runs:
            storage.readings.save_frames(one, done.append)
        if before is not None:
            storage.readings.prune(before)
    assert done == [None] * len(runs)


def add_old_picture(path, utc, celsius):
    across = np.zeros((24, 32), "<i2")
    across[:, 0] = round(celsius * 100)
    connection = open_writer(path, durable=False)
    connection.execute(
        "INSERT INTO thermal (device, at_utc, max_celsius, picture) VALUES ('d1', ?, ?, ?)",
        (utc, celsius, zlib.compress(across.tobytes())),
    )
    connection.close()


def test_frames_come_back_as_the_device_sent_them(tmp_path, path):
    one = run(0)
    stored(tmp_path, one)
    (span,) = spans(path, D, AT.utc, AT.utc + 10)
    assert (span.start, span.end, span.frames) == (AT.utc, AT.utc + 12.0, 4)
    found = read_run(path, span.id)
    assert found is not None
    assert tuple(found.received(n) for n in range(4)) == one.frames
    np.testing.assert_allclose(found.utc, one.utc, atol=1e-6)
    assert read_all(path, "SELECT max_celsius FROM thermal_chunks") == [{"max_celsius": 20.0}]


def test_a_time_finds_the_chunks_that_touch_it(tmp_path, path):
    stored(tmp_path, run(0), run(100), run(200), run(100, device=DeviceId("other")))
    found = spans(path, D, AT.utc + 110, AT.utc + 200)
    assert [span.start - AT.utc for span in found] == [100.0, 200.0]


def test_the_frames_beside_a_time_are_found_even_where_chunks_overlap(tmp_path, path):
    stored(tmp_path, run(0), run(2), run(100))

    def beside(since, until):
        found = neighbours(path, D, AT.utc + since, AT.utc + until)
        return [None if utc is None else round(utc - AT.utc, 3) for utc in found]

    assert beside(5.0, 7.0) == [4.0, 8.0]
    assert beside(8.5, 9.5) == [8.0, 10.0]
    assert beside(20.0, 80.0) == [14.0, 100.0]
    assert beside(0.0, 200.0) == [None, None]


def test_the_extent_reaches_from_the_first_to_the_last_frame(tmp_path, path):
    stored(tmp_path, run(0), run(100))
    assert extent(path, D) == (AT.utc, AT.utc + 112.0)
    assert extent(path, DeviceId("none")) is None


def test_pictures_of_an_earlier_version_stay_readable(tmp_path, path):
    stored(tmp_path, run(100))
    add_old_picture(path, AT.utc - 50, 33.25)
    (picture,) = old_pictures(path, D, AT.utc - 60, AT.utc, 10)
    assert (picture.utc, picture.celsius[5, 7]) == (AT.utc - 50, 33.25)
    assert extent(path, D) == (AT.utc - 50, AT.utc + 112.0)
    assert neighbours(path, D, AT.utc, AT.utc + 50) == (AT.utc - 50, AT.utc + 100)


def test_pruning_removes_old_chunks_and_nothing_else(tmp_path, path):
    stored(tmp_path, *(run(100.0 * n) for n in range(5)), before=AT.utc + 250)
    assert [s.start - AT.utc for s in spans(path, D, 0.0, 2e9)] == [300.0, 400.0]


def test_a_damaged_chunk_is_told(tmp_path, path):
    stored(tmp_path, run(0))
    connection = open_writer(path, durable=False)
    connection.execute("UPDATE thermal_chunks SET body = substr(body, 1, 500)")
    connection.close()
    (span,) = spans(path, D, AT.utc, AT.utc + 10)
    with pytest.raises(StorageError, match="damaged"):
        read_run(path, span.id)


def test_a_chunk_that_was_removed_meanwhile_is_none(tmp_path, path):
    stored(tmp_path, run(0))
    assert read_run(path, 99) is None
