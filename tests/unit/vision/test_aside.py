"""A slow detector beside fast ones."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.vision.aside import AsideDetector
from embereye.vision.detector import Verdict

CLOCK = SystemClock()
FRAME = Frame(CameraId("yard"), np.zeros((8, 8, 3), np.uint8), 1, Stamp(0, 0), 0.0, 8, 8)


class Slow:
    """Answers when it is let go, with a score that grows."""

    name = "slow"

    def __init__(self) -> None:
        self.go, self.looked, self.count = Event(), Event(), 0
        self.problem: Exception | None = None

    def detect(self, frame: Frame) -> Verdict:
        self.looked.set()
        assert self.go.wait(10)
        self.count += 1
        if self.problem is not None:
            raise self.problem
        return Verdict(fire=self.count / 100)

    def forget(self, camera: CameraId) -> None:
        self.looked.set()


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def aside(slow: Slow) -> Iterator[AsideDetector]:
    aside = AsideDetector(slow)
    yield aside
    slow.go.set()
    aside.close()
    aside._thread.join(5)


def _until(aside: AsideDetector, done) -> Verdict:
    end = CLOCK.mono() + 10
    while CLOCK.mono() < end:
        verdict = aside.detect(FRAME)
        if done(verdict):
            return verdict
    raise AssertionError("it did not get there")


def test_nobody_waits_for_it(aside: AsideDetector, slow: Slow):
    began = CLOCK.mono()
    verdicts = [aside.detect(FRAME) for _ in range(100)]

    assert CLOCK.mono() - began < 1.0
    assert verdicts == [Verdict()] * 100


def test_its_newest_opinion_counts_once_it_is_there(aside: AsideDetector, slow: Slow):
    slow.go.set()

    assert _until(aside, lambda verdict: verdict.fire > 0).fire == pytest.approx(0.01, abs=0.2)


def test_an_opinion_counts_for_three_seconds(aside: AsideDetector, slow: Slow):
    slow.go.set()
    _until(aside, lambda verdict: verdict.fire > 0)
    slow.go.clear()

    assert aside.detect(replace(FRAME, at=Stamp(2.9, 2.9))).fire > 0
    assert aside.detect(replace(FRAME, at=Stamp(3.1, 3.1))).fire == 0


@pytest.mark.parametrize("problem", [DetectorError("No answer."), ZeroDivisionError()])
def test_failures_are_told_after_five_in_a_row_and_end_with_an_answer(
    aside: AsideDetector, slow: Slow, problem: Exception
):
    slow.go.set()
    slow.problem = problem
    _until(aside, lambda _: aside.trouble)
    assert slow.count >= 5

    slow.problem = None
    _until(aside, lambda _: not aside.trouble)


def test_pictures_of_many_cameras_do_not_pile_up(aside: AsideDetector, slow: Slow):
    aside.detect(FRAME)
    assert slow.looked.wait(10)
    for number in range(100):
        aside.detect(replace(FRAME, camera=CameraId(f"camera-{number}")))

    assert len(aside._asked) <= 4


def test_a_forgotten_camera_has_no_opinion(aside: AsideDetector, slow: Slow):
    slow.go.set()
    _until(aside, lambda verdict: verdict.fire > 0)
    slow.go.clear()
    aside.forget(FRAME.camera)

    assert aside.detect(FRAME).fire == 0 or slow.count > 1
