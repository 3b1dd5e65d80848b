"""A model that looks again, from nearer by, at what the rules of thumb point at."""

from dataclasses import replace

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.detector import Detector, Verdict, merged

_SUSPECTED = 0.5  # least score of a box that deserves the time of another inference
_SMALL = 1 / 3  # of a side; the model sees larger things well in the whole picture
_AROUND = 3.0  # times the box: a model has learnt fires with their surroundings
_LEAST = 64  # px of the given picture a side; less shows nothing but blur


class SecondLook:
    """Gives a model the whole picture and, where something small is suspected, a part of it.

    The higher score of each kind counts, so that a small or distant flame, which is lost when
    the picture shrinks to the model's input, is not denied. Lives in one thread.
    """

    def __init__(self, model: Detector) -> None:
        self.name = model.name
        self._model = model

    def detect(self, frame: Frame, first: Verdict) -> Verdict:
        """The model's verdict; `first` is what is suspected. Raises what the model raises."""
        whole = self._model.detect(frame)
        suspect = next((box for box in first.detections if _worth(box, frame)), None)
        if suspect is None:
            return whole
        part, left, top = _part(frame, suspect)
        near = self._model.detect(part)
        boxes = tuple(replace(box, x=box.x + left, y=box.y + top) for box in near.detections)
        return merged(whole, replace(near, detections=boxes))

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._model.forget(camera)
        self._model.forget(_near(camera))


def _worth(box: Detection, frame: Frame) -> bool:
    return (
        box.label in (FIRE, SMOKE)
        and box.confidence >= _SUSPECTED
        and box.width <= _SMALL * frame.source_width
        and box.height <= _SMALL * frame.source_height
    )


def _part(frame: Frame, box: Detection) -> tuple[Frame, float, float]:
    """The surroundings of a box as a frame of its own; left and top in source pixels."""
    rows, columns = frame.pixels.shape[:2]
    across, down = frame.source_width / columns, frame.source_height / rows
    width = min(columns, max(_LEAST, round(_AROUND * max(box.width / across, 1.0))))
    height = min(rows, max(_LEAST, round(_AROUND * max(box.height / down, 1.0))))
    # The aspect of the picture, so that the model wastes no input on padding.
    width = min(columns, max(width, round(height * columns / rows)))
    height = min(rows, max(height, round(width * rows / columns)))
    left = _kept((box.x + box.width / 2) / across - width / 2, columns - width)
    top = _kept((box.y + box.height / 2) / down - height / 2, rows - height)
    part = replace(
        frame,
        camera=_near(frame.camera),
        pixels=frame.pixels[top : top + height, left : left + width].copy(),
        source_width=max(1, round(width * across)),
        source_height=max(1, round(height * down)),
        closeup=None,
        opinion=None,
    )
    return part, left * across, top * down


def _kept(start: float, most: int) -> int:
    return min(max(0, most), max(0, round(start)))


def _near(camera: CameraId) -> CameraId:
    return CameraId(f"{camera} nearer")  # no camera has a space in its id
