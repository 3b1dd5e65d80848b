"""What detectors would find on the wall of the benchmark: in each camera something that moves."""

import math
from collections.abc import Sequence

from embereye.model.detection import FIRE, SMOKE, Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.sighting import Followed
from embereye.model.stamp import Stamp

_SOURCE = (640, 480)  # px that boxes are given in
_PERIOD = 1.0  # s between verdicts of one camera; two cores do half of that (40 ms a verdict)
_CORNERS = 24  # of the contour of smoke
_TRAIL = 40  # places of a trail


class Findings:
    """Verdicts on cameras, renewed one after the other. GUI thread of a benchmark.

    Attributes:
        results, followed: As `ui.console.Console` gives them.
    """

    def __init__(self, cameras: Sequence[CameraId]) -> None:
        self._cameras = cameras
        self.results: dict[CameraId, DetectionResult] = {}
        self.followed: dict[CameraId, tuple[Followed, ...]] = {}
        self._at = -_PERIOD
        self._seq = 0

    def renew(self, now: Stamp) -> None:
        """Give the cameras whose turn it is another verdict."""
        cameras = self._cameras
        due = math.floor((now.mono - self._at) / _PERIOD * len(cameras))
        if due < 1:
            return
        self._at = now.mono
        for _ in range(min(due, len(cameras))):
            self._seq += 1
            camera = cameras[self._seq % len(cameras)]
            self.results[camera] = _result(camera, self._seq, now)
            self.followed[camera] = (_walker(self._seq),)


def _result(camera: CameraId, seq: int, now: Stamp) -> DetectionResult:
    swing = math.sin(seq / 7)
    person = Detection("person", 0.8 + swing / 10, 100 + 40 * swing, 200, 40, 150, track=7)
    fire = Detection(FIRE, 0.9 + swing / 20, 400, 300 + 10 * swing, 60, 80, track=3)
    smoke = Detection(SMOKE, 0.7 + swing / 10, 300, 60, 240, 180, _cloud(seq), 4)
    found = (person, fire, smoke)
    return DetectionResult(camera, seq, now, now, found, 0.9, 0.7, True, "bench", 0.01, _SOURCE)


def _cloud(seq: int) -> tuple[tuple[float, float], ...]:
    turns = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    reach = [1 + 0.2 * math.sin(3 * turn + seq / 5) for turn in turns]
    return tuple(
        (420 + 120 * r * math.cos(t), 150 + 90 * r * math.sin(t))
        for t, r in zip(turns, reach, strict=True)
    )


def _walker(seq: int) -> Followed:
    trail = tuple(
        (0.1 + 0.01 * step, 0.7 + 0.05 * math.sin((seq + step) / 4)) for step in range(_TRAIL)
    )
    return Followed(7, "person", 0.8, 0.0, True, trail)
