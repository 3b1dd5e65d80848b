"""Trained models: made here with the onnx package, and real ones where they are at hand."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from onnx_parts import constant_model, described

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.onnx import OnnxDetector


def _fire_model(folder: Path) -> Path:
    """End-to-end family: one flame at 16–48 of 64 px, class 0 "Flame"."""
    path = constant_model(folder / "fire.onnx", np.array([[[16, 16, 48, 48, 0.9, 0]]]))
    return described(path, 'name = "test model"\nlabels = ["Flame"]\n')


def _frame(pixels: np.ndarray, source: tuple[int, int], time: float = 0.0) -> Frame:
    return Frame(CameraId("yard"), pixels, 0, Stamp(time, time), time, *source)


def test_boxes_come_back_in_source_pixels_under_the_products_terms(tmp_path: Path):
    detector = OnnxDetector(_fire_model(tmp_path))
    pixels = np.zeros((90, 160, 3), np.uint8)  # fits as 64×36 with 14 px above

    verdict = detector.detect(_frame(pixels, (1920, 1080)))

    box = verdict.detections[0]
    assert box.label == "fire"
    assert (box.x, box.y, box.width, box.height) == pytest.approx((480, 60, 960, 960), abs=2)
    assert verdict.fire == pytest.approx(0.9)


def test_a_still_picture_is_not_moving_however_sure_the_model_is(tmp_path: Path):
    detector = OnnxDetector(_fire_model(tmp_path))
    pixels = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)

    verdicts = [detector.detect(_frame(pixels, (64, 64), i / 10)) for i in range(10)]

    assert not any(verdict.moving for verdict in verdicts)


def test_a_box_whose_content_keeps_changing_is_moving(tmp_path: Path):
    detector = OnnxDetector(_fire_model(tmp_path))
    rng = np.random.default_rng(1)

    verdicts = [
        detector.detect(
            _frame(
                cv2.resize(rng.integers(0, 255, (8, 8, 3)).astype(np.uint8), (64, 64)),
                (64, 64),
                i / 10,
            )
        )
        for i in range(6)
    ]

    assert [verdict.moving for verdict in verdicts] == [False, False, False, True, True, True]


def test_change_outside_the_box_is_no_movement_of_it(tmp_path: Path):
    detector = OnnxDetector(_fire_model(tmp_path))
    verdicts = []
    for i in range(8):
        pixels = np.zeros((64, 64, 3), np.uint8)
        pixels[:8] = 255 * (i % 2)
        verdicts.append(detector.detect(_frame(pixels, (64, 64), i / 10)))

    assert not any(verdict.moving for verdict in verdicts)


def test_a_missing_model_is_named(tmp_path: Path):
    with pytest.raises(DetectorError, match=r"absent\.onnx cannot be read"):
        OnnxDetector(tmp_path / "absent.onnx")


def test_what_cannot_run_here_leaves_the_model_on_the_cpu(tmp_path: Path):
    path = _fire_model(tmp_path)
    absent = ("TensorrtExecutionProvider", "CUDAExecutionProvider", "NoSuchProvider")

    detector = OnnxDetector(path, absent)

    assert detector.provider == "CPUExecutionProvider"
    assert detector.detect(_frame(np.zeros((64, 64, 3), np.uint8), (64, 64))).fire > 0.8


def test_garbage_is_no_model(tmp_path: Path):
    path = tmp_path / "garbage.onnx"
    path.write_bytes(b"garbage" * 100)

    with pytest.raises(DetectorError, match="no usable ONNX model"):
        OnnxDetector(path)


def test_an_output_of_no_known_family_is_refused(tmp_path: Path):
    with pytest.raises(DetectorError, match="manifest"):
        OnnxDetector(constant_model(tmp_path / "odd.onnx", np.zeros((1, 3, 3))))


def test_a_model_that_is_not_the_described_one_is_refused(tmp_path: Path):
    model = _fire_model(tmp_path)
    model.with_suffix(".toml").write_text(f'sha256 = "{"0" * 64}"')

    with pytest.raises(DetectorError, match="SHA-256"):
        OnnxDetector(model)


def test_the_reference_model_finds_people_and_vehicles(shared_data: Path, tmp_path: Path):
    av = pytest.importorskip("av")
    path = tmp_path / "yolox.onnx"
    shutil.copy(shared_data / "media" / "models" / "yolox_nano_416.onnx", path)
    path.with_suffix(".toml").write_text(
        "rgb = false\nscale = [1.0, 1.0, 1.0]\ncentred = false\n"
        f"labels = {['person', 'bicycle', 'car', *map(str, range(3, 80))]}\n"
    )
    detector = OnnxDetector(path)

    found = {}
    for name in ("s_worker_zone.mp4", "s_traffic.avi"):
        with av.open(str(shared_data / "media" / "video" / name)) as clip:
            for index, picture in enumerate(clip.decode(video=0)):
                if index == 60:
                    pixels = picture.to_ndarray(format="bgr24")
                    verdict = detector.detect(_frame(pixels, (pixels.shape[1], pixels.shape[0])))
                    found[name] = {d.label for d in verdict.detections if d.confidence > 0.6}
                    break

    assert "person" in found["s_worker_zone.mp4"]
    assert "vehicle" in found["s_traffic.avi"]
