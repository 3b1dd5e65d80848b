"""Cameras are added, changed, ordered, removed and exchanged on their page."""

import socket
import threading
from collections.abc import Iterator

import pytest
from consoles import FakeConsole, camera
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from embereye.config.schema import Camera, Settings
from embereye.model.camera_messages import (
    AddCameraAsked,
    EditCameraAsked,
    MoveCameraAsked,
    RemoveCameraAsked,
)
from embereye.model.ids import CameraId
from embereye.model.messages import RequestRefused
from embereye.runtime.worker import PlainThreads
from embereye.services import camera_csv
from embereye.ui.beside import Question
from embereye.ui.bridge import Bridge
from embereye.ui.camera_actions import CameraActions
from embereye.ui.camera_form import CameraForm
from embereye.ui.cameras_page import CamerasPage
from embereye.ui.theme import Tokens

_GATE = Camera(id="gate", name="Gate", source="rtsp://10.1.2.3/1", user="admin")
_YARD = Camera(id="yard", name="Yard", source="rtsp://10.1.2.4/1")


@pytest.fixture
def window(qtbot: object) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture
def page(
    console: FakeConsole,
    clock: FakeClock,
    colours: Tokens,
    bridge: Bridge,
    window: QWidget,
    qtbot: object,
) -> CamerasPage:
    console.configured = Settings(cameras=(_GATE, _YARD))
    console.show_cameras(camera("gate", clock), camera("yard", clock))
    made = CamerasPage(console, colours, CameraActions(console, bridge, window, colours))
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.show()
    return made


def _form(console: FakeConsole, bridge: Bridge, window: QWidget, row: Camera | None) -> CameraForm:
    console.configured = Settings(cameras=(_GATE, _YARD))
    made = CameraForm(console, bridge, PlainThreads(), row, window)
    made.show()
    return made


def _type(form: CameraForm, name: str, text: str) -> None:
    editor = form.basic.editor(name)
    assert isinstance(editor, QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, text)


def test_a_new_camera_is_asked_for(console: FakeConsole, bridge: Bridge, window: QWidget) -> None:
    form = _form(console, bridge, window, None)
    for name, text in (("id", "dock"), ("name", "Dock"), ("source", "rtsp://u:pw@10.1.2.5/1")):
        _type(form, name, text)
    form.save()
    values = {"id": "dock", "name": "Dock", "source": "rtsp://u:pw@10.1.2.5/1"}
    assert console.asked == [AddCameraAsked(values, "operator")]
    assert "pw" not in repr(console.asked)


def test_only_what_was_changed_is_asked_for(
    console: FakeConsole, bridge: Bridge, window: QWidget
) -> None:
    form = _form(console, bridge, window, _GATE)
    _type(form, "group", "Outside")
    form.save()
    wanted = EditCameraAsked(CameraId("gate"), {"group": "Outside"}, "operator")
    assert console.asked == [wanted]


def test_it_closes_when_the_change_is_in_force(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object
) -> None:
    form = _form(console, bridge, window, _GATE)
    _type(form, "group", "Outside")
    with qtbot.waitSignal(form.accepted, timeout=5000):  # type: ignore[attr-defined]
        form.save()
        changed = _GATE.model_copy(update={"group": "Outside"})
        console.configured = Settings(cameras=(changed, _YARD), revision=1)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("source", "gopher://10.1.2.3/", "source"),
        ("source", "", "source"),
        ("name", "", "name"),
        ("id", "a b", "id"),
    ],
)
def test_what_is_wrong_is_told_and_not_asked_for(
    console: FakeConsole, bridge: Bridge, window: QWidget, name: str, text: str, said: str
) -> None:
    form = _form(console, bridge, window, None)
    for field, good in (("id", "dock"), ("name", "Dock"), ("source", "rtsp://10.1.2.5/1")):
        _type(form, field, good)
    _type(form, name, text)
    form.save()
    assert console.asked == []
    assert form.error.text().startswith(said)


def test_a_refusal_keeps_the_form_open(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object
) -> None:
    form = _form(console, bridge, window, _GATE)
    _type(form, "name", "Other")
    form.save()
    bridge.deliver([RequestRefused("name is fixed by policy", "operator", "camera:gate")])
    qtbot.waitUntil(lambda: "policy" in form.error.text(), timeout=5000)  # type: ignore[attr-defined]
    assert form.isVisible()


def test_cameras_change_their_order_by_keys(page: CamerasPage, console: FakeConsole) -> None:
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.earlier.trigger()
    page.later.trigger()  # already the last
    assert console.asked == [MoveCameraAsked(CameraId("yard"), 0, "operator")]


