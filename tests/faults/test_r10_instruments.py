"""What the tests of camera faults see with: it must notice what they look for (R10)."""

import numpy as np
import pytest
from camera_wall import Sighting
from coded_pictures import COUNT, RATE, SIZE, Pixels, age_of, coded_picture, number_of

from embereye.model.camera import CameraState

_LIVE, _STALE = CameraState.LIVE, CameraState.STALE


def _bgr(number: int) -> Pixels:
    return coded_picture(number, *SIZE)[:, :, ::-1].copy()


def test_every_picture_is_known_by_its_number() -> None:
    assert [number_of(_bgr(number)) for number in range(COUNT)] == list(range(COUNT))


def test_noise_of_coding_changes_nothing() -> None:
    noise = np.random.default_rng(1).integers(-12, 13, (SIZE[1], SIZE[0], 3))
    assert number_of(np.clip(_bgr(77) + noise, 0, 255).astype(np.uint8)) == 77


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("a square that stayed behind", slice(60, 80), slice(100, 125)),
        ("a missing strip", slice(70, 95), slice(0, 160)),
        ("a cell of the number", slice(0, 20), slice(20, 40)),
    ],
)
def test_damage_is_seen(name: str, rows: slice, columns: slice) -> None:
    damaged = _bgr(100)
    damaged[rows, columns] = 255 - damaged[rows, columns] // 2
    assert number_of(damaged) is None, name


def test_leftovers_of_another_moment_are_seen() -> None:
    mixed = _bgr(100)
    mixed[40:] = _bgr(190)[40:]
    assert number_of(mixed) is None


def test_the_age_is_that_of_the_moment_it_was_sent() -> None:
    assert age_of(0, 50.0, 50.0) == 0.0
    assert age_of(30, 50.0, 50.0 + 32 / RATE) == pytest.approx(2 / RATE)
    assert age_of(COUNT - 1, 50.0, 50.0 + (COUNT + 1) / RATE) == pytest.approx(2 / RATE)


def test_a_frozen_picture_grows_old_and_a_damaged_one_is_counted() -> None:
    sighting = Sighting(epoch=100.0)
    for step in range(40):
        sighting.look(100.0 + step / 10, _LIVE, 1, _bgr(0))
    assert sighting.slope(100.0, 104.0) == pytest.approx(1.0)
    assert sighting.age(100.0, 104.0) == pytest.approx(3.7)
    sighting.look(104.0, _LIVE, 2, np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8))
    sighting.look(104.1, _STALE, 2, np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8))
    assert sighting.damaged == [104.0]
    assert sighting.not_live_after(102.0) == pytest.approx(2.1)
    assert sighting.not_live_after(104.5) == 0.0
    sighting.look(105.0, _LIVE, 3, _bgr(75))
    assert sighting.back_after(104.1) == pytest.approx(0.9)
    assert sighting.last_new(104.5, 105.5) == pytest.approx(0.5)
    assert sighting.last_new(105.0, 105.5) == 0.0
    assert sighting.longest_gap(100.0, 105.5) == pytest.approx(5.0)
