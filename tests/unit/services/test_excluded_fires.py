"""A fire beside a place that burns every day and is left out."""

from dataclasses import replace

import numpy as np
from scenes import flame

from embereye.config.schema import Camera, Zone
from embereye.model.detection import FIRE, Detection, DetectionResult
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.rules.scene import Moment
from embereye.rules.tracking import Tracker
from embereye.services.zone_site import zones_of
from embereye.services.zone_view import CameraView
from embereye.vision.closeup import CloseupDetector
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Verdict
from embereye.vision.heuristic import HeuristicDetector

YARD = CameraId("yard")
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
SIZE = (640, 240)


def view():
    """A camera whose left half does not count."""
    furnace = Zone(id="furnace", name="Furnace", kind="exclude", points=LEFT)
    made = CameraView(Tracker(lambda _: 0.0))
    made.draw(zones_of(Camera(id="yard", name="Yard", source="rtsp://h/1", zones=(furnace,))))
    return made


def counted(looks, verdict, at):
    """The score of fire that remains of a verdict."""
    found = DetectionResult(
        YARD, 1, at, at, verdict.detections, verdict.fire, verdict.smoke, True, "d", 0.0, SIZE
    )
    return looks.take(found, SIZE, Moment(at.mono, 0, 0.0))[0].counting.fire


def picture(time, *, right, still=False):
    """Two rooms side by side; it burns in the left one, and in the right one if asked.

    `still`: on a poster there.
    """
    other = flame(2.0 if still else time) if right else np.full((240, 320, 3), 45.0)
    rooms = [flame(time + 7.3), other]
    return np.clip(np.hstack(rooms), 0, 255).astype(np.uint8)


class Told:
    """Says of the whole picture and of its closeup what it was told to say."""

    name = "told"

    def __init__(self, whole, near):
        self._whole, self._near = whole, near

    def detect(self, frame):
        return replace(self._near if " " in frame.camera else self._whole, history=1.0)

    def forget(self, camera):
        """Nothing is remembered."""


def look_closely(whole, near, left):
    """What counts of a picture whose hot spot begins at `left` pixels."""
    at, blank = Stamp(100.0, 1.7e9), np.zeros((240, 640, 3), np.uint8)
    spot = Closeup(blank[:64, :64], left, 100, 64, 64)
    frame = Frame(YARD, blank, 0, at, 0.0, *SIZE, spot)
    return counted(view(), CloseupDetector(Told(whole, near)).detect(frame), at)


class SeesBoth:
    """A model that sees fire in both rooms, whatever there is."""

    name = "both"

    def detect(self, frame):
        boxes = tuple(Detection(FIRE, 0.95, x, 100.0, 100.0, 110.0) for x in (110.0, 430.0))
        return Verdict(boxes, 0.95, judges=frozenset((FIRE,)))

    def forget(self, camera):
        """Nothing is remembered."""


def scores(*, right, still=False, model=None):
    detector, looks = CombinedDetector(HeuristicDetector(), model, 0.5, 3), view()
    found = []
    for time in np.arange(0.0, 8.0, 0.1):
        at = Stamp(100 + time, 1.7e9)
        frame = Frame(YARD, picture(time, right=right, still=still), 0, at, time, *SIZE)
        found.append(counted(looks, detector.detect(frame), at))
    return found


def test_a_fire_beside_an_excluded_one_counts():
    assert sum(score >= 0.7 for score in scores(right=True)[-20:]) >= 10


def test_the_excluded_fire_itself_does_not_count():
    assert max(scores(right=False)[20:]) < 0.5


def test_a_fire_that_the_model_sees_beside_an_excluded_one_counts():
    assert min(scores(right=True, model=SeesBoth())[-20:]) >= 0.7


def test_a_poster_of_fire_beside_an_excluded_fire_is_a_hint_only():
    assert max(scores(right=True, still=True, model=SeesBoth())) < 0.7


def test_a_hot_spot_with_a_score_but_no_box_is_judged_by_where_it_lies():
    assert look_closely(Verdict(), Verdict(fire=0.9), left=400) == 0.9
    assert look_closely(Verdict(), Verdict(fire=0.9), left=100) == 0.0


def test_the_score_of_a_hot_spot_is_not_taken_for_that_of_an_excluded_box():
    furnace = Detection(FIRE, 0.6, 100.0, 100.0, 40.0, 40.0)
    assert look_closely(Verdict((furnace,), 0.6), Verdict(fire=0.9), left=400) == 0.9
