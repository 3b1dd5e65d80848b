"""Cameras are found in the network, asked for their streams, and put on the wall."""

import threading
from collections.abc import Iterator

import pytest
from consoles import FakeConsole
from onvif_parts import LOGIN, Simulator, simulator
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from embereye.config.schema import Camera, Settings
from embereye.ingest.onvif_facts import Stream, StreamAddress
from embereye.model.camera_messages import AddCameraAsked
from embereye.runtime.worker import PlainThreads
from embereye.services import camera_finder
from embereye.services.camera_finder import CameraDraft
from embereye.ui.bridge import Bridge
from embereye.ui.camera_actions import CameraActions
from embereye.ui.camera_form import CameraForm
from embereye.ui.find_cameras import FindCameras
from embereye.ui.theme import Tokens


@pytest.fixture
def camera() -> Iterator[Simulator]:
    with simulator("--auth", "token", login=LOGIN) as made:
        yield made


@pytest.fixture
def window(qtbot: object) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _no_search_outlives_its_test(qtbot: object) -> Iterator[None]:
    yield
    qtbot.waitUntil(lambda: not _working(), timeout=10_000)  # type: ignore[attr-defined]


def _working() -> set[str]:
    return {t.name for t in threading.enumerate()} & {"find cameras", "ask camera", "try camera"}


def _dialog(console: FakeConsole, colours: Tokens, window: QWidget) -> FindCameras:
    made = FindCameras(console, colours, PlainThreads(), window)
    made.show()
    return made


def _log_in(dialog: FindCameras, password: str) -> None:
    dialog.user.setText(LOGIN.user)
    dialog.password.setText(password)
    QTest.mouseClick(dialog.streams_button, Qt.MouseButton.LeftButton)


def test_a_camera_is_found_asked_and_put_on_the_wall(
    console: FakeConsole,
    bridge: Bridge,
    window: QWidget,
    colours: Tokens,
    qtbot: object,
    camera: Simulator,
) -> None:
    console.onvif_port = camera.discovery
    actions = CameraActions(console, bridge, window, colours)
    actions.find()
    (dialog,) = window.findChildren(FindCameras)
    qtbot.waitUntil(lambda: dialog.cameras.rowCount() == 1, timeout=10_000)  # type: ignore[attr-defined]
    assert "Searching" in dialog.state.text()  # it is shown before the search has ended
    assert dialog.address.text() == ""  # what arrives chooses nothing
    dialog.camera_table.setCurrentIndex(dialog.cameras.index(0, 0))
    assert str(camera.port) in dialog.address.text()
    _log_in(dialog, LOGIN.password)
    qtbot.waitUntil(lambda: dialog.streams.rowCount() > 1, timeout=10_000)  # type: ignore[attr-defined]
    sizes = [dialog.streams.row(n) for n in range(dialog.streams.rowCount())]
    widths = [stream.width for stream in sizes if stream is not None]
    assert widths == sorted(widths, reverse=True)
    QTest.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    (form,) = window.findChildren(CameraForm)
    source = form.basic.editor("source")
    assert isinstance(source, QLineEdit)
    assert source.text().startswith("rtsp://127.0.0.1")
    assert LOGIN.password not in source.text()
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, AddCameraAsked)
    assert "bob:canary-p%C3%A4ss@127.0.0.1" in str(asked.values["source"])
    assert asked.values["name"]
    assert str(asked.values["onvif"]).startswith(f"http://127.0.0.1:{camera.port}/")
    QTest.keyClicks(dialog.address, "0")
    assert dialog.streams.rowCount() == 0  # those were of another camera
    assert not dialog.add_button.isEnabled()
    actions.find()
    assert len(window.findChildren(FindCameras)) == 1
    dialog.close()


def test_a_wrong_login_is_told_and_not_tried_again(
    console: FakeConsole, window: QWidget, colours: Tokens, qtbot: object, camera: Simulator
) -> None:
    dialog = _dialog(console, colours, window)
    dialog.address.setText(camera.address)
    _log_in(dialog, "wrong")
    assert not dialog.streams_button.isEnabled()
    QTest.keyClick(dialog.password, Qt.Key.Key_Return)
    assert sum(thread.name == "ask camera" for thread in threading.enumerate()) <= 1
    qtbot.waitUntil(lambda: dialog.streams_button.isEnabled(), timeout=10_000)  # type: ignore[attr-defined]
    assert "password" in dialog.error.text()
    assert "wrong" not in dialog.error.text().split()
    assert not dialog.add_button.isEnabled()
    dialog.close()


def test_what_arrives_does_not_change_the_address_that_a_login_goes_to(
    console: FakeConsole, window: QWidget, colours: Tokens, qtbot: object, camera: Simulator
) -> None:
    console.onvif_port = camera.discovery
    dialog = _dialog(console, colours, window)
    QTest.keyClicks(dialog.address, "10.0.0.9")
    qtbot.waitUntil(lambda: dialog.cameras.rowCount() == 1, timeout=10_000)  # type: ignore[attr-defined]
    assert dialog.address.text() == "10.0.0.9"
    assert not dialog.camera_table.currentIndex().isValid()
    dialog.close()


def test_a_late_answer_is_not_shown_for_another_camera(
    console: FakeConsole, window: QWidget, colours: Tokens, qtbot: object, camera: Simulator
) -> None:
    dialog = _dialog(console, colours, window)
    dialog.address.setText(camera.address)
    _log_in(dialog, LOGIN.password)
    dialog.address.setText("10.0.0.9")
    qtbot.waitUntil(lambda: dialog.streams_button.isEnabled(), timeout=10_000)  # type: ignore[attr-defined]
    assert dialog.streams.rowCount() == 0
    assert dialog.error.text() == ""
    dialog.close()


