"""Thermal backgrounds come back after a restart."""

import zlib

import numpy as np
import pytest
from storage_parts import AT, opened, running

from embereye.rules.thermal_background import HourLearned
from embereye.rules.thermal_defects import Defect
from embereye.storage.writer import Write

MEAN = np.linspace(15.0, 40.0, 768, dtype=np.float32)
MEAN[7] = np.nan
DEVIATION = np.linspace(0.0, 3.0, 768, dtype=np.float32)


def store(folder):
    storage = opened(folder)
    return storage.backgrounds, storage


def learned(hour, weight=2.5):
    return HourLearned(hour, weight, MEAN, DEVIATION)


def test_hours_and_failed_cells_come_back(tmp_path):
    backgrounds, storage = store(tmp_path)
    with running(storage.evidence):
        backgrounds.save("d1", learned(3, 1.0), (), AT)
        backgrounds.save("d1", learned(4), (), AT)
        backgrounds.save("d1", learned(3), (Defect(1, 2),), AT.later(60.0))
    found = backgrounds.load()["d1"]
    assert found.defects == (Defect(1, 2),)
    assert {(hour.hour, hour.weight) for hour in found.hours} == {(3, 2.5), (4, 2.5)}
    expected = MEAN.copy()
    expected[34] = np.nan
    last = found.hours[-1]
    assert np.array_equal(last.mean, expected, equal_nan=True)
    expected = DEVIATION.copy()
    expected[34] = 0.0
    assert np.array_equal(last.deviation, expected)


@pytest.mark.parametrize("highest", [150.5, -40.0, float("inf")])
def test_what_a_failed_cell_is_known_to_show_comes_back(tmp_path, highest):
    backgrounds, storage = store(tmp_path)
    with running(storage.evidence):
        backgrounds.save("d1", learned(3), (Defect(1, 2, highest),), AT)
    assert backgrounds.load()["d1"].defects[0].highest == highest


def test_a_cell_that_works_again_is_not_brought_back_as_failed(tmp_path):
    backgrounds, storage = store(tmp_path)
    with running(storage.evidence):
        backgrounds.save("d1", learned(3), (Defect(1, 2),), AT)
        backgrounds.save("d1", learned(4), (), AT.later(600.0))
    assert backgrounds.load()["d1"].defects == ()


def test_what_is_forgotten_is_gone(tmp_path):
    backgrounds, storage = store(tmp_path)
    with running(storage.evidence):
        backgrounds.save("d1", learned(3), (), AT)
        backgrounds.save("d2", learned(3), (), AT)
        backgrounds.forget("d1")
    assert list(backgrounds.load()) == ["d2"]


@pytest.mark.parametrize(
    "picture",
    [b"", b"no zlib", zlib.compress(b"\0" * 100), zlib.compress(b"\0" * 10_000_000)],
)
def test_a_damaged_row_is_passed_over(tmp_path, picture):
    backgrounds, storage = store(tmp_path)
    sql = "INSERT INTO thermal_background VALUES ('d1', 5, 1.0, 0.0, ?)"
    with running(storage.evidence):
        backgrounds.save("d1", learned(3), (), AT)
        storage.evidence.put(Write(lambda connection: connection.execute(sql, (picture,))))
    assert [hour.hour for hour in backgrounds.load()["d1"].hours] == [3]
