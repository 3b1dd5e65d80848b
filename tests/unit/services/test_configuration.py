"""Requests that change settings: saved, secrets apart, refusals in words."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from embereye.config.load import Layers
from embereye.config.schema import Camera
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsChanged, SettingsStore
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import (
    AssignDeviceAsked,
    CameraPasswordAsked,
    CameraSourceAsked,
    EnableCameraAsked,
    RequestRefused,
    RetryCameraAsked,
)
from embereye.services.configuration import Configuration

_ONE = CameraId("one")


class _Desk:
    """A configuration service in its thread, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        camera = Camera(id="one", name="One", source="rtsp://10.0.0.5/s", user="viewer")
        self.store.save({"cameras": (camera,)}, 0)
        self.secrets = FileSecrets(folder)
        self.posted: list[object] = []
        self.refused: list[str] = []
        self._done = Event()
        self.service = Configuration(self.store, self.secrets, self._post, self._publish)

    def _post(self, message: object) -> None:
        self.posted.append(message)
        if isinstance(message, SettingsChanged):
            self._done.set()

    def _publish(self, message: object) -> None:
        assert isinstance(message, RequestRefused)
        self.refused.append(message.text)
        self._done.set()

    def ask(self, request: object) -> None:
        """Ask, and wait until it was done or refused."""
        self.service.ask(request)
        self.start()

    def start(self) -> None:
        """Run it until something was done or refused."""
        stop = Event()
        thread = Thread(target=self.service.run, args=(stop,))
        self._done.clear()
        thread.start()
        assert self._done.wait(10.0)
        stop.set()
        thread.join(10.0)


@pytest.fixture
def desk(tmp_path: Path) -> _Desk:
    return _Desk(tmp_path)


@pytest.mark.parametrize(
    ("request_", "check"),
    [
        (EnableCameraAsked(_ONE, False, "op"), lambda s: s.cameras[0].enabled is False),
        (
            AssignDeviceAsked(DeviceId("77"), "Seven", PlaceId("one"), _ONE, "op"),
            lambda s: (s.devices[0].id, s.devices[0].camera) == ("77", "one"),
        ),
        (
            CameraPasswordAsked(_ONE, "admin", "secret-1", "op"),
            lambda s: s.cameras[0].user == "admin",
        ),
        (
            CameraSourceAsked(_ONE, "rtsp://joe:secret-1@10.0.0.6/s", "op"),
            lambda s: (s.cameras[0].source, s.cameras[0].user) == ("rtsp://10.0.0.6/s", "joe"),
        ),
    ],
)
def test_a_request_is_saved_and_told(
    desk: _Desk, request_: object, check: Callable[[object], bool]
) -> None:
    desk.ask(request_)
    assert desk.refused == []
    assert check(desk.store.current)


def test_passwords_go_to_the_secret_store_and_nowhere_else(desk: _Desk, tmp_path: Path) -> None:
    desk.ask(CameraPasswordAsked(_ONE, "viewer", "canary-5521", "op"))
    assert desk.secrets.read("camera/one") == "canary-5521"
    assert not any(b"canary-5521" in p.read_bytes() for p in tmp_path.iterdir())
    assert "canary-5521" not in repr(CameraPasswordAsked(_ONE, "viewer", "canary-5521", "op"))


def test_a_password_written_into_the_file_moves_to_the_secret_store(
    desk: _Desk, tmp_path: Path
) -> None:
    camera = Camera(id="one", name="One", source="rtsp://joe:canary-5521@10.0.0.5/s")
    desk.store.save({"cameras": (camera,)}, desk.store.current.revision)
    desk.start()
    assert desk.secrets.read("camera/one") == "canary-5521"
    assert desk.store.current.cameras[0].user == "joe"
    assert not any(b"canary-5521" in p.read_bytes() for p in tmp_path.iterdir())


def test_a_password_in_the_sub_stream_moves_as_well(desk: _Desk, tmp_path: Path) -> None:
    sub = "rtsp://joe:canary-5521@10.0.0.5/sub"
    camera = Camera(id="one", name="One", source="rtsp://10.0.0.5/s", sub_source=sub)
    desk.store.save({"cameras": (camera,)}, desk.store.current.revision)
    desk.start()
    assert desk.secrets.read("camera/one") == "canary-5521"
    row = desk.store.current.cameras[0]
    assert (row.user, row.sub_source) == ("joe", "rtsp://10.0.0.5/sub")
    assert not any(b"canary-5521" in p.read_bytes() for p in tmp_path.iterdir())


def test_a_new_password_is_tried_at_once(desk: _Desk) -> None:
    desk.ask(CameraPasswordAsked(_ONE, "viewer", "new-password", "op"))
    assert RetryCameraAsked(_ONE, "op") in desk.posted


def test_a_hidden_login_keeps_the_stored_one(desk: _Desk) -> None:
    desk.secrets.write("camera/one", "kept-secret")
    desk.ask(CameraSourceAsked(_ONE, "rtsp://***@10.0.0.7/s", "op"))
    assert desk.store.current.cameras[0].source == "rtsp://10.0.0.7/s"
    assert desk.store.current.cameras[0].user == "viewer"
    assert desk.secrets.read("camera/one") == "kept-secret"


def _edit(desk: _Desk, folder: Path, text: str) -> None:
    """Write the settings file as an administrator would, and let the service see it."""
    stop = Event()
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    thread = Thread(target=desk.service.run, args=(stop,))
    thread.start()
    assert desk._done.wait(10.0)
    stop.set()
    thread.join(10.0)


def test_an_edited_file_is_in_force_without_a_restart(desk: _Desk, tmp_path: Path) -> None:
    _edit(desk, tmp_path, 'operator = "night shift"\n')
    assert desk.store.current.operator == "night shift"
    assert any(isinstance(message, SettingsChanged) for message in desk.posted)


def test_a_wrong_edit_changes_nothing_and_is_told_once(desk: _Desk, tmp_path: Path) -> None:
    before = desk.store.current
    _edit(desk, tmp_path, "[sensors]\nport = 99999\n")
    assert desk.store.current == before
    assert len(desk.refused) == 1
    assert "sensors.port" in desk.refused[0]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (CameraSourceAsked(_ONE, "ftp://10.0.0.5/x", "op"), "must start with rtsp://"),
        (EnableCameraAsked(CameraId("gone"), True, "op"), "no camera gone"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(desk: _Desk, request_: object, words: str) -> None:
    before = desk.store.current
    desk.ask(request_)
    assert words in desk.refused[0]
    assert desk.store.current == before
