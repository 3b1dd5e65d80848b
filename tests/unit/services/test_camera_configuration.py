"""Cameras are added, changed, moved and imported whole or not at all; passwords stay secret."""

import sys
from pathlib import Path

import pytest

from embereye.config.load import Layers
from embereye.config.schema import Camera
from embereye.config.store import SettingsStore
from embereye.ingest.source import parse
from embereye.model.camera_messages import (
    AddCameraAsked,
    EditCameraAsked,
    ImportCamerasAsked,
    MoveCameraAsked,
    RemoveCameraAsked,
)
from embereye.model.errors import ConfigError, EmberEyeError
from embereye.model.ids import CameraId
from embereye.services.camera_configuration import (
    CameraConfiguration,
    changed_camera,
    twins,
)

_GATE = CameraId("gate")


class _Desk:
    """The configuration of two cameras, with what it keeps and notes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "settings.toml"
        self.store = SettingsStore(Layers(self.path, environment={}))
        rows = (
            Camera(id="gate", name="Gate", source="rtsp://10.1.2.3/1", user="admin"),
            Camera(id="yard", name="Yard", source="rtsp://10.1.2.4/1"),
        )
        self.store.save({"cameras": rows}, 0)
        self.kept: dict[str, str] = {}
        self.audit: list[tuple[str, str, str]] = []
        self.service = CameraConfiguration(
            self.store,
            self.kept.__setitem__,
            lambda camera: self.kept.pop(camera, None),
            lambda *row: self.audit.append(row),
        )

    def ask(self, request: object) -> None:
        self.service.doers[type(request)](request)

    @property
    def cameras(self) -> dict[str, Camera]:
        return {camera.id: camera for camera in self.store.current.cameras}


_NEW = {"id": "dock", "name": "Dock", "source": "rtsp://10.1.2.5/live"}


@pytest.fixture
def desk(tmp_path: Path) -> _Desk:
    return _Desk(tmp_path)


def test_a_camera_is_added_and_its_password_goes_to_the_secret_store(desk: _Desk) -> None:
    source = "rtsp://admin:s3cret@10.1.2.5/live"
    desk.ask(AddCameraAsked({"id": "dock", "name": "Dock", "source": source}, "ada"))
    assert desk.cameras["dock"].source == "rtsp://10.1.2.5/live"
    assert (desk.cameras["dock"].user, desk.kept) == ("admin", {"dock": "s3cret"})
    assert "s3cret" not in desk.path.read_text() + str(desk.audit)


@pytest.mark.parametrize(
    ("source", "saved"),
    [
        ("folder:Front Door", "folder:front_door"),
        ("testcard:640x360", "testcard:640x360"),
        ("TestCard:", "testcard:1920x1080"),
        ("sequence:stills", "sequence:{folder}/stills"),
        ("stills/a.mp4", "{folder}/stills/a.mp4"),
        ("/dev/video2" if sys.platform == "linux" else "2", "2"),
    ],
)
def test_every_kind_of_source_is_saved_as_what_it_is(
    desk: _Desk, tmp_path: Path, source: str, saved: str
) -> None:
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills" / "a.mp4").touch()
    desk.store.save({"media_folders": (str(tmp_path),)}, desk.store.current.revision)
    desk.ask(AddCameraAsked({"id": "dock", "name": "Dock", "source": source}, "ada"))
    row = desk.cameras["dock"]
    assert row.source == saved.format(folder=tmp_path.resolve())
    folders = [tmp_path]
    assert parse(row.source, folders) == parse(source, folders)
    desk.ask(EditCameraAsked(CameraId("dock"), {"source": row.source, "group": "A"}, "ada"))
    assert desk.cameras["dock"].source == row.source


def test_an_unchanged_masked_source_keeps_the_stored_password(desk: _Desk) -> None:
    values = {"source": "rtsp://admin:***@10.1.2.3/2"}
    desk.ask(EditCameraAsked(_GATE, values, "ada"))
    assert desk.cameras["gate"].source.endswith("/2")
    assert desk.kept == {}


def test_the_sub_stream_is_checked_and_kept_without_its_password(desk: _Desk) -> None:
    values = {"sub_source": "rtsp://admin:s3cret@10.1.2.3/sub"}
    desk.ask(EditCameraAsked(_GATE, values, "ada"))
    assert desk.cameras["gate"].sub_source == "rtsp://10.1.2.3/sub"
    assert desk.kept == {"gate": "s3cret"}
    desk.ask(EditCameraAsked(_GATE, {"sub_source": "rtsp://admin:***@10.1.2.3/sub2"}, "ada"))
    assert desk.cameras["gate"].sub_source == "rtsp://10.1.2.3/sub2"
    desk.ask(EditCameraAsked(_GATE, {"sub_source": ""}, "ada"))
    assert desk.cameras["gate"].sub_source == ""


def test_the_login_of_the_main_stream_counts(desk: _Desk) -> None:
    values = {
        "source": "rtsp://admin:main-one@10.1.2.3/1",
        "sub_source": "rtsp://other:sub-one@10.1.2.3/2",
    }
    desk.ask(EditCameraAsked(_GATE, values, "ada"))
    assert (desk.cameras["gate"].user, desk.kept) == ("admin", {"gate": "main-one"})


def test_a_wrong_sub_stream_is_named(desk: _Desk) -> None:
    with pytest.raises(ConfigError) as refused:
        changed_camera(desk.store.current, None, {**_NEW, "sub_source": "concat:/etc/passwd"})
    assert refused.value.problems[0].startswith("sub_source: ")


def test_other_options_stay_when_one_is_changed(desk: _Desk) -> None:
    desk.ask(EditCameraAsked(_GATE, {"group": "Outside"}, "ada"))
    gate = desk.cameras["gate"]
    assert (gate.group, gate.name, gate.user) == ("Outside", "Gate", "admin")


@pytest.mark.parametrize(
    "values",
    [
        {"id": "gate", "name": "Twice", "source": "0"},
        {"id": "a b", "name": "Bad id", "source": "0"},
        {"id": "new", "name": "", "source": "0"},
        {"id": "new", "name": "New", "source": "gopher://10.1.2.3/"},
        {"id": "new", "name": "New", "source": "rtsp://10.1.2.3/", "open_timeout": 9000},
        {"id": "new", "name": "New"},
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(
    desk: _Desk, values: dict[str, object]
) -> None:
    with pytest.raises(ConfigError) as error:
        desk.ask(AddCameraAsked(values, "ada"))
    assert error.value.problems
    assert set(desk.cameras) == {"gate", "yard"}


def test_a_new_camera_never_gets_the_password_of_a_former_one(desk: _Desk) -> None:
    desk.kept["gate"] = "old"
    desk.ask(RemoveCameraAsked(_GATE, "ada"))
    assert desk.kept == {}
    values = {"id": "gate", "name": "Gate", "source": "rtsp://admin:@10.9.9.9/1"}
    desk.ask(AddCameraAsked(values, "ada"))
    assert desk.kept == {"gate": ""}


def test_cameras_are_put_in_another_order(desk: _Desk) -> None:
    desk.ask(MoveCameraAsked(CameraId("yard"), 0, "ada"))
    assert list(desk.cameras) == ["yard", "gate"]
    desk.ask(MoveCameraAsked(CameraId("yard"), 99, "ada"))
    assert list(desk.cameras) == ["gate", "yard"]


def test_a_removed_camera_is_gone_and_noted(desk: _Desk) -> None:
    desk.ask(RemoveCameraAsked(_GATE, "ada"))
    assert set(desk.cameras) == {"yard"}
    assert desk.audit == [("gate", "ada", "camera removed")]


def test_an_import_is_whole_or_nothing(desk: _Desk) -> None:
    rows = ({"id": "gate", "group": "A"}, {"id": "n1", "name": "N", "source": "javascript:1"})
    with pytest.raises(ConfigError) as error:
        desk.ask(ImportCamerasAsked(rows, "ada"))
    assert "row 2" in error.value.problems[0]
    assert desk.cameras["gate"].group == ""


def test_an_import_adds_and_changes(desk: _Desk) -> None:
    rows = (
        {"id": "gate", "group": "A"},
        {"id": "n1", "name": "N", "source": "rtsp://u:pw@10.9.9.9/"},
    )
    desk.ask(ImportCamerasAsked(rows, "ada"))
    assert (desk.cameras["gate"].group, desk.kept) == ("A", {"n1": "pw"})


def test_a_camera_that_vanished_is_told(desk: _Desk) -> None:
    with pytest.raises(EmberEyeError, match="no camera nobody any more"):
        desk.ask(RemoveCameraAsked(CameraId("nobody"), "ada"))


def test_requests_show_no_password() -> None:
    source = "rtsp://admin:s3cret@10.1.2.5/live"
    for request in (
        AddCameraAsked({"id": "a", "source": source}, "ada"),
        EditCameraAsked(_GATE, {"source": source}, "ada"),
        ImportCamerasAsked(({"source": source},), "ada"),
    ):
        assert "s3cret" not in repr(request)


def test_cameras_with_one_source_are_found() -> None:
    rows = [Camera(id=i, name=i, source=s) for i, s in (("a", "0"), ("b", "1"), ("c", "0"))]
    assert twins(rows) == {"c": "a"}
