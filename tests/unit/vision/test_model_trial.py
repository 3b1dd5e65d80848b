"""R23: whatever a model does, its trial run ends and the program goes on."""

from pathlib import Path

import numpy as np
import pytest
from tiny_models import flame_model, hungry_model, nan_model, slow_model

from embereye.model.errors import DetectorError
from embereye.model.vision_models import ModelTrial
from embereye.runtime.clock import SystemClock
from embereye.vision import model_trial
from embereye.vision.model_trial import TrialLimits, try_model
from embereye.vision.providers import CPU

CLOCK = SystemClock()
PICTURE = np.random.default_rng(1).integers(0, 256, (90, 160, 3), dtype=np.uint8)


def _tried(model: Path, wall: float = 15.0, memory: int = 2 << 30) -> ModelTrial:
    return try_model(model, (CPU,), PICTURE, CLOCK, TrialLimits(memory, wall))


def test_a_good_model_is_measured(tmp_path: Path):
    trial = _tried(flame_model(tmp_path / "m.onnx"))

    assert trial.families == ("end_to_end",)
    assert trial.labels == ("fire",)
    assert (trial.width, trial.height) == (64, 64)
    assert trial.provider == CPU
    assert 0 < trial.load < 15
    assert 0 < trial.p50 <= trial.p95 < 5
    assert 0 <= trial.memory < 1 << 30


def test_a_reference_detector_passes(shared_data: Path):
    trial = _tried(shared_data / "media" / "models" / "yolox_nano_416.onnx")

    assert trial.families[0] == "yolox"
    assert (trial.width, trial.height) == (416, 416)
    assert 1 << 20 < trial.memory < 500 << 20


def test_a_model_that_does_not_end_is_stopped(tmp_path: Path):
    model = slow_model(tmp_path / "m.onnx")
    began = CLOCK.mono()

    with pytest.raises(DetectorError, match="within 2 s"):
        _tried(model, wall=2.0)

    assert CLOCK.mono() - began < 20


def test_a_model_that_wants_all_memory_gets_none_of_it(tmp_path: Path):
    with pytest.raises(DetectorError, match="more than 2048 MiB"):
        _tried(hungry_model(tmp_path / "m.onnx"))


def test_a_machine_without_free_memory_tries_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_trial, "free_memory", lambda: 100 << 20)

    with pytest.raises(DetectorError, match="close other programs"):
        _tried(flame_model(tmp_path / "m.onnx"))


def test_scores_that_are_not_numbers_are_refused(tmp_path: Path):
    with pytest.raises(DetectorError, match="numbers"):
        _tried(nan_model(tmp_path / "m.onnx"))


def test_junk_is_refused_in_words(tmp_path: Path):
    (tmp_path / "m.onnx").write_bytes(b"\x80\x04junk" * 100)

    with pytest.raises(DetectorError, match=r"m\.onnx is no usable ONNX model"):
        _tried(tmp_path / "m.onnx")


def test_a_shape_that_no_family_has_is_refused(tmp_path: Path):
    model = flame_model(tmp_path / "m.onnx", np.zeros((2, 3, 4, 5, 6)), manifest="")

    with pytest.raises(DetectorError, match="no supported family"):
        _tried(model)
