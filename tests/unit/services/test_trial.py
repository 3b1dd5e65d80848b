"""Clips through the chain: what counts as found, late, or false."""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from embereye.model.errors import SourceError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.rules.risk_limits import RiskLimits
from embereye.services.evaluation_clips import Plan, footage_of, play
from embereye.services.footage import RATE, Footage, View, any_view, endless, loaded, once
from embereye.services.labelled import Labelled, Span
from embereye.services.trial import Chain, find, watch_quiet
from embereye.vision.detector import Verdict

GREY = np.full((36, 64, 3), 90, np.uint8)
RED = np.full((36, 64, 3), (20, 20, 220), np.uint8)


class RedDetector:
    """Fits the `Detector` port: red is fire, at once."""

    name = "red"

    def __init__(self) -> None:
        self.times: list[float] = []
        self.forgotten = 0

    def detect(self, frame: Frame) -> Verdict:
        self.times.append(frame.at.mono)
        blue, _, red = (int(value) for value in frame.pixels[18, 32])
        score = 0.95 if red - blue > 60 else 0.05
        return Verdict(fire=score, moving=True)

    def forget(self, camera: CameraId) -> None:
        self.forgotten += 1


def _footage(*parts: tuple[np.ndarray, int], **more) -> Footage:
    pictures = tuple(picture for picture, count in parts for _ in range(count))
    return Footage("clip", pictures, **{"fire": True, "smoke": False, **more})


def _chain() -> Chain:
    return Chain(RedDetector(), RiskLimits())


def test_time_to_detection_counts_from_the_event():
    # 3 of 5 looks at 8 a second: the third red picture alarms, 2/8 s after the first
    clip = _footage((GREY, 16), (RED, 16), events=(Span("fire", 2.0, 4.0),))
    found = find(_chain(), clip, trials=3)
    assert found.times == (0.25, 0.25, 0.25)
    assert found.any_times == found.times


def test_an_alarm_before_the_event_is_told_as_such():
    clip = _footage((RED, 32), events=(Span("fire", 2.0, 4.0),))
    assert find(_chain(), clip, trials=1).times == (-1.75,)


def test_a_short_event_is_played_again():
    clip = _footage((RED, 2), (GREY, 30), events=(Span("fire", 0.0, 0.25),))
    assert find(_chain(), clip, trials=1).times == (0.25,)


def test_what_is_never_found_is_given_up_after_a_minute():
    detector = RedDetector()
    found = find(Chain(detector, RiskLimits()), _footage((GREY, 8)), trials=2)
    assert found.times == (None, None)
    assert max(detector.times) == 60.0


def test_each_trial_starts_with_an_empty_memory():
    detector = RedDetector()
    find(Chain(detector, RiskLimits()), _footage((RED, 8)), trials=3)
    assert detector.forgotten == 3


def test_growth_is_not_repeated():
    clip = _footage((GREY, 3), (RED, 2), repeats=False)
    assert len(list(once(clip, View(), 1))) == 5


def test_false_alarms_count_once_while_they_go_on():
    # Red for 5 s of 60: the alarm stands for those and its off-delay of 30 s, then comes again.
    clip = _footage((RED, 40), (GREY, 440), fire=False)
    quiet = watch_quiet(_chain(), clip, minutes=3)
    assert (quiet.fires, quiet.smokes) == (3, 0)
    assert quiet.hours == pytest.approx(3 / 60)
    assert 1.4 / 60 < quiet.standing_hours < 1.9 / 60
    assert quiet.highest_fire == 0.95


def test_the_threshold_decides():
    limits = RiskLimits(vision_fire=0.99)
    clip = _footage((RED, 40), fire=False)
    assert watch_quiet(Chain(RedDetector(), limits), clip, minutes=1).fires == 0


def test_play_sorts_clips_by_what_is_known_of_them():
    clips = [
        _footage((RED, 8)),
        _footage((GREY, 8), fire=False),
        _footage((GREY, 8), fire=False, smoke=None),
        _footage((GREY, 8), fire=False, smoke=True),
    ]
    report = play(_chain(), clips, Plan(minutes=0.1, trials=1), lambda name: None)
    assert [found.label for found in report.found] == ["fire", "smoke"]
    assert (len(report.quiet), len(report.unknown)) == (1, 1)
    fire, smoke = report.shares()
    assert (fire.clips.value, smoke.clips.value) == (1.0, 0.0)
    assert set(report.false_alarms()) == {"fire", "smoke"}


def _checked() -> np.ndarray:
    rows, columns = np.indices((90, 160)) // 9
    grey = (60 + 120 * ((rows + columns) % 2)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


def test_a_long_play_is_never_twice_the_same_and_repeatable():
    clip = _footage((_checked(), 4), fire=False)
    first = [p.tobytes() for _, p in itertools.islice(endless(clip, 1), 40)]
    again = [p.tobytes() for _, p in itertools.islice(endless(clip, 1), 40)]
    assert first == again
    assert len(set(first)) == 40


def test_times_are_even():
    times = [time for time, _ in itertools.islice(endless(_footage((GREY, 3)), 1), 20)]
    assert times == [number / RATE for number in range(20)]


def test_any_view_shows_no_border():
    random = np.random.default_rng(1)
    clip = _footage((np.full((90, 160, 3), 200, np.uint8), 1), fire=False)
    for seed in range(30):
        view = any_view(random)
        _, picture = next(once(clip, view, seed))
        assert picture.shape == (90, 160, 3)
        assert int(picture.max()) - int(picture.min()) <= 1


def test_a_mirrored_view_is_one():
    half = GREY.copy()
    half[:, 32:] = 200
    _, plain = next(once(_footage((half, 1)), View(), 1))
    _, mirrored = next(once(_footage((half, 1)), View(mirrored=True), 1))
    assert plain[18, 4, 0] < plain[18, 60, 0]
    assert mirrored[18, 4, 0] > mirrored[18, 60, 0]


def _clip(path: Path, rate: int, pictures: int, size: tuple[int, int] = (160, 120)) -> Labelled:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, size)
    for number in range(pictures):
        writer.write(np.full((size[1], size[0], 3), number * 2, np.uint8))
    writer.release()
    return Labelled(path, "video", "s", "g", False, False)


@pytest.mark.parametrize(("rate", "pictures"), [(25, 50), (8, 16), (4, 8)])
def test_a_clip_is_sampled_by_its_own_times(tmp_path: Path, rate: int, pictures: int):
    footage = loaded(_clip(tmp_path / "a.avi", rate, pictures))
    assert footage.seconds == pytest.approx(2.0, abs=0.3)
    shades = [int(picture[60, 80, 0]) for picture in footage.pictures]
    assert shades == sorted(shades)
    assert shades[-1] > 0.8 * 2 * pictures - 3


def test_a_large_clip_is_made_as_small_as_the_detection_picture(tmp_path: Path):
    footage = loaded(_clip(tmp_path / "a.avi", 8, 2, (1280, 720)))
    assert footage.pictures[0].shape == (360, 640, 3)


def test_a_clip_that_cannot_be_decoded_is_told_and_left_out(tmp_path: Path):
    bad = tmp_path / "bad.avi"
    bad.write_bytes(b"nothing" * 40)
    rows = [Labelled(bad, "video", "s", "g", True, None), _clip(tmp_path / "a.avi", 8, 8)]
    problems: list[str] = []
    assert [clip.name for clip in footage_of(rows, problems.append)] == ["a.avi"]
    assert len(problems) == 1
    assert "bad.avi" in problems[0]
    with pytest.raises(SourceError):
        loaded(rows[0])
