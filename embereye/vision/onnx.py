"""Running a trained object detector in ONNX format on the CPU."""

from collections import deque
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.errors import DetectorError
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.vision.decoders import Boxes, Family, decoded, family_of, suppressed
from embereye.vision.detector import Verdict
from embereye.vision.manifest import Manifest, manifest_of
from embereye.vision.model_file import checked_model
from embereye.vision.motion import tiny

_MOST = 100  # boxes a frame
_DEFAULT_SIDE = 640  # px, when neither manifest nor model fix the input size
_LIVELY = 3  # frames in which the place must have changed
_CHANGE, _CHANGED = 10, 0.03  # grey levels, share of the box; noise stays below


class OnnxDetector:
    """Fits the `Detector` port. Lives in one thread, in a child process of its own.

    Raises (on construction):
        DetectorError: the file is missing, refused (see `model_file`) or no usable model, or its
            manifest is wrong.
    """

    def __init__(self, model: Path) -> None:
        self.manifest = manifest_of(model)
        self.name = self.manifest.name
        self._session = _session(model)
        self._input, self._size = _input(self._session, self.manifest)
        self._family: Family | None = self.manifest.family
        self._places: dict[CameraId, _Liveliness] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge one frame; `moving` needs a fire or smoke box whose content keeps changing."""
        boxes = self._boxes(frame.pixels)
        across = frame.source_width / frame.pixels.shape[1]
        down = frame.source_height / frame.pixels.shape[0]
        found = tuple(
            _detection(self.manifest.term(int(number)), float(score), corners, (across, down))
            for corners, score, number in zip(
                boxes.corners, boxes.scores, boxes.classes, strict=True
            )
        )
        hazards = [seen for seen in found if seen.label in (FIRE, SMOKE)]
        place = self._places.setdefault(frame.camera, _Liveliness())
        return Verdict(
            detections=found,
            fire=max((seen.confidence for seen in found if seen.label == FIRE), default=0.0),
            smoke=max((seen.confidence for seen in found if seen.label == SMOKE), default=0.0),
            moving=place.lively(frame, hazards),
        )

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._places.pop(camera, None)

    def _boxes(self, pixels: Pixels) -> Boxes:
        """Boxes in pixels of the given picture, inside it, best first."""
        tensor, scale, left, top = prepared(pixels, self._size, self.manifest)
        try:
            output = self._session.run(None, {self._input: tensor})[0]
        except Exception as error:  # noqa: BLE001 - onnxruntime raises several unrelated types
            raise DetectorError(f"The model {self.name} failed: {_first_line(error)}") from None
        width, height = self._size
        if self._family is None:
            self._family = family_of(output.shape, width, height)
        values = np.asarray(output, dtype=np.float32)
        boxes = decoded(self._family, values, width, height, self.manifest.confidence)
        boxes = suppressed(boxes, self.manifest.overlap, _MOST)
        corners = (boxes.corners - _row(left, top, left, top)) / np.float32(scale)
        rows, columns = pixels.shape[:2]
        corners = np.clip(corners, 0, _row(columns, rows, columns, rows))
        return Boxes(corners, boxes.scores, boxes.classes)


def prepared(
    pixels: Pixels, size: tuple[int, int], manifest: Manifest
) -> tuple[NDArray[np.float32], float, int, int]:
    """The padded input (1, 3, height, width); scale, left and top of the picture inside it."""
    width, height = size
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    columns = max(1, min(width, round(pixels.shape[1] * scale)))
    rows = max(1, min(height, round(pixels.shape[0] * scale)))
    left, top = ((width - columns) // 2, (height - rows) // 2) if manifest.centred else (0, 0)
    canvas = np.full((height, width, 3), manifest.padding, dtype=np.uint8)
    fitted = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_LINEAR)
    canvas[top : top + rows, left : left + columns] = fitted
    picture = canvas[..., ::-1] if manifest.rgb else canvas
    values = (picture.astype(np.float32) - _row(*manifest.mean)) * _row(*manifest.scale)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None]), scale, left, top


class _Liveliness:
    """Whether the places of fire and smoke boxes change from frame to frame."""

    def __init__(self) -> None:
        self._before: Pixels | None = None
        self._changes: deque[bool] = deque(maxlen=5)

    def lively(self, frame: Frame, hazards: list[Detection]) -> bool:
        picture, before = tiny(frame.pixels), self._before
        self._before = picture
        changed = False
        if before is not None and hazards:
            change = cv2.absdiff(picture, before) > _CHANGE
            changed = any(float(_inside(change, box, frame).mean()) >= _CHANGED for box in hazards)
        self._changes.append(changed)
        return sum(self._changes) >= _LIVELY


def _inside(change: NDArray[np.bool_], box: Detection, frame: Frame) -> NDArray[np.bool_]:
    rows, columns = change.shape
    x, y = columns / frame.source_width, rows / frame.source_height
    left, top = min(columns - 1, int(box.x * x)), min(rows - 1, int(box.y * y))
    right = max(left + 1, round((box.x + box.width) * x))
    return change[top : max(top + 1, round((box.y + box.height) * y)), left:right]


def _session(model: Path) -> onnxruntime.InferenceSession:
    content = checked_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only; they come as exceptions as well
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - onnxruntime raises several unrelated types
        reason = _first_line(error)
        raise DetectorError(f"{model.name} is no usable ONNX model: {reason}") from None


def _input(
    session: onnxruntime.InferenceSession, manifest: Manifest
) -> tuple[str, tuple[int, int]]:
    inputs = session.get_inputs()
    shape = inputs[0].shape if len(inputs) == 1 else []
    if len(shape) != 4 or inputs[0].type != "tensor(float)":
        raise DetectorError(f"{manifest.name} does not take one picture of 32-bit floats.")
    height, width = (side if isinstance(side, int) and side > 0 else None for side in shape[2:])
    if width and height:
        return inputs[0].name, (width, height)
    return inputs[0].name, manifest.size or (_DEFAULT_SIDE, _DEFAULT_SIDE)


def _detection(
    label: str, score: float, corners: NDArray[np.float32], scale: tuple[float, float]
) -> Detection:
    left, top, right, bottom = (float(value) for value in corners)
    across, down = scale
    return Detection(
        label,
        score,
        left * across,
        top * down,
        (right - left) * across,
        (bottom - top) * down,
    )


def _row(*values: float) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
