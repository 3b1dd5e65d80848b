"""Fingerprints of pictures."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embereye.vision.fingerprint import NEAR, distance, fingerprint, firsts

Picture = NDArray[np.uint8]


def _scene(seed: int, width: int = 320, height: int = 240) -> Picture:
    """Soft shapes as in a photograph; each seed is another place."""
    rough = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _recompressed(picture: Picture) -> Picture:
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _halved(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5), np.uint8)


def _darker(picture: Picture) -> Picture:
    return np.asarray(picture * 0.7, np.uint8)


@pytest.mark.parametrize("change", [_recompressed, _halved, _darker])
@pytest.mark.parametrize("seed", range(8))
def test_a_twin_stays_near(change, seed):
    scene = _scene(seed)
    assert distance(fingerprint(scene), fingerprint(change(scene))) <= NEAR


def test_other_pictures_are_far():
    prints = [fingerprint(_scene(seed)) for seed in range(40)]
    apart = [distance(a, b) for n, a in enumerate(prints) for b in prints[:n]]
    assert min(apart) > NEAR
    assert 26 <= float(np.mean(apart)) <= 38


def test_the_bits_are_those_of_the_definition():
    grey = cv2.cvtColor(_scene(3, 32, 32), cv2.COLOR_BGR2GRAY).astype(np.float64)
    n = np.arange(32)
    basis = np.cos(np.pi / 32 * np.outer(n, n + 0.5)) * np.sqrt(2 / 32)
    terms = (basis @ grey @ basis.T)[1:9, 1:9].ravel()
    bits = "".join("1" if term > np.median(terms) else "0" for term in terms)
    assert fingerprint(_scene(3, 32, 32)) == int(bits, 2)


def test_grey_pictures_are_taken_as_they_are():
    grey = cv2.cvtColor(_scene(1), cv2.COLOR_BGR2GRAY)
    assert fingerprint(np.asarray(grey, np.uint8)) == fingerprint(_scene(1))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (31, 33, 3)])
def test_flat_pictures_of_any_size_are_one_picture(shape):
    assert fingerprint(np.full(shape, 200, np.uint8)) == 0


def test_each_repeat_points_to_its_first():
    other = 2**64 - 1
    assert firsts([0, other, 0b111111, 0b1111111, other - 8]) == [0, 1, 0, 3, 1]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 4095), max_size=30), st.integers(0, 64))
def test_firsts_agree_with_the_slow_way(prints, near):
    kept: list[int] = []
    expected = []
    for place, one in enumerate(prints):
        match = next((k for k in kept if distance(prints[k], one) <= near), None)
        if match is None:
            kept.append(place)
        expected.append(place if match is None else match)
    assert firsts(prints, near) == expected
