"""A thing in a picture of any shape, or in a part of one, is boxed where it is: to one pixel."""

from pathlib import Path

import numpy as np
import pytest
from onnx_parts import bright_model, described

from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.closeup import CloseupDetector
from embereye.vision.detector import Verdict
from embereye.vision.onnx import OnnxDetector

YARD = CameraId("yard")
# Pictures as the pool gives them: the longer side is at most 640 px.
SHAPES = [(640, 480), (640, 360), (360, 640), (480, 640), (641, 479), (333, 517), (640, 640)]
LAYOUTS = {
    "centred": "centred = true\n",
    "top left": "centred = false\n",
    "stretched": "stretched = true\n",
}


def _detector(folder: Path, layout: str, size: tuple[int, int] = (640, 640)) -> OnnxDetector:
    path = bright_model(folder / "bright.onnx", size)
    text = 'labels = ["fire"]\npadding = 0\nfamily = "end_to_end"\n' + LAYOUTS[layout]
    return OnnxDetector(described(path, text))


def _picture(shape: tuple[int, int], box: tuple[int, int, int, int]) -> np.ndarray:
    pixels = np.zeros((shape[1], shape[0], 3), np.uint8)
    pixels[box[1] : box[3], box[0] : box[2]] = 255
    return pixels


def _frame(pixels: np.ndarray, times: int = 1, closeup: Closeup | None = None) -> Frame:
    rows, columns = pixels.shape[:2]
    source = (columns * times, rows * times)
    return Frame(YARD, pixels, 0, Stamp(0, 0), 0.0, *source, closeup=closeup)


def _corners(verdict: Verdict) -> list[float]:
    box = verdict.detections[0]
    return [box.x, box.y, box.x + box.width, box.y + box.height]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_box_lies_on_the_thing_at_any_shape(tmp_path: Path, shape, layout: str):
    detector = _detector(tmp_path, layout)
    width, height = shape
    box = (width // 7, height // 5, width - width // 3, height - height // 9)

    verdict = detector.detect(_frame(_picture(shape, box), times=3))

    assert _corners(verdict) == pytest.approx([3 * side for side in box], abs=3)  # source pixels


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_thing_that_fills_the_picture_is_boxed_with_its_edges(tmp_path: Path, layout: str):
    detector = _detector(tmp_path, layout)

    verdict = detector.detect(_frame(_picture((640, 360), (0, 0, 640, 360))))

    assert _corners(verdict) == pytest.approx([0, 0, 640, 360], abs=1)


class _Seasoned:
    """A detector whose verdicts count in a closeup, as those with a memory do."""

    def __init__(self, detector: OnnxDetector) -> None:
        self.name, self._detector = detector.name, detector

    def detect(self, frame: Frame) -> Verdict:
        seen = self._detector.detect(frame)
        return Verdict(seen.detections, seen.fire, seen.smoke, seen.moving, 1.0)

    def forget(self, camera: CameraId) -> None:
        self._detector.forget(camera)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("part", [(800, 300, 320, 180), (100, 500, 200, 301), (1500, 0, 420, 237)])
def test_what_a_closeup_shows_is_boxed_in_the_source(tmp_path: Path, layout: str, part):
    left, top, width, height = part
    near = (40, 30, 130, 110)  # in the closeup, which has the source's own pixels
    closeup = Closeup(_picture((width, height), near), *part)
    frame = _frame(np.zeros((360, 640, 3), np.uint8), times=3, closeup=closeup)

    verdict = CloseupDetector(_Seasoned(_detector(tmp_path, layout))).detect(frame)

    expected = [left + near[0], top + near[1], left + near[2], top + near[3]]
    assert _corners(verdict) == pytest.approx(expected, abs=1)
