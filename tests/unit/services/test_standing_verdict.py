"""A verdict stands for the picture that it was given on, and for no other."""

from dataclasses import replace

import numpy as np
import pytest

from embereye.model.detection import Detection, DetectionResult
from embereye.model.frame import Closeup, Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.services.standing_verdict import StandingVerdict

_AGE = 10.0
_SIZE = (480, 640)


def _scene(noise: float = 0.0, seed: int = 0) -> Pixels:
    """A room with structure, seen by a sensor with this noise (grey levels)."""
    rows, columns = np.mgrid[0 : _SIZE[0], 0 : _SIZE[1]]
    plane = 100 + 60 * np.sin(rows / 9) * np.cos(columns / 13)
    random = np.random.default_rng(seed)
    noisy = plane[..., None] + random.normal(0, noise, (*_SIZE, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _frame(seconds: float, pixels: Pixels, **changes: object) -> Frame:
    at = Stamp(1000 + seconds, seconds)
    frame = Frame(CameraId("yard"), pixels, round(100 * seconds), at, seconds, 1280, 960)
    return replace(frame, **changes)  # type: ignore[arg-type]


def _verdict(frame: Frame, fire: float = 0.1, smoke: float = 0.0) -> DetectionResult:
    size = (frame.source_width, frame.source_height)
    at = Stamp(frame.at.mono + 0.1, frame.at.utc + 0.1)
    return DetectionResult(
        frame.camera, frame.seq, frame.at, at, (), fire, smoke, True, "d 1", 0.03, size
    )


def _judged(pixels: Pixels, fire: float = 0.1, smoke: float = 0.0) -> StandingVerdict:
    """What is known after this picture was judged."""
    standing, frame = StandingVerdict(), _frame(0, pixels)
    standing.asked(frame)
    standing.take(_verdict(frame, fire, smoke))
    return standing


def _stands(standing: StandingVerdict, frame: Frame) -> bool:
    return standing.answer(frame, frame.at, _AGE) is not None


def test_the_same_picture_gets_the_same_verdict_marked_and_with_its_own_stamps() -> None:
    frame = _frame(2.0, _scene())
    told = _judged(_scene()).answer(frame, Stamp(1002.5, 2.5), _AGE)
    assert told is not None
    assert (told.fire, told.detector, told.cached, told.seconds) == (0.1, "d 1", True, 0.0)
    assert (told.frame_seq, told.frame_at, told.at.mono) == (200, frame.at, 1002.5)


@pytest.mark.parametrize("noise", [3.0, 6.0])
def test_noise_of_the_sensor_is_no_other_picture(noise: float) -> None:
    standing = _judged(_scene(noise, 1))
    assert all(_stands(standing, _frame(n, _scene(noise, n))) for n in range(2, 9))


def test_a_verdict_is_given_anew_after_its_age() -> None:
    standing = _judged(_scene())
    assert _stands(standing, _frame(9.9, _scene()))
    assert not _stands(standing, _frame(10.0, _scene()))
    assert not _stands(standing, _frame(9.0, _scene()))  # forgotten by then


def test_answers_do_not_make_a_verdict_younger() -> None:
    standing = _judged(_scene())
    stood = [_stands(standing, _frame(n, _scene())) for n in (4, 8, 12)]
    assert stood == [True, True, False]


@pytest.mark.parametrize(("fire", "smoke"), [(0.3, 0.0), (0.0, 0.3), (0.9, 0.9)])
def test_a_suspicious_verdict_never_stands(fire: float, smoke: float) -> None:
    assert not _stands(_judged(_scene(), fire, smoke), _frame(1, _scene()))


def test_a_verdict_whose_picture_alone_is_suspicious_never_stands() -> None:
    """The evidence over time is still low: the first look of a model at a fire."""
    standing, frame = StandingVerdict(), _frame(0, _scene())
    standing.asked(frame)
    standing.take(replace(_verdict(frame), suspicion=0.3))
    assert not _stands(standing, _frame(1, _scene()))


def test_a_verdict_with_any_object_never_stands() -> None:
    """One box that was seen by mistake must not be counted as often as it is repeated."""
    standing, frame = StandingVerdict(), _frame(0, _scene())
    standing.asked(frame)
    person = Detection("person", 0.6, 1, 2, 3, 4)
    standing.take(replace(_verdict(frame), detections=(person,)))
    assert not _stands(standing, _frame(1, _scene()))


def test_no_verdict_stands_before_it_came() -> None:
    standing, frame = StandingVerdict(), _frame(0, _scene())
    assert not _stands(standing, frame)
    standing.asked(frame)
    assert not _stands(standing, _frame(1, _scene()))


def test_the_verdict_on_an_earlier_frame_says_nothing_of_the_one_asked_about() -> None:
    standing, early, late = StandingVerdict(), _frame(0, _scene()), _frame(1, _scene())
    standing.asked(late)
    standing.take(_verdict(early))
    assert not _stands(standing, _frame(2, _scene()))


def test_a_flame_of_one_cell_is_another_picture() -> None:
    """8 of 640 pixels wide, as bright as the wall in the green that the motion gate sees."""
    burning = _scene()
    burning[240:248, 320:328, 2] = 255
    burning[240:248, 320:328, 0] = 0
    assert not _stands(_judged(_scene()), _frame(1, burning))


def test_thin_smoke_in_a_corner_is_another_picture() -> None:
    """Too faint to change any single cell beyond noise."""
    hazy = _scene().astype(np.int16)
    hazy[:96, :160] += 7
    assert not _stands(_judged(_scene()), _frame(1, np.clip(hazy, 0, 255).astype(np.uint8)))


def test_what_grows_by_less_than_noise_in_each_look_is_seen_once_it_adds_up() -> None:
    standing = _judged(_scene())
    stood = []
    for step in range(1, 31):
        glowing = _scene()
        glowing[200:216, 300:316, 2] = np.clip(glowing[200:216, 300:316, 2] + step, 0, 255)
        stood.append(_stands(standing, _frame(step / 10, glowing)))
    assert stood[:3] == [True] * 3
    assert stood.index(False) <= 13


def test_another_size_of_source_or_picture_is_another_picture() -> None:
    assert not _stands(_judged(_scene()), _frame(1, _scene(), source_width=640))
    half = np.ascontiguousarray(_scene()[::2, ::2])
    assert not _stands(_judged(_scene()), _frame(1, half))


def test_nothing_stands_where_a_closeup_is_taken() -> None:
    near = Closeup(_scene(), 0, 0, 640, 480)
    assert not _stands(_judged(_scene()), _frame(1, _scene(), closeup=near))
    standing, frame = StandingVerdict(), _frame(0, _scene(), closeup=near)
    standing.asked(frame)
    standing.take(_verdict(frame))
    assert not _stands(standing, _frame(1, _scene()))


def test_a_dropped_verdict_stands_no_longer() -> None:
    standing = _judged(_scene())
    standing.drop()
    assert not _stands(standing, _frame(1, _scene()))
