"""Looking at the hot part of a picture as well, as if the camera stood closer."""

from dataclasses import replace

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.vision.detector import Detector, Verdict, merged
from embereye.vision.imaging import moved

_SHOWN = 0.5  # least score of a box, as the heuristic's


class CloseupDetector:
    """Gives a detector the whole picture, and its closeup as that of another camera.

    Both are judged by the same rules, each with a memory of its own; the higher score counts. One
    thread.
    """

    def __init__(self, detector: Detector) -> None:
        self.name = detector.name
        self._detector = detector
        self._places: dict[CameraId, tuple[int, int, int, int]] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; raises what the detector raises."""
        whole = self._detector.detect(frame)
        closeup = frame.closeup
        if closeup is None:
            self._turn_away(frame.camera)
            return whole
        place = (closeup.x, closeup.y, closeup.width, closeup.height)
        if self._places.get(frame.camera) != place:
            self._turn_away(frame.camera)
            self._places[frame.camera] = place
        near = self._detector.detect(_near(frame, closeup))
        if near.history == 0.0:  # colour alone, at each new place: no news beside the whole one
            return whole
        boxes = tuple(moved(seen, closeup.x, closeup.y) for seen in near.detections)
        return merged(whole, replace(near, detections=(*boxes, *_placed(near, whole, closeup))))

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._turn_away(camera)
        self._detector.forget(camera)

    def _turn_away(self, camera: CameraId) -> None:
        if self._places.pop(camera, None) is not None:
            self._detector.forget(_name(camera))


def _placed(near: Verdict, whole: Verdict, closeup: Closeup) -> list[Detection]:
    """A score of the closeup alone, without a box: it lies somewhere in there.

    Otherwise it would be taken for that of any other box of the picture, in an area that does not
    count perhaps, and a hot spot in such an area would count everywhere.
    """
    scores = ((FIRE, near.fire, whole.fire), (SMOKE, near.smoke, whole.smoke))
    return [
        Detection(label, score, closeup.x, closeup.y, closeup.width, closeup.height)
        for label, score, other in scores
        if score >= _SHOWN
        and score > other
        and not any(seen.label == label for seen in near.detections)
    ]


def _name(camera: CameraId) -> CameraId:
    return CameraId(f"{camera} closeup")  # no camera has a space in its id


def _near(frame: Frame, closeup: Closeup) -> Frame:
    return replace(
        frame,
        camera=_name(frame.camera),
        pixels=closeup.pixels,
        source_width=closeup.width,
        source_height=closeup.height,
        closeup=None,
        opinion=None,
    )
