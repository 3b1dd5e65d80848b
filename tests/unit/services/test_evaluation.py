"""Judging labelled pictures that are made here."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from fakes import FakeClock

from embereye.model.detection import Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.rules.box_accuracy import Area
from embereye.services.evaluation import (
    ALL,
    Judged,
    box_figures,
    figures,
    judge,
    without_repeats,
)
from embereye.services.labelled import Labelled
from embereye.vision.detector import Verdict


class RedDetector:
    """Fits the `Detector` port: the share of red is the score, its bounding box is fire."""

    name = "red"

    def __init__(self) -> None:
        self.forgotten = 0

    def detect(self, frame: Frame) -> Verdict:
        red = frame.pixels[..., 2].astype(int) - frame.pixels[..., 0] > 100
        if not red.any():
            return Verdict()
        x, y, width, height = cv2.boundingRect(red.astype(np.uint8))
        box = Detection("fire", 0.9, x, y, width, height)
        weak = Detection("fire", 0.1, 0, 0, 1, 1)
        return Verdict((weak, box), fire=float(red.mean()))

    def forget(self, camera: CameraId) -> None:
        self.forgotten += 1


def _scene(path: Path, seed: int, red: float = 0.0) -> Path:
    """A picture of its own for each seed, with a red block of that share of its area."""
    rough = np.random.default_rng(seed).integers(60, 160, (9, 12, 1), dtype=np.uint8)
    picture = cv2.resize(np.repeat(rough, 3, 2), (80, 60), interpolation=cv2.INTER_CUBIC)
    side = round((red * 80 * 60) ** 0.5)
    picture[10 : 10 + side, 20 : 20 + side] = (0, 0, 250)
    cv2.imwrite(str(path), picture)
    return path


def _row(path: Path, fire: bool | None = True, **more) -> Labelled:
    values = {"set_name": "one", "group": path.stem, "smoke": None, **more}
    return Labelled(path, "image", fire=fire, **values)


def _one(score: float, fire: bool | None, print_: int = 0, **more) -> Judged:
    return Judged(_row(Path(f"{print_}"), fire, **more), print_, score, 0.0, (), 0.001)


def test_each_picture_is_judged_without_the_one_before(tmp_path: Path):
    detector, problems = RedDetector(), []
    rows = [_row(_scene(tmp_path / f"{n}.png", n, 0.25)) for n in range(3)]
    (tmp_path / "bad.png").write_bytes(b"bad")
    rows.insert(1, _row(tmp_path / "bad.png"))

    judged = judge(rows, detector, FakeClock(), problems.append)

    assert [one.row.path.stem for one in judged] == ["0", "1", "2"]
    assert detector.forgotten == 3
    assert len(problems) == 1
    assert "bad.png" in problems[0]
    assert judged[0].fire == pytest.approx(0.25, abs=0.02)
    label, area = judged[0].found[0]
    assert label == "fire"
    assert (area.left, area.top) == (pytest.approx(20 / 80), pytest.approx(10 / 60))
    assert len(judged[0].found) == 2


def test_repeats_count_once_unless_labelled_differently():
    far = 2**64 - 1
    pictures = [
        _one(0.9, True, 0),
        _one(0.8, True, 0b11),
        _one(0.1, False, 0b1),
        _one(0.7, True, far),
        _one(0.2, False, 0),
    ]
    assert [one.fire for one in without_repeats(pictures)] == [0.9, 0.1, 0.7]


def test_figures_of_all_and_of_each_set():
    pictures = [_one(0.9, True, n, set_name="a") for n in range(3)]
    pictures += [_one(0.2, False, n, set_name="b") for n in range(4)]
    pictures += [_one(0.4, None, 9, set_name="b")]

    together, one, other = figures(pictures, 0.5)

    assert [together.set_name, one.set_name, other.set_name] == [ALL, "a", "b"]
    assert (together.positives, together.negatives, together.groups) == (3, 4, 7)
    assert together.auc is not None
    assert together.auc.value == 1.0
    assert together.precision is not None
    assert together.precision.value == 1.0
    assert [at.threshold for at in together.limited] == [0.9, 0.9]
    assert (one.auc, one.limited) == (None, ())
    assert (other.positives, other.negatives, other.recall) == (0, 4, None)


def test_pictures_that_nobody_labelled_are_left_out_of_a_label():
    pictures = [_one(0.9, True, 1), _one(0.1, False, 2)]
    assert {found.label for found in figures(pictures, 0.5)} == {"fire"}


def test_boxes_count_where_people_drew_some(tmp_path: Path):
    near = Area(20 / 80, 10 / 60, 55 / 80, 45 / 60)
    dot = Area(0.9, 0.9, 0.93, 0.93)
    rows = [
        _row(_scene(tmp_path / "a.png", 1, 0.25), boxes=(("fire", near),)),
        _row(_scene(tmp_path / "b.png", 2, 0.0), boxes=(("fire", dot),)),
        _row(_scene(tmp_path / "c.png", 3, 0.25), boxes=None),
        _row(_scene(tmp_path / "d.png", 4, 0.25), boxes=()),
    ]
    judged = judge(rows, RedDetector(), FakeClock(), pytest.fail)

    everything, small, smallish = box_figures(judged)

    assert (everything.counts.pictures, everything.counts.centred) == (2, 1)
    assert (everything.counts.boxes, everything.counts.agreeing) == (2, 1)
    assert (small.below, small.counts.boxes, small.counts.agreeing) == (0.01, 1, 0)
    assert (smallish.below, smallish.counts.boxes) == (0.05, 1)


def test_without_drawn_boxes_there_are_no_box_figures():
    assert box_figures([_one(0.9, True)]) == []
