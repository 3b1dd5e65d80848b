"""From settings to upload folders and FTP accounts."""

import logging
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeClock

from embereye.config.schema import Camera
from embereye.config.upload_options import Ftp, Uploads
from embereye.ingest.camera_view import Detecting
from embereye.ingest.upload_setup import ftp_accounts, upload_parts
from embereye.ingest.views import Views
from embereye.model.frame import Frame
from embereye.model.ids import CameraId

_GATE = CameraId("gate")


def _camera(ident: str, source: str, user: str = "") -> Camera:
    return Camera(id=ident, name=ident, source=source, user=user)


def test_each_upload_camera_with_a_password_has_an_account() -> None:
    cameras = [
        _camera("gate", "folder:Front Door"),
        _camera("yard", "folder:yard", "foscam"),
        _camera("bare", "folder:bare"),
        _camera("hall", "rtsp://10.0.0.1/live", "admin"),
        _camera("bad", "nonsense://x"),
    ]
    secrets = {"gate": "one", "yard": "two", "hall": "three"}
    accounts = ftp_accounts(cameras, secrets.get)
    assert {user: a.folder for user, a in accounts.items()} == {
        "gate": "front_door",
        "foscam": "yard",
    }
    assert accounts["foscam"].password == "two"


def test_two_cameras_with_one_user_name_are_told(caplog: pytest.LogCaptureFixture) -> None:
    cameras = [_camera("a", "folder:a", "same"), _camera("b", "folder:b", "same")]
    with caplog.at_level(logging.ERROR):
        accounts = ftp_accounts(cameras, lambda camera: f"secret of {camera}")
    assert accounts["same"].folder == "a"
    assert "camera b" in caplog.text
    assert "secret" not in caplog.text


def test_without_a_root_there_are_no_uploads(tmp_path: Path) -> None:
    assert upload_parts(Uploads(), tmp_path, Views(), lambda _c: None, lambda _m: None) is None


def test_a_picture_is_examined_when_detection_took_it(tmp_path: Path, clock: FakeClock) -> None:
    views = Views()
    parts = upload_parts(
        Uploads(root=str(tmp_path), largest_file=7),
        tmp_path,
        views,
        lambda _c: None,
        lambda _m: None,
    )
    assert parts is not None
    assert parts.site.largest == 7_000_000
    assert parts.site.examined("gate")  # unknown to detection
    view = views.add(_GATE, Detecting(8.0))
    pixels = np.zeros((2, 2, 3), dtype=np.uint8)
    view.frames.put(Frame(_GATE, pixels, 1, clock.now(), 0.0, 2, 2))
    assert not parts.site.examined("gate")
    views.take(_GATE)
    assert parts.site.examined("gate")
    view.frames.put(Frame(_GATE, pixels, 2, clock.now(), 0.0, 2, 2))
    views.add(_GATE, Detecting(0.0))  # detection is switched off
    assert parts.site.examined("gate")


@pytest.mark.parametrize(
    "fields",
    [
        {"passive_first": 3000},
        {"passive_last": 3000},
        {"passive_first": 3001, "passive_last": 3000},
        {"certificate": "a.pem"},
        {"key": "a.pem"},
        {"tls": "yes"},
        {"port": 70_000},
    ],
)
def test_ftp_options_that_do_not_fit_together_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Ftp.model_validate(fields)
