"""From a camera's settings to something that can be opened."""

import pytest
from fakes import FakeClock

from embereye.config.schema import Camera
from embereye.ingest.opener import opener_of
from embereye.model.errors import CameraRefused


def _camera(**changes: object) -> Camera:
    fields = {"id": "one", "name": "Gate", "source": "rtsp://127.0.0.1:9/x", "user": "viewer"}
    return Camera.model_validate({**fields, **changes})


def test_a_missing_password_is_asked_for_and_never_tried(clock: FakeClock) -> None:
    _, build = opener_of(_camera(), (), lambda _camera: None, clock)
    with pytest.raises(CameraRefused, match="No password is stored for Gate"):
        build(lambda _s: None).open()


def test_an_empty_password_that_was_entered_is_tried(clock: FakeClock) -> None:
    _, build = opener_of(_camera(open_timeout=1.0), (), lambda _camera: "", clock)
    with pytest.raises(Exception, match="refuses connections"):
        build(lambda _s: None).open()
