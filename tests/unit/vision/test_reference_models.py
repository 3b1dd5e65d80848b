"""Models made by others give the boxes that their makers' decoding gives."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest
from onnx_parts import described
from reference_decoding import Seen, fastest_det, greedy, nanodet, yolox

from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.onnx import OnnxDetector

LEAST, OVERLAP = 0.35, 0.45
PICTURES = (2, 3, 4, 7, 8, 20, 33)


@dataclass(frozen=True)
class Reference:
    """How a model is fed by its maker, and how its outputs are read there."""

    file: str
    side: int
    manifest: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    read: Callable[[dict[str, np.ndarray]], list[Seen]]


PLAIN = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
NANO_MEAN = (103.53, 116.28, 123.675)
NANO_SCALE = (1 / 57.375, 1 / 57.12, 1 / 58.395)
REFERENCES = [
    Reference(
        "yolox_nano_416.onnx",
        416,
        'family = "yolox"\nscale = [1.0, 1.0, 1.0]\n',
        *PLAIN,
        lambda outputs: yolox(outputs["output"][0], 416, 416, LEAST),
    ),
    Reference(
        "light_person_detector_192.onnx",
        192,
        'family = "yolox"\nscale = [1.0, 1.0, 1.0]\n',
        *PLAIN,
        lambda outputs: yolox(outputs["output"][0], 192, 192, LEAST),
    ),
    Reference(
        "nanodet_m_320.onnx",
        320,
        f"mean = {list(NANO_MEAN)}\nscale = {list(NANO_SCALE)}\n",
        NANO_MEAN,
        NANO_SCALE,
        lambda outputs: nanodet(outputs, 320, LEAST),
    ),
    Reference(
        "fastestdet_352.onnx",
        352,
        "stretched = true\n",
        (0.0, 0.0, 0.0),
        (1 / 255,) * 3,
        lambda outputs: fastest_det(outputs["758"][0], 352, LEAST),
    ),
]


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: reference.file[:-5])
def test_boxes_equal_those_of_the_published_decoding(
    shared_data: Path, tmp_path: Path, reference: Reference
):
    media = shared_data / "media"
    path = tmp_path / reference.file
    shutil.copy(media / "models" / reference.file, path)
    common = f"rgb = false\ncentred = false\nconfidence = {LEAST}\noverlap = {OVERLAP}\n"
    described(path, common + reference.manifest)
    detector = OnnxDetector(path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    compared = 0

    for number in PICTURES:
        pixels = cv2.imread(str(media / "images" / "coco" / f"coco_{number:04}.jpg"))
        expected = _expected(session, reference, pixels)
        rows, columns = pixels.shape[:2]
        frame = Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, columns, rows)
        found = detector.detect(frame).detections
        assert [seen.label for seen in found] == [f"class {int(row[0])}" for row in expected]
        for seen, (_, score, *corners) in zip(found, expected, strict=True):
            box = [seen.x, seen.y, seen.x + seen.width, seen.y + seen.height]
            assert seen.confidence == pytest.approx(score, abs=1e-3)
            assert box == pytest.approx(corners, abs=1.0)
        compared += len(found)
    assert compared >= 5


def _expected(session: Any, reference: Reference, pixels: np.ndarray) -> list[list[float]]:
    """Class, score and corners in the picture, best first, in the words of its maker."""
    side = reference.side
    rows, columns = pixels.shape[:2]
    if "stretched" in reference.manifest:
        across, down = side / columns, side / rows
    else:
        across = down = min(side / columns, side / rows)
    canvas = np.full((side, side, 3), 114, np.uint8)
    fitted = cv2.resize(pixels, (round(columns * across), round(rows * down)))
    # The makers divide by the ratio that was asked for; sides have been rounded to whole pixels.
    across, down = fitted.shape[1] / columns, fitted.shape[0] / rows
    canvas[: fitted.shape[0], : fitted.shape[1]] = fitted
    values = (canvas.astype(np.float32) - np.array(reference.mean)) * np.array(reference.scale)
    tensor = values.astype(np.float32).transpose(2, 0, 1)[None]
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, {session.get_inputs()[0].name: np.ascontiguousarray(tensor)})
    boxes = greedy(reference.read(dict(zip(names, outputs, strict=True))), OVERLAP)
    return [
        [
            box.number,
            box.score,
            min(max(box.left / across, 0), columns),
            min(max(box.top / down, 0), rows),
            min(max(box.right / across, 0), columns),
            min(max(box.bottom / down, 0), rows),
        ]
        for box in boxes
    ]


@pytest.mark.parametrize(
    ("file", "family"),
    [
        ("yolox_nano_416.onnx", "yolox"),
        ("light_person_detector_192.onnx", "yolox"),
        ("nanodet_m_320.onnx", "nanodet"),
        ("fastestdet_352.onnx", "fastest_det"),
    ],
)
def test_the_family_is_found_without_a_manifest(
    shared_data: Path, tmp_path: Path, file: str, family: str
):
    path = tmp_path / file
    shutil.copy(shared_data / "media" / "models" / file, path)
    detector = OnnxDetector(path)
    picture = cv2.imread(str(shared_data / "media" / "images" / "coco" / "coco_0004.jpg"))

    detector.detect(Frame(CameraId("yard"), picture, 0, Stamp(0, 0), 0.0, 512, 384))

    assert [candidate.value for candidate in detector.families] == [family]
