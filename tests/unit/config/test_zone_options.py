"""Zones and lines of a camera that the settings refuse, and why."""

import pytest
from pydantic import ValidationError

from embereye.config.schema import Camera, Line, Schedule, Zone

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))


def zone(**changes):
    return Zone(**{"id": "gate", "name": "Gate area", "points": SQUARE, **changes})


def line(**changes):
    return Line(**{"id": "l", "name": "Fence", "points": ((0.1, 0.5), (0.9, 0.5)), **changes})


def camera(**changes):
    return Camera(id="c1", name="Door", source="rtsp://h/1", **changes)


def test_crossing_edges_are_refused_with_the_sentence_of_the_editor():
    with pytest.raises(ValidationError, match="move a corner so that no edges cross"):
        zone(points=((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)))


@pytest.mark.parametrize("points", [((0.1, 0.1), (1.2, 0.1), (0.9, 0.9)), SQUARE[:2], SQUARE * 17])
def test_corners_outside_the_picture_too_few_or_too_many_are_refused(points):
    with pytest.raises(ValidationError):
        zone(points=points)


def test_a_line_without_length_is_refused():
    with pytest.raises(ValidationError, match="no length"):
        line(points=((0.1, 0.1), (0.1, 0.1)))


def test_an_id_is_unique_at_its_camera():
    with pytest.raises(ValidationError, match="zones: the id gate is used twice"):
        camera(zones=(zone(), zone(name="Other")))
    with pytest.raises(ValidationError, match="lines: the id l is used twice"):
        camera(lines=(line(), line()))
    assert camera(zones=(zone(),), lines=(line(id="gate"),))


@pytest.mark.parametrize("text", ["24:00", "7:00", "noon", ""])
def test_a_time_that_no_clock_shows_is_refused(text):
    with pytest.raises(ValidationError):
        Schedule(start=text)
