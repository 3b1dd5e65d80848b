"""Trying a model on a clip or picture, in a real detector process."""

from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from embereye.model.errors import DetectorError, SourceError
from embereye.rules.risk_limits import RiskLimits
from embereye.runtime.clock import SystemClock
from embereye.services.clip_trial import ClipTrial

NONE = ("none", "")


def _clip(path: Path, pictures: int, size: tuple[int, int] = (160, 120)) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    for number in range(pictures):
        writer.write(np.full((*size[::-1], 3), 60 + number % 150, np.uint8))
    writer.release()
    return path


def _trial(subject, model=NONE) -> ClipTrial:
    return ClipTrial(model, subject, RiskLimits(), SystemClock())


def test_a_clip_gives_steps_in_order_with_small_pictures(tmp_path: Path):
    trial = _trial(_clip(tmp_path / "a.avi", 20, (800, 600)))
    name = trial.run()
    steps = trial.steps.take_all(0.0)
    times = [step.time for step in steps]
    assert "heuristic" in name
    assert trial.seconds == pytest.approx(2.0)
    assert times == sorted(times)
    assert 9 <= len(times) <= 20
    assert steps[0].result.source == (800, 600)
    picture = cv2.imdecode(np.frombuffer(steps[0].jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (480, 640, 3)
    assert not steps[-1].alarms


def test_a_picture_gives_one_step():
    trial = _trial(np.full((48, 64, 3), 90, np.uint8))
    trial.run()
    (step,) = trial.steps.take_all(0.0)
    assert (step.time, step.result.source, trial.seconds) == (0.0, (64, 48), 0.0)


def test_a_trial_ends_when_it_is_cancelled(tmp_path: Path):
    trial = _trial(_clip(tmp_path / "a.avi", 900))
    thread = Thread(target=trial.run)
    thread.start()
    trial.steps.take_all(30.0)  # the first step: it works on the clip
    trial.cancel()
    thread.join(20.0)
    assert not thread.is_alive()
    assert len(trial.steps.take_all(0.0)) < 600


def test_a_trial_may_be_cancelled_before_it_begins(tmp_path: Path):
    trial = _trial(_clip(tmp_path / "a.avi", 5))
    trial.cancel()
    assert trial.run() == ""
    assert trial.steps.take_all(0.0) == []


def test_what_cannot_be_tried_is_said(tmp_path: Path):
    bad = tmp_path / "bad.avi"
    bad.write_bytes(b"nothing" * 40)
    with pytest.raises(SourceError, match=r"bad\.avi"):
        _trial(bad).run()
    gone = _trial(np.zeros((48, 64, 3), np.uint8), ("gone", str(tmp_path / "absent.onnx")))
    with pytest.raises(DetectorError, match=r"absent\.onnx"):
        gone.run()
