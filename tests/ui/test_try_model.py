"""The dialog that tries a model on a clip, a picture or a camera."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from consoles import FakeConsole, camera
from dialog_parts import chooser
from fakes import FakeClock
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embereye.model.detection import Detection, DetectionResult
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.services.clip_trial import TrialStep
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.thread_host import QtThreads
from embereye.ui.trial_view import ScoreCurves, TrialPicture
from embereye.ui.try_model_dialog import TryModelDialog

_LONG = 30_000  # ms; a detector process starts within, also on a loaded machine


@pytest.fixture
def dialog(console: FakeConsole, colours: Tokens, qtbot: QtBot) -> Iterator[TryModelDialog]:
    console.clock = SystemClock()
    console.show_cameras(camera("gate", console.clock))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    threads = QtThreads()
    models = (("Heuristic only", ""), ("Gone", "/absent/model.onnx"))
    made = TryModelDialog(models, console, Demands(console, 25.0), threads, colours, window)
    made.show()
    yield made
    window.close()
    qtbot.waitUntil(lambda: all(h.isFinished() for h in tuple(threads._running)), timeout=_LONG)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "a.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120))
    for _ in range(20):
        writer.write(np.full((120, 160, 3), 90, np.uint8))
    writer.release()
    return path


def _step(time: float, fire: float = 0.1) -> TrialStep:
    stamp = Stamp(time, time)
    seen = (Detection("fire", 0.8, 60, 30, 20, 20), Detection("fire", 0.7, 62, 30, 20, 20))
    result = DetectionResult(
        CameraId("file"), 0, stamp, stamp, seen, fire, 0.0, True, "x", 0.01, (160, 120)
    )
    _, coded = cv2.imencode(".jpg", np.full((120, 160, 3), 90, np.uint8))
    return TrialStep(time, result, coded.tobytes(), frozenset())


def _ended(dialog: TryModelDialog) -> bool:
    return dialog.start_button.text() != "Cancel" and dialog.file_button.isEnabled()


def test_a_chosen_clip_is_tried_and_told(dialog: TryModelDialog, clip: Path, qtbot: QtBot):
    assert not dialog.start_button.isEnabled()
    dialog.file_button.click()
    chooser(dialog).chosen.emit(str(clip))
    assert dialog.start_button.text() == "Cancel"
    assert not dialog.file_button.isEnabled()

    qtbot.waitUntil(lambda: _ended(dialog), timeout=_LONG)

    assert dialog.outcome.text() == "A camera would have raised no alarm."
    assert dialog.facts.whole.startswith("Picture 10 of 10")
    assert dialog.picture.step is not None
    dialog.curves.chosen.emit(0)
    assert dialog.facts.whole.startswith("Picture 1 of 10, 0.0 s")


def test_a_trial_can_be_cancelled(dialog: TryModelDialog, clip: Path, qtbot: QtBot):
    dialog.try_file(str(clip))
    dialog.start_button.click()
    assert not dialog.start_button.isEnabled()
    qtbot.waitUntil(lambda: _ended(dialog), timeout=_LONG)
    assert dialog.start_button.text() == "Try again"


def test_a_model_that_cannot_be_used_is_said(dialog: TryModelDialog, clip: Path, qtbot: QtBot):
    dialog.model.setCurrentIndex(1)
    dialog.try_file(str(clip))
    qtbot.waitUntil(lambda: _ended(dialog), timeout=_LONG)
    assert "model.onnx" in dialog.outcome.text()
    assert dialog.outcome.property("role") == "fire"


def test_the_newest_picture_of_a_camera_is_tried(
    dialog: TryModelDialog, console: FakeConsole, qtbot: QtBot
):
    console.put_picture("gate", 640, 480)
    dialog.take_button.click()
    qtbot.waitUntil(lambda: "never raises an alarm" in dialog.outcome.text(), timeout=_LONG)
    assert dialog.subject.whole == "Newest picture of " + dialog.camera.currentText()


def test_a_camera_without_a_picture_is_said(
    dialog: TryModelDialog, console: FakeConsole, clock: FakeClock, qtbot: QtBot
):
    console.clock = clock
    dialog.take_button.click()
    clock.advance(4.0)
    qtbot.waitUntil(lambda: bool(dialog.outcome.text()), timeout=_LONG)
    assert "nothing was taken" in dialog.outcome.text()
    assert dialog.take_button.isEnabled()


def test_closing_ends_the_trial(dialog: TryModelDialog, clip: Path):
    dialog.try_file(str(clip))
    trial = dialog._trial
    assert trial is not None
    dialog.close()
    assert trial._stop.is_set()


def test_keys_and_mouse_choose_a_picture(qtbot: QtBot, colours: Tokens):
    curves = ScoreCurves(colours, (0.7, 0.6))
    qtbot.addWidget(curves)
    curves.resize(400, 132)
    chosen: list[int] = []
    curves.chosen.connect(chosen.append)
    curves.show_steps([_step(float(n)) for n in range(5)], 4.0, 2)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(curves, key)
    QTest.mouseClick(curves, Qt.MouseButton.LeftButton, pos=QPointF(398, 60).toPoint())
    assert chosen == [1, 3, 0, 4, 4]


def test_boxes_lie_where_they_were_found(qtbot: QtBot, colours: Tokens):
    picture = TrialPicture(colours)
    qtbot.addWidget(picture)
    picture.resize(640, 480)
    picture.show_step(_step(0.0, 0.9))
    shot = picture.grab().toImage()
    # The box starts at 60 of 160 px, four screen px each, and is painted in the colour of fire.
    assert shot.pixelColor(4 * 60, 4 * 40).name() == colours.fire.lower()
    assert shot.pixelColor(4 * 40, 4 * 40).name() != colours.fire.lower()


def test_without_cameras_none_can_be_asked(
    console: FakeConsole, colours: Tokens, qtbot: QtBot, clock: FakeClock
):
    made = TryModelDialog((), console, Demands(console, 25.0), QtThreads(), colours)
    qtbot.addWidget(made)
    assert not made.take_button.isEnabled()
    assert not made.start_button.isEnabled()
