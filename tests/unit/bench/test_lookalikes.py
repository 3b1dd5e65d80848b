"""Scenes of our own: look-alikes, and flames whose size is known."""

import numpy as np
import pytest

from embereye.bench import lookalikes as scenes
from embereye.bench.onsets import CALM, ONE_PERCENT, PLACES, area, burning, grown_at, onset
from embereye.bench.shipped import shipped
from embereye.services.footage import RATE

EVERY = (*scenes._NOTHING, *scenes._UNKNOWN)


@pytest.mark.parametrize("scene", EVERY)
def test_a_scene_is_a_picture_that_moves_or_stands_without_artefacts(scene):
    pictures = [scene(t) for t in (0.0, 0.1, 0.3, 1.3, 2.9, 23.0)]
    for picture in pictures:
        assert picture.shape == (scenes.HEIGHT, scenes.WIDTH, 3)
        assert np.isfinite(picture).all()
        assert float(picture.mean()) > 8
    assert any(not np.array_equal(pictures[0], later) for later in pictures[1:])


def test_a_camera_adds_noise_and_the_same_each_time():
    flat = np.full((scenes.HEIGHT, scenes.WIDTH, 3), 120, np.float32)
    one, other = (list(scenes.filmed(lambda t: flat, 0.5)) for _ in range(2))
    assert len(one) == RATE / 2
    assert not np.array_equal(one[0], one[1])
    assert np.array_equal(one[1], other[1])


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_flame_grows_from_nothing_past_the_known_moment(place):
    moment = grown_at(place)
    assert area(place, CALM) == 0.0
    assert area(place, moment) >= ONE_PERCENT
    assert area(place, moment - 1.5) < ONE_PERCENT
    assert area(place, moment + 10) > 1.5 * ONE_PERCENT


def test_the_area_is_what_the_picture_shows():
    place = PLACES[0]
    room = scenes.hall(50, place.light)
    moment = grown_at(place) + 5
    changed = np.abs(burning(place, room, moment) - room).max(axis=2) > 60
    seen = np.count_nonzero(changed) / scenes.HEIGHT**2
    assert seen == pytest.approx(area(place, moment), rel=0.5)


def test_an_onset_is_played_once_and_tells_its_moment():
    place = PLACES[-1]
    clip = onset(place, longer=1.0)
    assert (clip.fire, clip.repeats) == (True, False)
    assert clip.span("fire").start == grown_at(place)
    assert clip.seconds == grown_at(place) + 1.0


def test_clips_that_ship_are_there_and_say_when_they_burn():
    rows = shipped()
    assert all(row.path.is_file() for row in rows)
    assert {row.fire for row in rows} == {True, False}
    for row in rows:
        assert bool(row.events) == bool(row.fire)
        assert row.smoke is (None if row.fire else False)
