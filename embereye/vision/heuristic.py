"""A detector of flame and smoke without a trained model: colour and behaviour over time."""

from collections import deque
from statistics import median

import cv2

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.vision.detector import Verdict
from embereye.vision.flame import FlameRegion, FlameWatch
from embereye.vision.imaging import CELL, cell_box, exceeding, reduced
from embereye.vision.motion import tiny
from embereye.vision.pace import Pace
from embereye.vision.smoke import SmokeRegion, SmokeWatch
from embereye.vision.still import still_score

_LONGEST = 320  # px; a flame of 1 % of the picture's width still fills 3 px
_CUT_STEP, _CUT_SHARE = 25, 0.6  # grey levels, share of the picture: another scene, or lights
_CUT_PAUSE = 2.0  # s; more frequent upheavals are no cuts: a blast, a strobe
_SMOOTH = 3  # verdicts in the median that keeps one odd frame from counting
_SHOWN = 0.5  # least score of a box


class HeuristicDetector:
    """Fits the `Detector` port. One memory per camera; lives in one thread."""

    name = "heuristic 1"

    def __init__(self) -> None:
        self._cameras: dict[CameraId, _Camera] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera.

        The first frame of a camera is judged by colour alone (`moving` is False). After that only
        what several frames show counts: 0.7 s of frames at 10 Hz are the least, 1.6 s are needed
        for a full score. Frames closer than 75 ms to the one before repeat its verdict.
        """
        camera = self._cameras.get(frame.camera)
        if camera is None:
            camera = self._cameras[frame.camera] = _Camera()
        return camera.judge(frame)

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._cameras.pop(camera, None)


class _Camera:
    """What is remembered of one camera."""

    def __init__(self) -> None:
        self._flame, self._smoke = FlameWatch(), SmokeWatch()
        self._pace = Pace()
        self._picture: Pixels | None = None
        self._cut = -_CUT_PAUSE
        self._fires: deque[float] = deque(maxlen=_SMOOTH)
        self._verdict = Verdict()

    def judge(self, frame: Frame) -> Verdict:
        first = not self._pace.begun
        if not self._pace.take(frame):
            return self._verdict
        small, time = reduced(frame.pixels, _LONGEST), self._pace.time
        self._watch_for_cuts(time, small)
        regions, smoke = self._flame.look(time, small), self._smoke.look(time, small)
        if first:
            self._verdict = Verdict(fire=still_score(small))
        else:
            grid = (small.shape[0] // CELL, small.shape[1] // CELL)
            self._verdict = self._over_time(frame, grid, regions, smoke)
        return self._verdict

    def _watch_for_cuts(self, time: float, small: Pixels) -> None:
        picture, before = tiny(small), self._picture
        self._picture = picture
        if before is None:
            return
        changed = exceeding(before, picture, _CUT_STEP)
        upheaval = cv2.countNonZero(changed) >= _CUT_SHARE * picture.size
        if upheaval and time - self._cut >= _CUT_PAUSE:
            self._cut = time
            self._flame.clear()
            self._smoke.clear()
            self._fires.clear()

    def _over_time(
        self,
        frame: Frame,
        grid: tuple[int, int],
        regions: tuple[FlameRegion, ...],
        smoke: SmokeRegion | None,
    ) -> Verdict:
        self._fires.append(regions[0].score if regions else 0.0)
        fire = median(self._fires)
        rising = smoke.score if smoke else 0.0
        source = (frame.source_width, frame.source_height)
        boxes = [  # all of them: the best may lie in an area that does not count
            cell_box(FIRE, region.score, region.box, grid, source)
            for region in regions
            if region.score >= _SHOWN
        ]
        if smoke and smoke.score >= _SHOWN:
            boxes.append(_smoke_box(smoke, source))
        return Verdict(
            detections=tuple(sorted(boxes, key=lambda box: -box.confidence)),
            fire=fire,
            smoke=rising,
            moving=max(fire, rising) >= _SHOWN,
            history=self._flame.seconds,
        )


def _smoke_box(smoke: SmokeRegion, source: tuple[int, int]) -> Detection:
    x, y, width, height = smoke.box
    return Detection(
        SMOKE,
        smoke.score,
        x * source[0],
        y * source[1],
        width * source[0],
        height * source[1],
    )