def test_a_camera_is_removed_only_by_the_button_that_says_so(
    page: CamerasPage, console: FakeConsole, window: QWidget
) -> None:
    page.remove.trigger()
    (question,) = window.findChildren(Question)
    QTest.keyClick(question, Qt.Key.Key_Return)
    assert console.asked == []
    page.remove.trigger()
    question = window.findChildren(Question)[-1]
    QTest.mouseClick(question.verb, Qt.MouseButton.LeftButton)
    assert console.asked == [RemoveCameraAsked(CameraId("gate"), "operator")]


def test_each_question_removes_the_camera_that_it_names(
    page: CamerasPage, console: FakeConsole, window: QWidget
) -> None:
    page.remove.trigger()
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.remove.trigger()
    first, second = window.findChildren(Question)
    assert "gate" in first.text().lower()
    QTest.mouseClick(first.verb, Qt.MouseButton.LeftButton)
    QTest.mouseClick(second.verb, Qt.MouseButton.LeftButton)
    asked = [RemoveCameraAsked(CameraId(name), "operator") for name in ("gate", "yard")]
    assert console.asked == asked


def test_the_list_is_written_and_read_again() -> None:
    cameras = [_GATE, _YARD.model_copy(update={"hardware": "vaapi"})]
    rows = camera_csv.read(camera_csv.write(cameras))
    assert [Camera.model_validate(row) for row in rows] == cameras


def _enter(form: CameraForm, source: str) -> None:
    for field, text in (("id", "dock"), ("name", "Dock"), ("source", source)):
        _type(form, field, text)


def _press(form: CameraForm) -> None:
    QTest.mouseClick(form.trial.button, Qt.MouseButton.LeftButton)


def test_a_camera_is_tried_before_it_is_saved(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object
) -> None:
    form = _form(console, bridge, window, None)
    _enter(form, "testcard:640x360")
    _press(form)
    assert form.trial.button.text() == "Cancel test"
    qtbot.waitUntil(lambda: "It works" in form.trial.result.text(), timeout=15_000)  # type: ignore[attr-defined]
    assert "640×360" in form.trial.result.text()
    assert form.trial.button.text() == "Test"
    assert console.asked == []
    _type(form, "source", "testcard:320x240")
    assert form.trial.result.text() == ""  # that was another one


def test_a_camera_that_does_not_answer_says_so(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object, closed_port: int
) -> None:
    form = _form(console, bridge, window, None)
    _enter(form, f"rtsp://u:canary@127.0.0.1:{closed_port}/1")
    _press(form)
    qtbot.waitUntil(lambda: "does not work" in form.trial.result.text(), timeout=15_000)  # type: ignore[attr-defined]
    assert "canary" not in form.trial.result.text()
    assert console.trials[0].login is not None
    assert form.isVisible()


def test_a_wrong_entry_is_told_and_not_tried(
    console: FakeConsole, bridge: Bridge, window: QWidget
) -> None:
    form = _form(console, bridge, window, None)
    _enter(form, "gopher://10.1.2.3/")
    _press(form)
    assert console.trials == []
    assert form.error.text().startswith("source")


def test_what_was_changed_meanwhile_was_not_tested(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object
) -> None:
    form = _form(console, bridge, window, None)
    _enter(form, "testcard:640x360")
    _press(form)
    _type(form, "source", "testcard:320x240")
    qtbot.waitUntil(lambda: form.trial.button.text() == "Test", timeout=5000)  # type: ignore[attr-defined]
    assert form.trial.result.text() == ""


def test_a_trial_ends_when_it_is_cancelled(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object
) -> None:
    form = _form(console, bridge, window, None)
    _enter(form, "testcard:640x360")
    _press(form)
    _press(form)
    assert not form.trial.button.isEnabled()
    qtbot.waitUntil(lambda: "cancelled" in form.trial.result.text(), timeout=2500)  # type: ignore[attr-defined]
    assert form.trial.button.isEnabled()


def test_a_trial_ends_when_the_form_is_closed(
    console: FakeConsole, bridge: Bridge, window: QWidget, qtbot: object
) -> None:
    form = _form(console, bridge, window, None)
    _enter(form, "testcard:640x360")
    _press(form)
    form.close()
    names = lambda: [thread.name for thread in threading.enumerate()]  # noqa: E731
    qtbot.waitUntil(lambda: "try camera" not in names(), timeout=2500)  # type: ignore[attr-defined]
    assert console.trials


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
