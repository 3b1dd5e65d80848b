"""From the words of the settings to the detectors of each camera."""

from pathlib import Path

import pytest

from embereye.config.schema import Settings
from embereye.model.ids import CameraId
from embereye.services.model_choice import built_in_model, camera_looks, looks_of
from embereye.vision.looks import CameraLooks, ModelChoice

PERSONS = Path("/data/models/persons/1/model.onnx")


def _imported(name: str) -> Path | None:
    return PERSONS if name == "persons" else None


def test_names_are_taken_in_order_and_once():
    looks = camera_looks(" persons , /m/cars.onnx,,persons ", _imported)

    assert looks.models == (
        ModelChoice("persons", str(PERSONS)),
        ModelChoice("/m/cars.onnx", "/m/cars.onnx"),
    )
    assert not looks.remote


def test_remote_is_no_file():
    assert camera_looks("remote, persons", _imported) == CameraLooks(
        (ModelChoice("persons", str(PERSONS)),), remote=True
    )


def test_a_name_that_nobody_imported_has_no_file():
    assert camera_looks("dogs", _imported).models == (ModelChoice("dogs", ""),)


def test_built_in_is_the_shipped_model_where_there_is_one():
    shipped = built_in_model()

    expected = ModelChoice("built-in", str(shipped) if shipped else "")
    assert camera_looks("built-in", _imported).models == (expected,)


@pytest.mark.parametrize("name", ["C:\\models\\x.onnx", "./x", "sub/x.ONNX"])
def test_what_looks_like_a_file_is_one(name: str):
    assert camera_looks(name, _imported).models == (ModelChoice(name, name),)


def test_cameras_have_their_own_list_or_that_of_all():
    settings = Settings.model_validate(
        {
            "detection": {"model": "persons"},
            "cameras": [
                {"id": "yard", "name": "Yard", "source": "rtsp://h/1"},
                {"id": "hall", "name": "Hall", "source": "rtsp://h/2", "models": ""},
                {"id": "gate", "name": "Gate", "source": "rtsp://h/3", "models": "remote"},
                {"id": "off", "name": "Off", "source": "rtsp://h/4", "enabled": False},
                {"id": "blind", "name": "Blind", "source": "rtsp://h/5", "detect": False},
            ],
        }
    )

    cameras = looks_of(settings, _imported, None).cameras

    assert cameras == {
        CameraId("yard"): CameraLooks((ModelChoice("persons", str(PERSONS)),)),
        CameraId("hall"): CameraLooks(),
        CameraId("gate"): CameraLooks(remote=True),
    }


@pytest.mark.parametrize(
    ("zones", "lines", "follow"),
    [
        ([], [], False),
        ([{"labels": ["fire"]}], [], False),
        ([{"labels": ["fire", "person"]}], [], True),
        ([{"labels": []}], [], True),
        ([{"labels": ["person"], "kind": "exclude"}], [], False),
        ([], [{}], True),
    ],
)
def test_objects_are_followed_where_areas_or_lines_are_about_them(zones, lines, follow: bool):
    drawn = {"id": "a", "name": "A", "points": [(0.1, 0.1), (0.9, 0.1), (0.5, 0.9)]}
    camera = {
        "id": "yard", "name": "Yard", "source": "rtsp://h/1",
        "zones": [drawn | zone for zone in zones], "lines": [drawn | line for line in lines],
    }  # fmt: skip
    settings = Settings.model_validate({"cameras": [camera]})
    assert looks_of(settings, _imported, None).of(CameraId("yard")).follow is follow