def test_a_login_inside_the_address_is_refused(
    console: FakeConsole, window: QWidget, colours: Tokens
) -> None:
    dialog = _dialog(console, colours, window)
    dialog.address.setText("bob:canary@10.1.2.3")
    QTest.mouseClick(dialog.streams_button, Qt.MouseButton.LeftButton)
    assert "beside" in dialog.error.text()
    assert "ask camera" not in _working()
    dialog.close()


def test_a_corrected_login_replaces_the_proposal(
    console: FakeConsole, bridge: Bridge, window: QWidget, colours: Tokens, qtbot: object
) -> None:
    actions = CameraActions(console, bridge, window, colours)
    values: dict[str, object] = {"id": "a", "name": "A", "source": "rtsp://10.1.2.3/1"}
    for draft in (CameraDraft(values), CameraDraft(values, LOGIN)):
        actions._add_draft(draft)
    (form,) = [form for form in window.findChildren(CameraForm) if form.isVisible()]
    form.save()
    (asked,) = console.asked
    assert isinstance(asked, AddCameraAsked)
    assert "bob:" in str(asked.values["source"])


def test_nobody_there_is_said_with_what_to_do(
    console: FakeConsole,
    window: QWidget,
    colours: Tokens,
    qtbot: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(camera_finder, "SEARCH_SECONDS", 0.4)
    dialog = _dialog(console, colours, window)
    assert not dialog.search_button.isEnabled()
    qtbot.waitUntil(lambda: dialog.search_button.isEnabled(), timeout=10_000)  # type: ignore[attr-defined]
    assert "enter its address" in dialog.state.text()
    dialog.close()


def test_what_is_on_the_wall_already_is_marked(
    console: FakeConsole, window: QWidget, colours: Tokens, qtbot: object, camera: Simulator
) -> None:
    gate = Camera(id="gate", name="Gate", source="rtsp://127.0.0.1/1")
    film = Camera(id="film", name="Film", source="/nowhere/a.mp4")
    console.configured = Settings(cameras=(film, gate))
    console.onvif_port = camera.discovery
    dialog = _dialog(console, colours, window)
    qtbot.waitUntil(lambda: dialog.cameras.rowCount() == 1, timeout=10_000)  # type: ignore[attr-defined]
    shown = [dialog.cameras.index(0, column).data() for column in range(5)]
    assert "on the wall: Gate" in shown
    dialog.close()


def test_closing_ends_the_search(
    console: FakeConsole, window: QWidget, colours: Tokens, qtbot: object
) -> None:
    dialog = _dialog(console, colours, window)
    assert "find cameras" in _working()
    dialog.close()
    qtbot.waitUntil(lambda: not _working(), timeout=2000)  # type: ignore[attr-defined]


def test_a_login_goes_only_with_the_source_it_was_told_for() -> None:
    made = CameraDraft({"id": "a", "name": "A", "source": "rtsp://10.1.2.3/1"}, LOGIN)
    assert LOGIN.password not in repr(made)
    other = {"source": "rtsp://10.1.2.4/1"}
    assert made.completed(other) == other
    assert made.completed({"name": "B"}) == {"name": "B"}
    assert "@10.1.2.3/1" in str(made.completed({"source": "rtsp://10.1.2.3/1"})["source"])
    assert CameraDraft(made.values).completed(dict(made.values)) == made.values


@pytest.mark.parametrize(
    ("name", "taken", "wanted"),
    [
        ("Yard West", (), "yard-west"),
        ("Yard West", ("yard-west",), "yard-west-1"),
        ("Yard West", ("yard-west", "yard-west-1"), "yard-west-2"),
        ("", (), "10-1-2-3"),
        ("火", (), "camera"),
        ("x" * 120, (), "x" * 40),
    ],
)
def test_a_free_id_is_proposed(name: str, taken: tuple[str, ...], wanted: str) -> None:
    address = StreamAddress("rtsp://10.1.2.3/1")
    stream = Stream("t", "main", "o", "h264", 640, 480, 15.0, 0, address=address)
    values = camera_finder.draft(name, stream, None, taken).values
    assert values["id"] == wanted
    Camera.model_validate(values)


def _stream(token: str, height: int, optics: str = "o", codec: str = "h264") -> Stream:
    address = StreamAddress(f"rtsp://10.1.2.3/{token}")
    return Stream(token, token, optics, codec, height * 16 // 9, height, 15.0, 0, address=address)


@pytest.mark.parametrize(
    ("others", "wanted"),
    [
        ((), None),
        ((_stream("a", 360), _stream("b", 720)), "a"),
        ((_stream("tiny", 120), _stream("b", 720)), "b"),
        ((_stream("other lens", 360, "p"),), None),
        ((_stream("audio", 360, codec="jpeg2000"),), None),
        ((_stream("as large", 1000),), None),
    ],
)
def test_a_fitting_sub_stream_is_proposed(others: tuple[Stream, ...], wanted: str | None) -> None:
    main = _stream("main", 1080)
    values = camera_finder.draft("Yard", main, None, (), "", (main, *others)).values
    assert values.get("sub_source") == (wanted and f"rtsp://10.1.2.3/{wanted}")
    Camera.model_validate(values)
